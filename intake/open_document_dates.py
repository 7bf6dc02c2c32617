"""Which cells of an .ods show a day as its month or year alone, which stands in the styles of its cells and columns."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree

from intake.cell_dates import MONTH, YEAR

# No program keeps a wider sheet.
COLUMNS_MOST: Final = 16_384
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_NUMBER: Final = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_DATE_STYLE: Final = f"{_NUMBER}date-style"
_CELL_STYLE: Final = f"{_STYLE}style"
_DEFAULT: Final = f"{_TABLE}default-cell-style-name"
# A style is one of another, and that of a further one.
_PARENTS_MOST: Final = 20
_PARTS: Final = {f"{_NUMBER}{part}": part for part in ("year", "month")}
_FILLING: Final = frozenset(f"{_NUMBER}{part}" for part in ("text", "era", "fill-character")) | {
    f"{_STYLE}text-properties"
}


class DateStyles:
    """The styles of an .ods, as far as they say how dates are shown: those of styles.xml are taken before those of
    content.xml, which come before its sheets."""

    def __init__(self) -> None:
        self._forms: dict[str, str] = {}
        # By the name of a cell's style: what it shows itself, None where it leaves that to its parent, and its parent.
        self._styles: dict[str, tuple[str | None, str]] = {}
        self._columns: list[str] = []

    def take(self, element: ElementTree.Element) -> None:
        """An element that has ended, in the order of the file: a style, or a column of the sheet that is read."""
        name = element.get(f"{_STYLE}name", "")
        if element.tag == _DATE_STYLE:
            self._forms[name] = _span(element)
        elif element.tag == _CELL_STYLE and element.get(f"{_STYLE}family") == "table-cell":
            form = element.get(f"{_STYLE}data-style-name")
            shown = None if form is None else self._forms.get(form, "")
            self._styles[name] = shown, element.get(f"{_STYLE}parent-style-name", "")

    def begin_sheet(self) -> None:
        """The columns that come are of another sheet."""
        self._columns = []

    def take_column(self, column: ElementTree.Element, times: int) -> None:
        """The next column of a sheet, which stands for so many."""
        room = COLUMNS_MOST - len(self._columns)
        self._columns += [column.get(_DEFAULT, "")] * min(times, room)

    def span(self, cell: ElementTree.Element, row: ElementTree.Element, column: int) -> str:
        """MONTH or YEAR where a cell shows no less of a day than that; without a style it has that of its row, or else
        of its column."""
        of_column = self._columns[column] if column < len(self._columns) else ""
        return self._span_of(cell.get(f"{_TABLE}style-name") or row.get(_DEFAULT) or of_column)

    def _span_of(self, style: str) -> str:
        for _parent in range(_PARENTS_MOST):
            shown, style = self._styles.get(style, ("", ""))
            if shown is not None:
                return shown
        return ""


def _span(style: ElementTree.Element) -> str:
    shown = {part.tag for part in style}
    if shown - set(_PARTS) - _FILLING:
        return ""
    parts = {_PARTS[tag] for tag in shown if tag in _PARTS}
    return MONTH if "month" in parts else YEAR if parts else ""
