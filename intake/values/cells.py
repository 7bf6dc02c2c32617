"""Reads one cell of a table as number, flag or text, in the spellings that real tables use; dates are read in
`cell_dates.py`, terms in `durations.py`."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from cases.csv_cells import safe_cell
from intake.values.currency_signs import without_code, without_signs
from intake.values.traditional import simplified

MISSING_ANYWHERE = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "\\n", "<na>"})
# In a number, a date or a flag these words say "not known"; in a text column they may be a category of their own.
_NOT_KNOWN = frozenset({"none", "nil", "-", "--", "—", "?", ".", "unknown", "missing", "not available"})
MISSING_NUMBER = MISSING_ANYWHERE | _NOT_KNOWN | {"无", "無", "空", "缺失", "不详", "不詳", "未知"}
TRUE_WORDS = frozenset({"1", "y", "yes", "t", "true", "是", "有", "对", "真", "√", "✓", "✔", "☑"})
FALSE_WORDS = frozenset({"0", "n", "no", "f", "false", "否", "无", "没有", "错", "假", "非", "×", "✗", "✘", "☒", "☐"})
_PLAIN = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?", re.ASCII)
_MULTIPLIER = re.compile(r"(.*?)(百万|千万|万|亿|千|百)$")
_MULTIPLIERS = {"百": 10**2, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
# What is counted, and never money: 31岁, 2次, 3天, 1个.
_COUNTER = re.compile(r"(?<=\d)(?:周?岁|天|[个個]|次|人|名|笔|户|家|套|辆|张|件)$")
_BODY = re.compile(r"([+-]?)(\d[\d.,]*|[.,]\d+)(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
# As accounts are written by SAP: 3,000.00-. Behind a bare 3000 the dash may be half of a range.
_MINUS_BEHIND = re.compile(r"^(\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d+[.,]\d{2})-$", re.ASCII)
_MARKED_AS_TEXT = re.compile(r"'\d{3}[\dA-Za-z-]*", re.ASCII)
_MARKS = ("'", "=")
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
_IN_SINGLE = re.compile(r".*\d[^\d万亿千百]?[元圆圓]整?")

# A spreadsheet counts with so many digits, and keeps two more: 0.0435 + 0.005 stands in it as 0.048499999999999995.
DIGITS = 15
PERCENT_SIGNS = ("%", "％", "‰", "‱")
_TO_PERCENT = {"%": Decimal(1), "‰": Decimal("0.1"), "‱": Decimal("0.01")}
# In place of a decimal mark: nothing tells whether a comma groups the digits of a column (5,000) or parts decimals.
OPEN_MARK = "?"
# Longer texts are not remembered: a cell may have 131,072 signs.
KEPT_LONGEST = 40


class CellError(Exception):
    """A cell that cannot be read: the code of the reason and its parameters."""

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


# Signs of no width and marks of direction: with one of them a reference is another, and looks the same to everybody.
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def visible(text: str) -> str:
    """A text without the signs that nobody sees, and the blanks that were behind them at its ends."""
    if text.isascii() or not _HIDDEN.search(text):
        return text
    return _HIDDEN.sub("", text).strip()


def cell_text(cell: object) -> str:
    """The cell as trimmed text, alike for every kind of file: 2.0 is "2", a missing cell is empty.

    The quote that `safe_cell` puts before a formula is taken off again, as is that by which spreadsheets keep '00123,
    and the formula by which exports keep it: ="00123".
    """
    if isinstance(cell, str):
        text = cell.strip(" \t\r\n\v\f\u00a0\u3000\u200b\ufeff")
        return _without_marks(text) if text[:1] in _MARKS else text
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if math.isnan(cell):
            return ""
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        # Spreadsheets keep a day as its midnight.
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(cell)


def _without_marks(text: str) -> str:
    if text[0] == "'" and (safe_cell(text[1:]) == text or _MARKED_AS_TEXT.fullmatch(text)):
        text = text[1:]
    return found.group(1).strip() if text[:1] == "=" and (found := _KEPT_AS_TEXT.fullmatch(text)) else text


def lookup_key(text: str) -> str:
    """How a cell is compared with the listed values of a mapping: without case, 2.0 as 2."""
    return _kept_key(text) if len(text) <= KEPT_LONGEST else _make_key(text)


def lookup_keys(texts: Iterable[str]) -> list[str]:
    """The `lookup_key` of each: of every cell of a row, where a call for each would take as long as all else."""
    return [_kept_key(text) if len(text) <= KEPT_LONGEST else _make_key(text) for text in texts]


def _make_key(text: str) -> str:
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    if "." not in folded:
        return folded
    head, _, tail = folded.partition(".")
    return head if tail and not tail.strip("0") and head.lstrip("-").isdigit() else folded


# Most cells of a table hold what many others do.
_kept_key = lru_cache(maxsize=4_096)(_make_key)

# Blanks and such marks group digits by three or four; between any others they part two numbers.
_TWO_NUMBERS = re.compile(r"\d[\s'’_]+(?!\d{3,4}(?!\d))\d|\d{5}[\s'’_]+\d")


def read_number(text: str, decimal_mark: str = "") -> Decimal:
    """The exact number of a cell: "12,000.50", "￥1,200", "1.2万", "(300)", "300.00-", "1.234,5", "31岁", １２.

    `decimal_mark` settles what a single comma or point means; without it a comma before exactly three digits groups.
    Raises CellError for anything else, for example "12%" or "abc", and for what may be one of two numbers: "12,0000"
    and "1250,000" without a mark, with OPEN_MARK also "12,000" and "12.000".
    """
    if not decimal_mark and _PLAIN.fullmatch(text):
        return Decimal(text)
    if not text.isascii() and any(unicodedata.category(sign) == "No" for sign in text):
        raise CellError("not_a_number")  # 10² is not 102
    body = simplified(unicodedata.normalize("NFKC", text))
    if _TWO_NUMBERS.search(body):
        raise CellError("not_a_number")
    body = re.sub(r"\s|^'|(?<=\d)['’_](?=\d)", "", without_code(body)).replace("，", ",").replace("−", "-")
    negative = body.startswith("(") and body.endswith(")")
    body = _MINUS_BEHIND.sub(r"-\1", without_signs(body[1:-1] if negative else _COUNTER.sub("", body)))
    factor = Decimal(1)
    with_unit = _MULTIPLIER.fullmatch(body)
    if with_unit:
        body, factor = with_unit.group(1), Decimal(_MULTIPLIERS[with_unit.group(2)])
    found = _BODY.fullmatch(body)
    if not found or len(body) > 40:
        raise CellError("not_a_number")
    sign, digits, exponent = found.groups()
    if negative and sign:
        raise CellError("not_a_number")  # (-300) says twice that it is below zero, and would be above it
    number = Decimal(sign + _with_point(digits, decimal_mark) + (exponent or "")) * factor
    return -number if negative else number


def read_to_judge(text: str, decimal_mark: str = "") -> Decimal:
    """The number of a cell where only what its column holds is judged: of two that it may be, the one without decimals.

    Raises CellError for what is no number at all. No case is made of it.
    """
    try:
        return read_number(text, decimal_mark)
    except CellError as problem:
        if problem.code != "ambiguous_number":
            raise
        return read_number(re.sub("[,，]", "", text), ".")


def has_own_unit(text: str) -> bool:
    """Whether a number names its unit itself: "12.5万" or "3亿元"."""
    body = re.sub(r"\s", "", simplified(unicodedata.normalize("NFKC", text)))
    return not text.isascii() and bool(_MULTIPLIER.fullmatch(without_signs(body)))


def names_counter(text: str) -> bool:
    """Whether a number says that it counts people, days, times or things: 31岁, 2次."""
    if text.isascii():
        return False
    return bool(_COUNTER.search(re.sub(r"\s", "", simplified(unicodedata.normalize("NFKC", text)))))


def is_in_single(text: str) -> bool:
    """Whether a number says that it counts single yuan or dollars: 125000元, 5,000美元."""
    return not text.isascii() and bool(_IN_SINGLE.fullmatch(simplified(unicodedata.normalize("NFKC", text))))


# 12,0000 is 12 with four decimals, or 120,000 grouped by 万; 1250,000 is 1250, or a careless 1,250,000. 12,000
# leaves as much open where others do not tell.
_DECIMALS_OR_NOT = re.compile(r"[1-9]\d{0,3},\d{4}|\d{4,},\d{3}", re.ASCII)
_THOUSANDS_OR_DECIMALS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


def _with_point(digits: str, decimal_mark: str) -> str:
    """The digits without grouping marks and with a point before the decimals."""
    if decimal_mark == OPEN_MARK and _THOUSANDS_OR_DECIMALS.fullmatch(digits):
        raise CellError("ambiguous_number")
    if decimal_mark not in (",", "."):
        decimal_mark = _guess_decimal_mark(digits)
    group = "." if decimal_mark == "," else ","
    whole, mark, decimals = digits.partition(decimal_mark)
    if group in decimals or decimal_mark in decimals:
        raise CellError("not_a_number")
    groups = whole.split(group)
    if len(groups) > 1 and not _are_groups(groups, group):
        raise CellError("not_a_number")
    return ("".join(groups) or "0") + ("." + decimals if mark and decimals else "")


def _are_groups(groups: list[str], mark: str) -> bool:
    """Whether digits are grouped as numbers are: by thousands; with commas also 1,23,456 and 12,0000. A date is not,
    and 0,500 has lost a digit."""
    if groups[0] == "0":
        return False
    first, *others = map(len, groups)
    if mark == ".":
        return 1 <= first <= 3 and set(others) == {3}
    if set(others) in ({3}, {4}):
        return 1 <= first <= 4
    return 1 <= first <= 2 and others[-1] == 3 and set(others[:-1]) == {2}


def _guess_decimal_mark(digits: str) -> str:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "," if digits.rindex(",") > digits.rindex(".") else "."
    if points > 1:
        return ","
    if _DECIMALS_OR_NOT.fullmatch(digits):
        raise CellError("ambiguous_number")
    if commas == 1:
        whole, decimals = digits.split(",")
        return "." if len(decimals) == 3 and whole.strip("0") else ","
    return "."


def counted(number: float) -> float:
    """A number by the digits that tell: 0.3 of the 0.30000000000000004 that 0.1 + 0.2 is in binary."""
    return number if number.is_integer() else float(f"{number:.{DIGITS}g}")


def by_digits_that_tell(value: object) -> object:
    """The value of a feature without the noise of binary fractions, where it is a number: 4.35, and 66000 of
    66000.00000000001."""
    if not isinstance(value, float) or value.is_integer():
        return value
    told = counted(value)
    return int(told) if told.is_integer() else told


def as_feature(number: Decimal) -> int | float:
    """A number as JSON keeps it: whole ones as int, others as float."""
    return int(number) if number == number.to_integral_value() and abs(number) < 2**53 else float(number)


def read_percent(text: str, decimal_mark: str = "") -> Decimal:
    """A share in percent: "12%", "120‰", "1200‱" and "12" are 12."""
    bare = unicodedata.normalize("NFKC", text).strip()
    factor = _TO_PERCENT.get(bare[-1:])
    return read_number(bare, decimal_mark) if factor is None else read_number(bare[:-1], decimal_mark) * factor


def read_rate(text: str, decimal_mark: str = "") -> Decimal:
    """A share in percent where some cells say so and others are shares: "8.5%" and "0.085" are 8.5, "12" is 12.

    Raises CellError for a bare 1, too: it may be the whole or a hundredth of it.
    """
    number = read_percent(text, decimal_mark)
    if any(sign in text for sign in PERCENT_SIGNS):
        return number
    if abs(number) == 1:
        raise CellError("rate_of_one")
    return number * 100 if abs(number) < 1 else number


def read_flag(text: str) -> bool:
    """Yes or no in English, Chinese or digits; raises CellError for anything else."""
    word = simplified(lookup_key(text))
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise CellError("not_a_flag")


def is_flag_table(values: Collection[str]) -> bool:
    """Whether a code table lists every word for yes and no, as those do by which a column is read in its words of
    before; once they listed TRUE and FALSE alone."""
    return set(values) in ({"true", "false"}, TRUE_WORDS | FALSE_WORDS)
