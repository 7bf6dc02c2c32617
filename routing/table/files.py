"""Decision tables as files: CSV, XLSX and JSON out and in, whole or not at all.

A sheet has a line with kind and hit policy, a title line, one line a row, and the default row last. Its columns are id,
one a field, one an output (with an arrow in front), and what a reader is told in English and Chinese.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from routing.table.fields import Field, Operand
from routing.table.notation import NotationError, read_cell, read_value, write_cell, write_value
from routing.table.shapes import DEFAULT, Cell, Output, Table, TableError, TableErrors, TableKind, Value
from routing.table.sheets import MOST_BYTES, Sheet, from_csv, from_xlsx, to_csv, to_xlsx
from routing.table.tables import read_table

Form = Literal["csv", "xlsx", "json"]
FORMS: Final[tuple[Form, ...]] = ("csv", "xlsx", "json")
ARROW: Final = "→ "
_OWN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("id", "编号", "行号"), "id"),
    **dict.fromkeys(("en", "english", "英文", "英文说明"), "en"),
    **dict.fromkeys(("zh", "chinese", "中文", "中文说明"), "zh"),
}
_HITS: Final[Mapping[str, str]] = {"first": "first", "collect": "collect", "首个命中": "first", "全部命中": "collect"}
_DEFAULTS: Final = frozenset({DEFAULT, "默认", "其他"})

# What a column of a sheet holds: ("own", id / en / zh), ("field", key) or ("output", key).
Column = tuple[Literal["own", "field", "output"], str]


def export_table(table: Table, kind: TableKind, form: Form, language: str | None = None) -> bytes:
    """The table as a file. Titles are the keys, or with `language` (`en`, `zh`) the labels where these are clear."""
    if form == "json":
        return json.dumps(table.to_dict(), ensure_ascii=False, indent=2).encode()
    sheet = _sheet(table, kind, language)
    return to_csv(sheet) if form == "csv" else to_xlsx(sheet, kind.name)


def import_table(data: bytes, kind: TableKind, form: Form) -> Table:
    """The table that a file holds. A file that does not say its hit policy is read as `first`.

    Raises TableErrors with everything that is wrong; of a sheet, `row` is the number of the line.
    """
    try:
        if form == "json":
            return read_table(_json(data), kind)
        return _table(from_csv(data) if form == "csv" else from_xlsx(data), kind)
    except TableErrors:
        raise
    except TableError as problem:
        raise TableErrors((problem,)) from problem


def _sheet(table: Table, kind: TableKind, language: str | None) -> Sheet:
    used = {key for row in table.rows for key, _cell in row.used}
    fields = [field for key, field in kind.registry.items() if key in used]
    outputs = list(kind.outputs.values())
    titles = [_title(field, kind.registry, language) for field in fields]
    said = [ARROW + _title(output, kind.outputs, language) for output in outputs]
    sheet: Sheet = [["kind", table.kind, "hit", table.hit], ["id", *titles, *said, "en", "zh"]]
    for row in table.rows:
        cells = [write_cell(field, row.cells.get(field.key, Cell("any"))) for field in fields]
        sheet.append([row.id, *cells, *_said(row.outputs, outputs), row.en, row.zh])
    sheet.append([DEFAULT, *("" for _ in fields), *_said(table.default, outputs), "", ""])
    return sheet


def _said(told: Mapping[str, Value], outputs: Sequence[Output]) -> Iterator[Operand]:
    for output in outputs:
        value = told.get(output.key, "")
        if isinstance(value, str):
            yield write_value(output.type, value)
        else:
            # Typed, and whole numbers without their .0.
            yield int(value) if type(value) is float and value.is_integer() and abs(value) < 2**53 else value


def _title(named: Field | Output, among: Mapping[str, Field | Output], language: str | None) -> str:
    if language is None:
        return named.key
    label = named.zh if language.startswith("zh") else named.en
    clear = label.strip() and _OWN.get(_same(label)) is None and _named(label, among) == [named.key]
    return label if clear else named.key


def _same(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _named(title: str, among: Mapping[str, Field | Output]) -> list[str]:
    """The keys of all that a title may name; a key names only itself."""
    wanted = _same(title)
    if wanted in among:
        return [wanted]
    return [key for key, one in among.items() if wanted in (_same(one.en), _same(one.zh))]


def _json(data: bytes) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no number of JSON")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name comes twice in one object")
        return found

    try:
        if len(data) > MOST_BYTES:
            raise ValueError("more than 5 MB")
        content = json.loads(data, parse_constant=refuse, object_pairs_hook=once)
    except (ValueError, RecursionError) as problem:
        raise TableError(
            "", "", f"This is no JSON of a table: {problem}.", f"此文件不是决策表的 JSON：{problem}。"
        ) from problem
    return content if isinstance(content, dict) else {"": content}


def _table(sheet: Sheet, kind: TableKind) -> Table:
    reader = _Reader(kind)
    content = reader.read(sheet)
    try:
        table = read_table(content, kind)
    except TableErrors as refused:
        known = {(problem.row, problem.field) for problem in reader.problems}
        # A default row that is not there lacks each of its outputs, which is one fault.
        told = {(one.row, one.field, one.en): one for one in map(reader.placed, refused.problems)}
        reader.problems += [one for one in told.values() if (one.row, one.field) not in known]
    if reader.problems:
        raise TableErrors(tuple(sorted(reader.problems, key=lambda problem: int(problem.row or 0))))
    return table


class _Reader:
    """Reads one sheet into plain JSON and keeps what is wrong by line and column."""

    def __init__(self, kind: TableKind) -> None:
        self.kind = kind
        self.problems: list[TableError] = []
        self.lines: dict[str, int] = {}

    def read(self, sheet: Sheet) -> dict[str, Any]:
        content: dict[str, Any] = {"kind": self.kind.name, "hit": "first", "rows": []}
        start = next((place for place, line in enumerate(sheet) if line), 0)
        if sheet and _same(str(sheet[start][0])) in ("kind", "种类"):
            told = [str(cell).strip() for cell in sheet[start]]
            content["kind"] = told[1] if len(told) > 1 else ""
            content["hit"] = _HITS.get(_same(told[3]), told[3]) if len(told) > 3 else "first"
            start += 1
        columns = self._columns(sheet[start] if start < len(sheet) else [], start + 1)
        for place, line in enumerate(sheet[start + 1 :], start + 2):
            if line:
                self._line(line, place, columns, content)
        return content

    def placed(self, problem: TableError) -> TableError:
        """A problem of a row as one of its line."""
        line = self.lines.get(problem.row)
        if line is None and problem.row == DEFAULT:
            return TableError(
                "",
                "id",
                "The default row is missing: a line named default says what holds where no other row does.",
                "缺少默认行：请用编号为“默认”的一行说明其余情形如何处理。",
            )
        if line is None:
            return problem
        return self._problem(line, problem.field, problem.en, problem.zh)

    def _problem(self, line: int, key: str, en: str, zh: str) -> TableError:
        named = self.kind.registry.get(key) or self.kind.outputs.get(key)
        column = (f", column {named.en if named else key}", f"“{named.zh if named else key}”列") if key else ("", "")
        return TableError(str(line), key, f"Row {line}{column[0]}: {en}", f"第 {line} 行{column[1]}：{zh}")

    def _columns(self, titles: Sequence[Operand], line: int) -> list[Column | None]:
        columns: list[Column | None] = []
        for title in (str(title).strip() for title in titles):
            column = self._column(title, line) if title else None
            if column is not None and column in columns:
                self.problems.append(self._problem(line, title, "This column comes twice.", "此列重复。"))
            columns.append(column)
        if ("own", "id") not in columns:
            self.problems.append(self._problem(line, "id", "A column with the ids is missing.", "缺少编号列。"))
        return columns

    def _column(self, title: str, line: int) -> Column | None:
        bare = title.removeprefix("→").removeprefix("->").strip()
        if bare == title and (own := _OWN.get(_same(title))):
            return "own", own
        if bare == title and (found := _named(title, self.kind.registry)):
            column: Column = ("field", found[0])
        elif found := _named(bare, self.kind.outputs):
            column = ("output", found[0])
        else:
            self.problems.append(
                self._problem(line, title, "No field of this name is registered.", "没有登记此名称的字段。")
            )
            return None
        if len(found) > 1:
            keys = ", ".join(found)
            self.problems.append(
                self._problem(
                    line, title, f"Several are called so; write one of {keys}.", f"名称不唯一；请填写其中之一：{keys}。"
                )
            )
        return column

    def _line(
        self, line: Sequence[Operand], place: int, columns: Sequence[Column | None], content: dict[str, Any]
    ) -> None:
        own: dict[str, str] = {}
        when: dict[str, Any] = {}
        then: dict[str, Any] = {}
        for at, given in enumerate(line):
            column = columns[at] if at < len(columns) else None
            if given == "":
                continue
            if column is None:
                self.problems.append(
                    self._problem(place, "", f"Column {at + 1} has no title.", f"第 {at + 1} 列没有标题。")
                )
            elif column[0] == "own":
                own[column[1]] = str(given).strip()
            else:
                self._cell(column, given, place, when, then)
        name = own.get("id", "")
        if _same(name) in _DEFAULTS:
            self._default(place, when, then, content)
            return
        content["rows"].append({**own, "id": self._id(name, place), "when": when, "then": then})

    def _id(self, name: str, place: int) -> str:
        """The row's id, or one that stands for it where it has none of its own, so that the rest can be read too."""
        if name and name not in self.lines:
            self.lines[name] = place
            return name
        words = (
            ("Another row has this id.", "另一行已使用此编号。") if name else ("This row has no id.", "此行没有编号。")
        )
        self.problems.append(self._problem(place, "id", *words))
        self.lines[f"line-{place}"] = place
        return f"line-{place}"

    def _default(self, place: int, when: Mapping[str, Any], then: Mapping[str, Any], content: dict[str, Any]) -> None:
        if "default" in content:
            self.problems.append(self._problem(place, "id", "There is a default row already.", "已有默认行。"))
        for key in when:
            words = (
                "The default row takes all that is left and has no conditions.",
                "默认行处理其余全部情形，不能有条件。",
            )
            self.problems.append(self._problem(place, key, *words))
        self.lines[DEFAULT] = place
        content["default"] = then

    def _cell(self, column: Column, given: Operand, place: int, when: dict[str, Any], then: dict[str, Any]) -> None:
        key = column[1]
        try:
            if column[0] == "field":
                when[key] = read_cell(self.kind.registry[key], given).to_dict()
            else:
                output = self.kind.outputs[key]
                then[key] = read_value(output.type, given, output.choices)
        except NotationError as problem:
            self.problems.append(self._problem(place, key, problem.en, problem.zh))
