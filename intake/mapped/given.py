"""Where one value of a case comes from, and how the cell of a table becomes that value."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timezone
from decimal import Decimal
from typing import Final, Literal

from intake.header_words.header_units import is_money
from intake.header_words.stated_zones import read_in_zone
from intake.mapped.fields import is_slug
from intake.mapped.kept_days import read_day_or_keep
from intake.shown.padded_numbers import PaddedNumber
from intake.shown.shown_numbers import hides_scale, term_text
from intake.shown.written_numbers import NumberInSigns
from intake.standards import STANDARDS
from intake.standards.kept import read_or_keep
from intake.values.cells import (
    MISSING_ANYWHERE,
    MISSING_NUMBER,
    PERCENT_SIGNS,
    CellError,
    as_feature,
    cell_text,
    has_own_unit,
    is_in_single,
    lookup_key,
    names_counter,
    read_flag,
    read_number,
    read_percent,
    read_rate,
    visible,
)
from intake.values.currency_signs import money_text
from intake.values.currency_words import currency_named
from intake.values.durations import read_months
from intake.values.outliers import Limits
from intake.values.own_patterns import EXPECTED
from intake.values.percent_cells import Percentage
from intake.values.safe_patterns import full_match
from intake.values.share_words import in_signs

How = Literal["column", "constant", "default", "derive", "compute", "row_hash", "import_time"]
Shares = Literal["", "refuse", "refuse_ratios", "refuse_signed"]
HOWS: tuple[How, ...] = ("column", "constant", "default", "derive", "compute", "row_hash", "import_time")
# Rows are told by the values of their cells in whatever format; without it by the cells as a file writes them, as they
# all were once.
BY_VALUES = "values"
NUMBERS = ("number", "integer", "percent", "rate")
_COUNTED = frozenset({*NUMBERS, "money", "months"})
_NO_TEXTS = _COUNTED | {"flag", "date"}
PRODUCTS = {
    "消费贷": "consumer", "消费贷款": "consumer", "个人消费贷": "consumer", "信用贷": "consumer",
    "经营贷": "business", "经营贷款": "business", "企业贷": "business", "小微贷": "business",
    "房贷": "mortgage", "按揭贷款": "mortgage", "住房贷款": "mortgage", "车贷": "car", "汽车贷款": "car",
    "信用卡": "card", "流动资金贷款": "working-capital", "设备贷": "equipment",
}  # fmt: skip
# How the short name of a product begins that was made of a name without Latin letters.
MADE_UP: Final = "p-"


@dataclass(frozen=True)
class Given:
    """Where one value comes from. See docs/mapping.md for what each part means."""

    how: How
    column: str = ""
    type: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    other: Literal["keep", "refuse", "missing"] = "keep"
    missing: frozenset[str] = frozenset()
    scale: Decimal | None = None
    pattern: re.Pattern[str] | None = None
    decimal: str = ""
    format: str = ""
    prefix: str = ""
    value: object = None
    name: str = ""
    sources: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    limits: Limits | None = None
    # Of percents: whether a bare number of at most 1, or any below 10, refuses its row, because some of the column are
    # written as shares. Of bare numbers: whether a percent refuses its row.
    shares: Shares = ""
    # Of regions, industries and days of features: whether a cell that is none stays the text it is.
    unread: Literal["", "keep"] = ""
    # A pattern that was signed before it was refused: no cell is read by it, and none without it.
    refused: str = ""
    # Of moments: the offset of those that name no zone, OPEN_ZONE where it is not known, "" for that of the mapping.
    utc_offset: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the table that this value reads."""
        return (self.column,) if self.how == "column" else self.sources

    @property
    def is_derived(self) -> bool:
        """Whether the value was not supplied by the lender."""
        return self.how in ("default", "derive", "row_hash", "import_time")


def read_cell(given: Given, cell: object, kind: str, zone: timezone) -> object:
    """The value of a mapped cell, None where it is missing. Raises CellError where it cannot be read."""
    text = cell_text(cell)
    if isinstance(cell, PaddedNumber | NumberInSigns) and kind not in _NO_TEXTS:
        # A code may be listed either way, as people type it or as it is shown.
        is_listed = cell.shown not in given.values and (text in given.values or text in given.missing)
        cell = text = text if is_listed else cell.shown
    # A number with hidden signs stays refused: what they part is not known.
    if not text.isascii() and kind not in _COUNTED and (seen := visible(text)) != text:
        cell = text = seen
    key = lookup_key(text)
    if not text or key in given.missing:
        return None
    if key in given.values:
        return given.values[key]
    if given.values and given.other != "keep":
        if given.other == "missing":
            return None
        raise CellError("value_not_listed")
    is_kept_day = kind == "date" and given.unread == "keep"
    if key in (MISSING_ANYWHERE if is_kept_day or kind in ("text", "slug", "currency", "name") else MISSING_NUMBER):
        return None
    if given.refused:
        raise CellError("pattern_refused", pattern=given.refused)
    if given.pattern:
        found = full_match(given.pattern, text)
        if not found:
            if expected := EXPECTED.get(given.pattern.pattern):
                raise CellError(expected)
            raise CellError("pattern_not_found", pattern=given.pattern.pattern)
        # A group that need not be there leaves nothing to read.
        text = (found.group(1) or "") if given.pattern.groups else text
        if not text:
            return None
        cell = text
    if is_kept_day:
        return read_day_or_keep(cell, text, zone, given.format, given.utc_offset)
    if kind == "date":
        return read_in_zone(cell, zone, given.format, given.utc_offset)
    return _typed(given, cell, text, kind)


# A factor from here on stands for a unit such as 千元, which a cell may name itself: it is then not applied twice.
_SMALLEST_UNIT = 1_000
_MOST_DIGITS = 20
# Nobody types more decimals.
_TYPED_DECIMALS = 6
# What a few sums of binary fractions add to a number, and the digits with which a program then writes it.
_MOST_NOISE = Decimal("1e-14")
_DIGITS_OF_NOISE = (16, 17)
# 80.000 is 80 or 80,000: no money has three decimals. Of a spreadsheet's own numbers the point is the mark.
_EITHER_MARK = re.compile(r"[^\d.,]*[1-9]\d{0,2}\.\d{3}[^\d.,万亿千百]*", re.ASCII)
# A bare number from here on is a percent: hardly any ratio is ten times the whole.
NO_RATIO = 10
_NUMBER_READERS = {"percent": read_percent, "rate": read_rate}


def _typed(given: Given, cell: object, text: str, kind: str) -> object:
    # A number that the file holds as such has no decimal mark of its own: its text always has a point.
    mark = given.decimal if isinstance(cell, str) else ""
    if kind == "flag":
        return read_flag(text)
    if kind in STANDARDS:
        return read_or_keep(kind, text) if given.unread else STANDARDS[kind](text)
    if kind == "months":
        return read_months(term_text(cell, text, given.scale), mark, given.scale)
    if kind in ("number", "integer", "percent", "rate", "money"):
        if hides_scale(cell, given.column, kind, given.scale):
            raise CellError("unit_not_understood")
        text = in_signs(text)
        if given.shares == "refuse_signed" and (isinstance(cell, Percentage) or text.endswith(PERCENT_SIGNS)):
            raise CellError("percent_among_numbers")
        if isinstance(cell, Percentage) and kind in _NUMBER_READERS and given.scale is None:
            return as_feature(read_number(cell.share) * 100)
        if kind == "money" and names_counter(text):
            raise CellError("not_a_number")
        is_plain = text.isascii() and text[0].isdigit() and text[-1].isdigit()
        if not is_plain and (kind == "money" or is_money(given.column)):
            text = money_text(text)
        number = written = _NUMBER_READERS.get(kind, read_number)(text, mark)
        if given.shares and not text.endswith(PERCENT_SIGNS) and _may_be_share(given, abs(number), kind):
            raise CellError("share_or_percent")
        number = scaled(number, given, text)
        is_open = kind == "money" and given.scale is None and not mark and isinstance(cell, str)
        if is_open and _EITHER_MARK.fullmatch(text):
            raise CellError("ambiguous_number")
        if kind == "integer" and number != number.to_integral_value():
            raise CellError("not_an_integer")
        return _money(number, written, isinstance(cell, float)) if kind == "money" else as_feature(number)
    if kind == "currency":
        if code := currency_named(text):
            return code
        raise CellError("not_a_currency")
    return product_named(text) if kind == "slug" else given.prefix + text


def _may_be_share(given: Given, number: Decimal, kind: str) -> bool:
    """Whether a bare number of a column beside whose percents it is no share for sure may be one."""
    if kind == "rate":
        return given.shares == "refuse_ratios" and 1 < number < NO_RATIO
    if kind == "percent":
        return 0 < number < NO_RATIO if given.shares == "refuse_ratios" else 0 < number <= 1
    # Beside percents 0.025 is hardly a fraction of a basis point.
    return given.scale is not None and given.scale < 1 and 0 < number <= 1


def scaled(number: Decimal, given: Given, text: str) -> Decimal:
    """The number of a cell by the unit of its column, unless the cell's `text` names its own.

    Raises CellError for 元 in a column of 万元: 125000元 are meant as they stand, 12.5元 hardly.
    """
    if given.scale is None or (given.scale >= _SMALLEST_UNIT and has_own_unit(text)):
        return number
    if given.scale >= _SMALLEST_UNIT and is_in_single(text):
        raise CellError("other_unit_than_column", column=given.column)
    return number * given.scale


def _money(number: Decimal, written: Decimal, from_float: bool) -> Decimal:
    """An amount, and the number that its cell writes of it; the noise of binary fractions is taken off, also of one
    that a program wrote out, and what a spreadsheet has computed, a third of 100,000, is told in cents. Third decimals
    that somebody typed are left to be refused."""
    if number.adjusted() > _MOST_DIGITS:
        # Beyond what a decimal is rounded with; the check of the amount refuses it in a sentence of its own.
        return number
    rounded = round(number, 2)
    is_computed = from_float and number != round(number, _TYPED_DECIMALS)
    noise = abs(number - rounded)
    is_noise = noise < Decimal("1e-6") if from_float else noise < _MOST_NOISE * abs(number) and _is_float(written)
    return rounded if is_computed or is_noise else number


def _is_float(written: Decimal) -> bool:
    """Whether a number is written as programs write a binary fraction with noise: 1590.3700000000001, and never more
    digits than tell it from all others."""
    is_long = len(written.as_tuple().digits) in _DIGITS_OF_NOISE and written != round(written, _TYPED_DECIMALS)
    return is_long and Decimal(repr(float(written))) == written


def product_named(text: str) -> str:
    """The product that a cell names: what is a short name already, as by API, only loses its capitals."""
    return text.lower() if is_slug(text) else product_slug(text)


def product_slug(text: str) -> str:
    """A product's short name: usual Chinese products by name, others with hyphens between their words."""
    if text in PRODUCTS:
        return PRODUCTS[text]
    slug = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
    return slug or MADE_UP + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
