"""Finds the header of a table: below titles and units, of one line or of two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from intake.header_words.header_units import is_money, says_unit_of_money
from intake.tabular.group_names import is_year, name_in_group, name_with_group, tells_unit
from intake.tabular.header_groups import Groups, are_groups, groups_over
from intake.tabular.merged_cells import Range
from intake.tabular.tables import clean_name, is_blank

# How many rows before the header may be blank, or hold a title in a single cell.
MAX_TITLE_ROWS = 10


@dataclass(frozen=True)
class Header:
    """The header among the first rows: the index of its last line, its cells, the texts above it and notes beside the
    table, the places of columns between others that have neither a name nor, in the first rows, anything below it, its
    lines as they stand, and the places of the notes that stand beside each other directly above it."""

    last: int
    cells: Sequence[object]
    notes: list[str] = field(default_factory=list)
    spacers: list[int] = field(default_factory=list)
    lines: Sequence[Sequence[object]] = ()
    note_places: Mapping[str, int] = field(default_factory=dict)


def find_header(rows: Sequence[Sequence[object]], merged: Collection[Range] = ()) -> Header | None:
    """The header of a table by its first rows, of which MAX_TITLE_ROWS + 2 are enough, and by the merged cells among
    them, counted from the first of these rows and columns; None where all are blank."""
    first = _first_line(rows)
    if first is None:
        return None
    notes: list[str] = []
    joined = None
    if first and are_groups(rows, first - 1, merged) and not _holds_note(rows[first - 1]):
        joined = _joined_at(rows, first - 1, merged, is_upper=True)
    if joined:
        # What a group says and no name takes over is a note as any above a header.
        first, notes = first - 1, _not_taken_over(joined, rows[first], groups_over(rows, first - 1, merged))
    else:
        joined = _joined_at(rows, first, merged)
    voids = _voids(rows[first:])
    last, cells = (first, rows[first]) if joined is None else (first + 1, joined)
    end = _last_name(cells, rows[last + 1 :])
    beside = cells[end + 1 :]
    spacers = [at for at in voids if at < end]
    further = [[cell for cell in row[end + 1 :] if _is_note(cell)] for row in rows[last + 1 :]]
    above = rows[first] if notes else rows[first - 1] if first else []
    places = {name: at for name, at in _places_of_notes(above).items() if not notes or name in notes}
    notes = _notes_in([*rows[:first], notes, beside, *further])
    named = cells if is_blank(beside) else cells[: end + 1]
    return Header(last, named, notes, spacers, rows[first : last + 1], places)


def _last_name(cells: Sequence[object], below: Sequence[Sequence[object]]) -> int:
    """The place of the last name of a header: "单位：万元" behind it, above nothing, is a note beside the table."""
    filled = [at for at, cell in enumerate(cells) if clean_name(cell)]
    while len(filled) > 1 and _is_note(cells[filled[-1]]) and all(is_blank(row[filled[-1] :]) for row in below):
        filled.pop()
    return filled[-1] if filled else 0


def _voids(rows: Sequence[Sequence[object]]) -> list[int]:
    """The places where neither header nor first rows hold anything. The first may be the index of a data frame."""
    return [at for at in range(1, max(map(len, rows))) if all(is_blank(row[at : at + 1]) for row in rows)]


def _joined_at(
    rows: Sequence[Sequence[object]], at: int, merged: Collection[Range], *, is_upper: bool = False
) -> list[str] | None:
    """The names of a header of two lines, the first of them the row at this index; None where they are no such lines.

    Where some places are empty in both lines and in the rows below, such a column only stands apart, within a group,
    too. `is_upper` says that the first line is known to be the upper one."""
    if at + 1 >= len(rows):
        return None
    voids, groups = _voids(rows[at:]), groups_over(rows, at, merged)
    upper, lower = ([cell for place, cell in enumerate(line) if place not in voids] for line in rows[at : at + 2])
    is_known = is_upper or (groups is not None and groups.is_merged_down)
    joined = _joined(upper, lower, groups.without(voids) if groups else None, is_known=is_known)
    if joined:
        for place in voids:
            joined.insert(place, "")
    return joined


def _joined(
    upper: Sequence[object], lower: Sequence[object], merged: Groups | None, *, is_known: bool
) -> list[str] | None:
    """The names of a header of two lines, as merged cells leave it: over "amount" and "term" stands "loan" once, over
    all other columns their own name, with nothing below it, or a group as well. None where the lines are not such.

    Such an upper line alone is refused, as it has columns without a name or names that occur twice.
    """
    width, is_down = max(len(upper), len(lower)), merged is not None and merged.is_merged_down
    above, below = (_trimmed(line, width) for line in (upper, lower))
    # Whoever exports without merging repeats the name of the group.
    is_same = [at > 0 and name in ("", above[at - 1]) for at, name in enumerate(above)]
    inside = [is_same[at] or (at + 1 < width and is_same[at + 1]) for at in range(width)]
    # Over a column may stand its own name, or that of a group of one, where each column has a name below and a merged
    # name above.
    fits = ("" in above and all(below)) or all(
        bool(name) if inside[at] else name in ("", above[at]) for at, name in enumerate(below)
    )
    if is_known:
        fits = all(name or above[at] for at, name in enumerate(below))
    # Years are names below the group of what they are of.
    names = [cell for at, cell in enumerate(lower) if not (merged and inside[at] and is_year(cell))]
    # Below cells that are merged down no row of data can stand: 2025年收入 is a name there.
    are_names = (
        all(isinstance(cell, str) for cell in names if not is_blank([cell])) if is_down else _is_all_names(names)
    )
    if not (above[0] or is_known) or not any(inside) or not fits or not are_names:
        return None
    groups = merged.names if merged else above[:]
    for at in range(1, width if merged is None else 0):
        groups[at] = groups[at] or groups[at - 1]
    twice = Counter(below)
    return [
        name_with_group(groups[at], name) if name and inside[at] and twice[name] > 1
        else name_in_group(groups[at], name) if name
        else above[at]
        for at, name in enumerate(below)
    ]  # fmt: skip


def _not_taken_over(names: Sequence[str], lower: Sequence[object], groups: Groups | None) -> list[str]:
    """The groups above a lower line but those whose unit all names of money below them take over."""
    if groups is None:
        return []
    left = [
        group
        for group, name, below in zip(groups.names, names, lower, strict=False)
        if group and clean_name(below)
        if group in groups.unmerged or not tells_unit(group) or (is_money(name) and not says_unit_of_money(name))
    ]
    return list(dict.fromkeys(left))


def _places_of_notes(row: Sequence[object]) -> dict[str, int]:
    """Where the texts of a row stand that may be names of groups: several, and none of them a note."""
    places = {name: at for at, cell in enumerate(row) if (name := clean_name(cell))}
    return places if len(places) > 1 and not _holds_note(row) else {}


def _trimmed(line: Sequence[object], width: int) -> list[str]:
    return [clean_name(cell) for cell in line] + [""] * (width - len(line))


def _first_line(rows: Sequence[Sequence[object]]) -> int | None:
    """Index of the header among the first rows: the first with two names, else the first with one; None when blank.

    A first row that is not half as wide as the rows below it ("Branch: X", "March 2025", or names of groups) is a title
    where a row of names without any digit follows it. Were that a row of data, it would be lost. So is a
    narrower row of which a cell says what something is: a title beside "单位：万元", or "Branch: X" and "Unit: USD".
    """
    filled = [sum(1 for cell in row if not is_blank([cell])) for row in rows[: MAX_TITLE_ROWS + 1]]
    first = next((index for wanted in (2, 1) for index, count in enumerate(filled) if count >= wanted), None)
    if first is None:
        return None
    widths = [count for count in filled[first:] if count]
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    wide = next((index for index in range(first + 1, len(filled)) if filled[index] * 2 > usual), None)
    is_narrow = filled[first] * 2 < usual or (filled[first] < usual and _holds_note(rows[first]))
    is_title = is_narrow and wide is not None and _is_all_names(rows[wide])
    return wide if is_title else first


def _notes_in(rows: Sequence[Sequence[object]]) -> list[str]:
    """The texts that stand above a header."""
    return [clean_name(cell) for row in rows for cell in row if not is_blank([cell])]


# "单位：万元", "Branch: X" is no name of a column; what has its mark within brackets is.
_NOTE = re.compile(r"[^()（）\[\]【】:：]{1,16}[:：].+")


def _holds_note(row: Sequence[object]) -> bool:
    return any(map(_is_note, row))


def _is_note(cell: object) -> bool:
    return isinstance(cell, str) and _NOTE.fullmatch(clean_name(cell)) is not None


def _is_all_names(row: Sequence[object]) -> bool:
    cells = [cell for cell in row if not is_blank([cell])]
    return all(isinstance(cell, str) and not any(sign.isdigit() for sign in cell) for cell in cells)
