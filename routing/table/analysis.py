"""The static analysis of a table before it is saved: what no case reaches, what overlaps, contradicts, or is left out.

Rows are compared as boxes over the pieces into which the table's own cut points divide each field (see `regions`). All
of it speaks of cases of which everything is known that the table does not ask to be missing; the work is bounded, and
where the bound is met a finding says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from routing.table.check import check
from routing.table.explain import cell_words
from routing.table.findings import Finding, of_cells, of_problem
from routing.table.regions import Box, Effort, Grid, TooMuchWork, left_over, meet, within
from routing.table.shapes import APPROVE, WAY, Cell, Row, Table, TableKind, Value

# Comparisons of boxes: in all, for one row, and for the gaps; a hundred thousand take about a tenth of a second.
MOST_WORK: Final = 300_000
MOST_WORK_A_ROW: Final = 20_000
MOST_WORK_ON_GAPS: Final = 100_000
MOST_GAPS: Final = 10
_SHOWN: Final = 5


def analyse(table: Table, kind: TableKind, *, reserved: Sequence[Mapping[str, Cell]] = ()) -> tuple[Finding, ...]:
    """Everything that is to be said against a table, errors and warnings, in the order of its rows.

    `reserved` are kinds of cases that people must see, each as the cells of a row: every row through which some of
    them are approved is an error.
    """
    invalid = [of_problem(problem) for problem in check(table, kind)]
    single = [finding for row in table.rows for finding in of_cells(row, kind)]
    if invalid or any(finding.code in ("unknown_choice", "low_above_high") for finding in single):
        return (*invalid, *single)
    return (*single, *_Analysis(table, kind, Grid(table, kind, reserved)).findings(reserved))


@dataclass
class _Analysis:
    """One run over one table."""

    table: Table
    kind: TableKind
    grid: Grid
    effort: Effort = field(default_factory=lambda: Effort(MOST_WORK))
    unfinished: bool = False

    def findings(self, reserved: Sequence[Mapping[str, Cell]]) -> Iterator[Finding]:
        empty = {place for place, box in enumerate(self.grid.boxes) if not all(box)}
        for place, row in enumerate(self.table.rows):
            if place in empty:
                yield from self._never_true(place, row)
                continue
            twins = [other for other in range(place) if self.grid.boxes[other] == self.grid.boxes[place]]
            yield from self._twins(row, twins)
            hidden = None if twins else self._hidden(place, row)
            if hidden:
                yield hidden
            elif self.table.hit == "first" and not twins:
                yield from self._overlaps(place, row)
            for cells in reserved:
                yield from self._authority(place, row, cells)
        yield from self._gaps()
        if self.unfinished:
            yield Finding(
                "not_all_looked_at",
                "warning",
                (),
                "",
                "Not all combinations were looked at: the table has too many for the time that saving may take.",
                "并非所有组合都已检查：该表的组合数超出保存时可用的检查量。",
            )

    def _never_true(self, place: int, row: Row) -> Iterator[Finding]:
        for axis, mask in zip(self.grid.axes, self.grid.boxes[place], strict=True):
            if not mask:
                cell = row.cells[axis.field.key]
                yield Finding(
                    "never_true",
                    "error",
                    (row.id,),
                    axis.field.key,
                    f"No value can fulfil “{cell_words(axis.field, cell, 'en')}”.",
                    f"没有任何值能满足“{cell_words(axis.field, cell, 'zh')}”。",
                )

    def _twins(self, row: Row, twins: Sequence[int]) -> Iterator[Finding]:
        for other in (self.table.rows[twin] for twin in twins):
            rows = (other.id, row.id)
            if dict(other.outputs) == dict(row.outputs):
                yield Finding("doubled_row", "warning", rows, "", *_pair(rows, "say the same twice", "重复"))
            else:
                words = _pair(rows, "ask the same and say different things", "条件相同但结果不同")
                yield Finding("contradiction", "error", rows, "", *words)

    def _covered(self, box: Box, covers: Sequence[int]) -> bool:
        """Whether other rows hold all of a box; where the work runs out: not shown to be."""
        boxes = [self.grid.boxes[cover] for cover in covers]
        effort = Effort(MOST_WORK_A_ROW, self.effort)
        try:
            return next(left_over(box, boxes, effort), None) is None
        except TooMuchWork:
            self.unfinished = True
            return False

    def _hidden(self, place: int, row: Row) -> Finding | None:
        """The row is never the one that decides, because other rows hold wherever it does."""
        box, first = self.grid.boxes[place], self.table.hit == "first"
        covers = range(place) if first else self._stronger(place)
        touching = [other for other in covers if meet(self.grid.boxes[other], box)]
        single = next((other for other in touching if within(box, self.grid.boxes[other])), None)
        if single is not None:
            touching = [single]
        elif not touching or not self._covered(box, touching):
            return None
        others = tuple(self.table.rows[other].id for other in touching)
        en, zh = _listed(others)
        if first:
            words = (
                f"{row.id} is never reached: earlier rows take all of it ({en}).",
                f"{row.id} 永远不会命中：前面的行已全部覆盖（{zh}）。",
            )
            return Finding("unreachable", "warning", (row.id, *others), "", *words)
        words = (
            f"{row.id} never matters: whenever it holds, a more careful row holds too ({en}).",
            f"{row.id} 不起作用：凡其命中时，更审慎的行也命中（{zh}）。",
        )
        return Finding("never_matters", "warning", (row.id, *others), "", *words)

    def _stronger(self, place: int) -> list[int]:
        """Under `collect`: the rows whose outcome stands against this row's."""
        return [other for other in range(len(self.table.rows)) if other != place and self._outranks(other, place)]

    def _outranks(self, other: int, place: int) -> bool:
        theirs, mine = self.table.rows[other].outputs, self.table.rows[place].outputs
        if self.kind.careful:
            return self.kind.careful[str(theirs[WAY])] > self.kind.careful[str(mine[WAY])]
        return dict(theirs) != dict(mine) and all(
            key in theirs and _at_least_as_careful(self.kind.outputs[key].combine, theirs[key], value)
            for key, value in mine.items()
        )

    def _overlaps(self, place: int, row: Row) -> Iterator[Finding]:
        box = self.grid.boxes[place]
        others = tuple(
            other.id
            for other, its in zip(self.table.rows[:place], self.grid.boxes, strict=False)
            if self._says(other) != self._says(row) and meet(its, box)
        )
        if others:
            en, zh = _listed(others)
            yield Finding(
                "overlap",
                "warning",
                (row.id, *others),
                "",
                f"Some cases of {row.id} are decided otherwise by earlier rows ({en}).",
                f"{row.id} 的部分情形由前面的行作出不同决定（{zh}）。",
            )

    def _says(self, row: Row) -> Value | dict[str, Value]:
        return row.outputs[WAY] if self.kind.careful else dict(row.outputs)

    def _authority(self, place: int, row: Row, cells: Mapping[str, Cell]) -> Iterator[Finding]:
        """The machine may not approve what people must see; what other rows take first is no matter."""
        if not self.kind.careful or row.outputs[WAY] != APPROVE:
            return
        box = tuple(mine & its for mine, its in zip(self.grid.boxes[place], self.grid.box(cells), strict=True))
        guards = list(range(place)) if self.table.hit == "first" else self._stronger(place)
        # One row that takes them all is found at once, however large the table.
        if not all(box) or any(within(box, self.grid.boxes[guard]) for guard in guards) or self._covered(box, guards):
            return
        fields = self.kind.registry
        en, zh = (
            joint.join(cell_words(fields[key], cell, language) for key, cell in cells.items())
            for language, joint in (("en", ", "), ("zh", "，"))
        )
        yield Finding(
            "above_authority",
            "error",
            (row.id,),
            next(iter(cells)),
            f"{row.id} approves cases that people must see ({en}): no row that comes before it takes all of them.",
            f"{row.id} 会批准必须由人工审核的申请（{zh}）：没有优先于它的行将其全部截住。",
        )

    def _gaps(self) -> Iterator[Finding]:
        """Regions that only the default row takes: one example for each set of fields that bounds one."""
        told: set[frozenset[str]] = set()
        try:
            for rest in left_over(self.grid.everything, self.grid.boxes, Effort(MOST_WORK_ON_GAPS)):
                region = self.grid.region(rest)
                if frozenset(region) in told or not self.table.rows:
                    continue
                told.add(frozenset(region))
                yield self._gap(region)
                if len(told) == MOST_GAPS:
                    self.unfinished = True
                    return
        except TooMuchWork:
            self.unfinished = True

    def _gap(self, region: Mapping[str, Cell]) -> Finding:
        fields = self.kind.registry
        en, zh = (
            joint.join(cell_words(fields[key], cell, language) for key, cell in region.items())
            for language, joint in (("en", ", "), ("zh", "，"))
        )
        words = (f"Only the default row takes: {en or 'everything'}.", f"仅由默认行处理：{zh or '全部情形'}。")
        return Finding("gap", "warning", (), "", *words, region)


def _at_least_as_careful(combine: str, theirs: Value, mine: Value) -> bool:
    if isinstance(theirs, str) or isinstance(mine, str):
        return theirs == mine
    return theirs <= mine if combine == "min" else theirs >= mine


def _pair(rows: tuple[str, str], en: str, zh: str) -> tuple[str, str]:
    return f"{rows[0]} and {rows[1]} {en}.", f"{rows[0]} 与 {rows[1]} {zh}。"


def _listed(rows: Sequence[str]) -> tuple[str, str]:
    more = len(rows) - _SHOWN
    en, zh = ", ".join(rows[:_SHOWN]), "、".join(rows[:_SHOWN])
    return (f"{en} and {more} more", f"{zh} 等 {len(rows)} 行") if more > 0 else (en, zh)
