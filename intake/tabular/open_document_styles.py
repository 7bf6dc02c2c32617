"""How the cells of an .ods show their numbers and days, which stands in the styles of its cells, rows and columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from xml.etree import ElementTree

from intake.shown.written_numbers import is_written_out
from intake.values.cell_dates import MONTH, YEAR

# No program keeps a wider sheet.
COLUMNS_MOST: Final = 16_384
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_NUMBER: Final = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_DATE_STYLE: Final = f"{_NUMBER}date-style"
_NUMBER_STYLES: Final = frozenset(f"{_NUMBER}{kind}-style" for kind in ("number", "percentage", "currency"))
_PERCENTAGE: Final = f"{_NUMBER}percentage-style"
_CELL_STYLE: Final = f"{_STYLE}style"
_DEFAULT: Final = f"{_TABLE}default-cell-style-name"
# A style is one of another, and that of a further one.
_PARENTS_MOST: Final = 20
# No number has more.
_PLACES_MOST: Final = 30
_PARTS: Final = {f"{_NUMBER}{part}": part for part in ("year", "month")}
_FILLING: Final = frozenset(f"{_NUMBER}{part}" for part in ("text", "era", "fill-character")) | {
    f"{_STYLE}text-properties"
}


@dataclass(frozen=True)
class Shown:
    """`span` is MONTH or YEAR where no more of a day is shown, `form` the number format that other workbooks have for
    what is shown of a number, and `bare_form` that without the sign of its currency."""

    span: str = ""
    form: str = ""
    bare_form: str = ""


_AS_IT_IS: Final = Shown()


class CellStyles:
    """The styles of an .ods, as far as they say how dates and numbers are shown: those of styles.xml are taken before
    those of content.xml, which come before its sheets."""

    def __init__(self) -> None:
        self._forms: dict[str, Shown] = {}
        # By the name of a cell's style: what it shows itself, None where it leaves that to its parent, and its parent.
        self._styles: dict[str, tuple[Shown | None, str]] = {}
        self._columns: list[str] = []

    def take(self, element: ElementTree.Element) -> None:
        """An element that has ended, in the order of the file: a style, or a column of the sheet that is read."""
        name = element.get(f"{_STYLE}name", "")
        if element.tag == _DATE_STYLE:
            self._forms[name] = Shown(span=_span(element))
        elif element.tag in _NUMBER_STYLES:
            self._forms[name] = self._number(element)
        elif element.tag == _CELL_STYLE and element.get(f"{_STYLE}family") == "table-cell":
            form = element.get(f"{_STYLE}data-style-name")
            shown = None if form is None else self._forms.get(form, _AS_IT_IS)
            self._styles[name] = shown, element.get(f"{_STYLE}parent-style-name", "")

    def begin_sheet(self) -> None:
        """The columns that come are of another sheet."""
        self._columns = []

    def take_column(self, column: ElementTree.Element, times: int) -> None:
        """The next column of a sheet, which stands for so many."""
        room = COLUMNS_MOST - len(self._columns)
        self._columns += [column.get(_DEFAULT, "")] * min(times, room)

    def shown(self, cell: ElementTree.Element, row: ElementTree.Element, column: int) -> Shown:
        """What a cell shows of its value; without a style it has that of its row, or else of its column."""
        of_column = self._columns[column] if column < len(self._columns) else ""
        return self._shown_by(cell.get(f"{_TABLE}style-name") or row.get(_DEFAULT) or of_column)

    def _shown_by(self, style: str) -> Shown:
        for _parent in range(_PARENTS_MOST):
            shown, style = self._styles.get(style, (_AS_IT_IS, ""))
            if shown is not None:
                return shown
        return _AS_IT_IS

    def _number(self, style: ElementTree.Element) -> Shown:
        """Where numbers above nought have a style of their own, it is the first that is named."""
        for part in style:
            if part.tag == f"{_STYLE}map":
                named = self._forms.get(part.get(f"{_STYLE}apply-style-name", ""), _AS_IT_IS)
                before, behind = _condition(part.get(f"{_STYLE}condition", ""))
                return replace(named, form=f"{before}{named.form}{behind}") if named.form else named
        form, bare, parted = "", "", ""
        for part in style:
            if part.tag == f"{_NUMBER}currency-symbol":
                form += f"[${part.text or ''}]"
                continue
            if part.tag == f"{_NUMBER}number":
                said = _digits(part)
            elif part.tag == f"{_NUMBER}text":
                said = _written(part.text or "", is_percent=style.tag == _PERCENTAGE)
            elif part.tag in _FILLING:
                said = ""
            else:
                # A fraction or an exponent.
                return _AS_IT_IS
            form, bare, parted = form + said, bare + said, parted + (_parted(part) or said)
        return Shown(form=parted if is_written_out(parted) else form, bare_form=bare)


def _condition(said: str) -> tuple[str, str]:
    """What stands in a number format before and behind the form of numbers of a condition: nothing where it is that
    of all that are not negative, a form of its own for nought where it is that of those above it."""
    condition = said.replace(" ", "").removeprefix("value()")
    if condition in (">=0", ">0"):
        return "", ";;" if condition == ">0" else ""
    return f"[{condition}]", ""


def _span(style: ElementTree.Element) -> str:
    shown = {part.tag for part in style}
    if shown - set(_PARTS) - _FILLING:
        return ""
    parts = {_PARTS[tag] for tag in shown if tag in _PARTS}
    return MONTH if "month" in parts else YEAR if parts else ""


def _digits(number: ElementTree.Element) -> str:
    """The places of a number: how many are filled up with zeros, whether thousands are parted, and the commas of a
    number shown in thousands."""
    least, decimals = (_count(number, what) for what in ("min-integer-digits", "decimal-places"))
    if len(number):
        # Signs between its digits fill nothing up.
        least = 1
    factor = number.get(f"{_NUMBER}display-factor", "1")
    thousands = "," * ((len(factor) - 1) // 3) if factor.strip("0") == "1" else ""
    groups = "#,##" if number.get(f"{_NUMBER}grouping") == "true" else ""
    return groups + ("0" * least or "#") + ("." + "0" * decimals if decimals else "") + thousands


def _parted(number: ElementTree.Element) -> str:
    """The places of a whole number with what stands between them: "000-0000" for a sign that four digits stand behind;
    "" where nothing does."""
    signs = {_count(each, "position"): _written(each.text or "", is_percent=False) for each in number}
    least = _count(number, "min-integer-digits")
    if not signs or max(signs) >= least or "." in _digits(number) or "," in _digits(number):
        return ""
    return "".join(signs.get(place, "") + "0" for place in range(least, 0, -1))


def _count(number: ElementTree.Element, what: str) -> int:
    count = number.get(f"{_NUMBER}{what}", "0")
    return min(int(count), _PLACES_MOST) if count.isdecimal() and len(count) < 4 else 0


def _written(text: str, *, is_percent: bool) -> str:
    """A text as a number format writes it; the sign of a style of percentages is its own."""
    parts = text.split("%", 1) if is_percent else [text]
    return "%".join('"' + part.replace('"', "") + '"' if part else "" for part in parts)
