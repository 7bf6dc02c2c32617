"""One spelling for each value of a cell, by which a row without a number is told in whatever format it comes.

1,200.00 and 4.35% in a text file are 1200 and 0.0435 in a workbook, 2026/1/5 is a date there, N/A a cell without value.
What a mapping knows of a column settles what more its cells may mean: 12个月 is 12 where a term is expected, 无 nothing
where a number is.
"""

from __future__ import annotations

from datetime import date, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Final

from intake.header_words.header_units import squeeze
from intake.mapped.given import Given, scaled
from intake.shown.shown_numbers import term_text
from intake.values.cell_dates import is_of_late, read_moment
from intake.values.cells import (
    DIGITS,
    MISSING_ANYWHERE,
    MISSING_NUMBER,
    CellError,
    cell_text,
    is_flag_table,
    lookup_key,
    names_counter,
    read_flag,
    read_number,
    read_percent,
    read_rate,
)
from intake.values.currency_signs import is_of_late as is_sum_of_late
from intake.values.durations import read_months
from intake.values.percent_cells import Percentage, WrittenPercentage

_SHARE_SIGNS: Final = ("%", "％", "‰")
# What a database writes as Y and a form as 是 stands as TRUE in a workbook.
_WORDS_OF_FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "y", "是", "有"), "true"),
    **dict.fromkeys(("false", "no", "n", "否", "无"), "false"),
}
_SCALED: Final = ("money", "number", "integer")
_NO_TEXTS: Final = frozenset({"money", "months", "number", "integer", "percent", "rate", "flag", "date"})


def plain_text(cell: object, text: str, given: Given | None, zone: timezone) -> str:
    """The value of a cell in its plainest spelling; `text` is the cell as text, `given` how a mapping reads it, and as
    what, where one does. What is neither a number nor a date is compared as a listed value is.
    """
    if given is not None:
        read = _as_read(cell, text, given)
        if read is not None:
            return read
        if given.type == "date":
            return _moment(cell, zone, given.format) or _plain(text, "", zone)
    if isinstance(cell, str):
        return _plain(text, given.decimal if given is not None else "", zone)
    if isinstance(cell, bool) or cell is None or not text:
        return text
    if isinstance(cell, float):
        return _number(Decimal(f"{cell:.{DIGITS}g}"))
    if isinstance(cell, int | Decimal):
        return _number(Decimal(cell))
    return (_moment(cell, zone) if isinstance(cell, date) else "") or lookup_key(text)


def _as_read(cell: object, text: str, given: Given) -> str | None:
    """What only the kind of a column tells of a cell; None where it tells nothing more."""
    key = lookup_key(text)
    if key in given.values:
        # TRUE of a workbook, where the tables of before had 1, and any word for yes where they had another.
        value = given.values[key]
        if not is_flag_table(given.values) or (len(given.values) == 2 and type(value) is not int):
            return None
        word = lookup_key(str(value))
        return _WORDS_OF_FLAGS.get(word, word)
    if key in given.missing or (given.type in _NO_TEXTS and key in MISSING_NUMBER):
        return ""
    is_scaled = given.scale is not None and given.type in _SCALED
    is_shown = type(cell) is Percentage
    if not is_scaled and (given.type not in ("months", "percent", "rate", "flag") or is_shown):
        return None
    if isinstance(cell, str) and is_sum_of_late(text):
        return None
    told = f"{cell:.{DIGITS}g}" if isinstance(cell, float) else text
    mark = given.decimal if isinstance(cell, str) else ""
    try:
        if isinstance(cell, WrittenPercentage) and given.type in ("percent", "rate"):
            return _number(Decimal(cell.share))
        if given.type == "flag":
            return "true" if read_flag(told) else "false"
        if is_scaled:
            return _number(scaled(read_number(told, mark), given, text))
        if given.type == "months":
            return _number(Decimal(read_months(term_text(cell, told, given.scale), mark, given.scale)))
        return _number((read_rate if given.type == "rate" else read_percent)(told, mark) / 100)
    except CellError:
        return None


def _moment(cell: object, zone: timezone, form: str = "") -> str:
    """The moment of a cell as the clocks of its zone show it, "" where it is none."""
    try:
        return cell_text(read_moment(cell, zone, form).astimezone(zone).replace(tzinfo=None))
    except (CellError, OverflowError):
        return ""


# Most cells of a table hold what many others do.
@lru_cache(maxsize=8_192)
def _plain(text: str, decimal_mark: str, zone: timezone) -> str:
    key = lookup_key(text)
    if key in MISSING_ANYWHERE:
        return ""
    if key in _WORDS_OF_FLAGS:
        return _WORDS_OF_FLAGS[key]
    if names_counter(text):
        # Rows with 31岁 were told by it as a text before it was read as a number, and keep their references.
        return key
    if is_of_late(text) or is_sum_of_late(text):
        # So were rows with 5-Jan-26, and with KES 250.
        return key
    try:
        is_share = text.endswith(_SHARE_SIGNS)
        number = read_percent(text, decimal_mark) / 100 if is_share else read_number(text, decimal_mark)
    except CellError:
        return _moment(text, zone) or key
    return _number(number)


def _number(number: Decimal) -> str:
    """Without zeros at its end and without an exponent: "1200", "0.0435". Of a fraction as many digits tell as of one
    that a file holds as a number; of a whole number, such as an identity number, all."""
    if number.is_finite() and number != number.to_integral_value():
        number = Decimal(f"{float(number):.{DIGITS}g}")
    whole, point, decimals = f"{number:f}".partition(".")
    plain = whole + (point + decimals).rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


# Of one table the same for every row.
@lru_cache(maxsize=64)
def columns_that_tell(
    columns: tuple[str, ...], skipped: frozenset[str], by_values: bool
) -> tuple[list[str], list[str]]:
    """The columns by which a row is told, in one order, and before them what stands before the value of each: what the
    column is called, of which 年 收入(元) is 年收入."""
    named = sorted((squeeze(column) or column if by_values else column, column) for column in set(columns) - skipped)
    return [f"{name}\x1e" for name, _column in named], [column for _name, column in named]
