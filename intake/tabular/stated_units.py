"""Units and currencies that stand beside the header and not in it: above it, in the row below it, or in a column of
their own. Whoever passes over them reads 12.5 万元 as 12.50."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from intake.header_words import header_units
from intake.header_words.scale_words import plain_line, scale_in, scale_of_cell
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.given import Given
from intake.mapped.header_currencies import currency_in
from intake.tabular.tables import Line
from intake.values.cells import cell_text
from intake.values.currency_words import currency_named, says_currency
from intake.values.samples import SampleRow, known

_TELLS_CURRENCY: Final = re.compile(r"单位|币种|币别|货币|currency|units?\b|\bin\b", re.IGNORECASE)
# "Currency: MYR", 币种：新加坡元 单位：元.
_CALLS_CURRENCY: Final = re.compile(
    r"(?:币种|币别|货币(?:单位)?|单位|currency|\bin)\s*[:为是]?\s*([^\W\d_]+(?:元|币)?)(?:[ ]([a-z]+))?", re.IGNORECASE
)
# In brackets, behind the word for it or alone: "Loans in Kwacha County" is a place.
_CALLS_OPEN: Final = re.compile(
    r"(?:币种|币别|货币(?:单位)?|单位|currency|\b(?:amounts?|figures|values|all|money)\b(?:\s(?:are|is))*\sin)\s*[:为是]?\s*"
    r"((?:[^\W\d_]+\s?){1,2}\.?)$",
    re.IGNORECASE,
)
_UNIT_CELL: Final = re.compile(
    r"单位|[(\[【]?(?:[^()\[\]【】\d]{0,4}元|百万|千万|万|千|亿|%|‰|bps?|个?月|年|天|日|岁|个|人|次|户|笔|期|分|usd|cny|rmb|eur|hkd|月数|年数"
    r"|months?|years?|days?|m|yyyy[-/]mm[-/]dd)[)\]】]?",
    re.IGNORECASE,
)
_UNIT_COLUMN: Final = re.compile(r"(贷款|申请|金额|货币|计量|计价|数额)*单位|(loan|amount|amt|currency|money)?units?")
_A_TIME: Final = re.compile(r"\s*/\s*(?:年|月|months?|years?|yr|mth)$", re.IGNORECASE)


@dataclass(frozen=True)
class Stated:
    """What a table says of its money outside its header: the cell that says it, the factor and the currency ("" for
    none), and of the row below the header the factor of each column and the cells that name a currency."""

    code: str = ""
    said: str = ""
    scale: Decimal | None = None
    currency: str = ""
    by_column: Mapping[str, Decimal] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    # Whether it names a currency that several countries call so.
    is_open: bool = False
    # The columns that it is most likely of, where it says nothing of that.
    likely: Sequence[str] = ()

    def scale_of(self, column: str) -> Decimal | None:
        """The factor that a column of money without a unit of its own is to be read by; None for none."""
        if header_units.says_unit_of_money(column):
            return None
        if self.by_column or self.currencies:
            return self.by_column.get(column)
        return self.scale if header_units.is_money(column) else None


def stated_units(notes: Sequence[str], columns: Sequence[str], rows: Sequence[SampleRow]) -> Stated:
    """What the lines above the header say, or else the row below it, or else a column of units."""
    if (told := stated_in_notes("unit_above_header", notes)).code:
        return told
    for row in rows[:1]:
        cells = {column: text for column in columns if (text := cell_text(row.get(column)))}
        scales = {column: scale for column, text in cells.items() if (scale := scale_of_cell(text))}
        currencies = {column: text for column, text in cells.items() if _currency_of_cell(text) not in ("", "CNY")}
        if (scales or currencies) and all(map(_is_unit, cells.values())):
            said = cells[next(iter(scales or currencies))]
            return Stated("unit_below_header", said, by_column=scales, currencies=currencies)
    for column in columns:
        if _UNIT_COLUMN.fullmatch(header_units.squeeze(column)):
            units = known([cell_text(row.get(column)) for row in rows])
            named = [unit for unit in units if _is_unit(unit) and scale_of_cell(unit)]
            if named:
                return Stated("unit_in_column", named[0], scale_of_cell(named[0]))
    return Stated()


def stated_in_notes(code: str, notes: Sequence[str]) -> Stated:
    """What lines beside a table say, under this code; nothing where none of them says a scale or currency."""
    told = [(note, scale_in(note), _currency_in(note)) for note in notes]
    opening = [note for note in notes if _leaves_currency_open(note)]
    telling = [each for each in told if each[1] or each[2] or each[0] in opening]
    if not telling:
        return Stated()
    said = " ".join(note for note, _scale, _currency in telling)
    scale = next((scale for _note, scale, _currency in telling if scale), None)
    currency = next((currency for _note, _scale, currency in telling if currency), "")
    return Stated(code, said, scale, currency, is_open=bool(opening) and not currency)


def stated_of_column(line: Line, *, is_amount: bool) -> Stated:
    """What a line says that is of one column of money; only of the amount's the currency is that of a case."""
    scale = scale_of_cell(line.said)
    scales = {line.column: scale} if scale else {}
    if not is_amount:
        return Stated(line.code if scale else "", line.said, by_column=scales)
    named = _currency_of_cell(line.said) or _currency_in(line.said)
    is_open = _leaves_currency_open(line.said) and not named
    currency = "" if named == "CNY" else named
    return Stated(line.code, line.said, by_column=scales, currency=currency, is_open=is_open)


def refuse_passed_over(mapping: CaseMapping, stated: Stated) -> None:
    """Raises MappingError where a recognised mapping passes over a unit or currency that the table states."""
    for column in sorted(_without_scale(mapping, stated), key=lambda each: each not in stated.likely):
        raise MappingError(stated.code, said=stated.said, column=column)
    currency, amount = mapping.fields.get("currency"), mapping.fields.get("amount")
    if currency is None or amount is None:
        return
    if (stated.is_open or (stated.currency and currency.value != stated.currency)) and currency.how == "default":
        raise MappingError(stated.code, said=stated.said, column=amount.column)
    said = stated.currencies.get(amount.column, "")
    if said and currency.how in ("default", "constant") and currency.value != _currency_of_cell(said):
        raise MappingError(stated.code, said=said, column=amount.column)


def with_stated_units(mapping: CaseMapping, stated: Stated) -> CaseMapping:
    """A drafted mapping that reads its money in the unit and currency that the table states, for a person to look at.
    Where each row has a unit of its own, the amount is left open."""
    if not stated.code:
        return mapping
    open_columns = _without_scale(mapping, stated)
    if stated.code == "unit_in_column":
        fields = {name: given for name, given in mapping.fields.items() if given.column not in open_columns}
        features = {name: given for name, given in mapping.features.items() if given.column not in open_columns}
        drop = {**mapping.drop, **dict.fromkeys(open_columns, "not_used")}
        return replace(mapping, fields=fields, features=features, drop=drop)

    def scaled(given: Given) -> Given:
        is_open = given.how == "column" and given.column in open_columns
        return replace(given, scale=stated.scale_of(given.column)) if is_open else given

    fields = {name: scaled(given) for name, given in mapping.fields.items()}
    below = stated.currencies.get(fields["amount"].column, "") if "amount" in fields else ""
    named = stated.currency or _currency_of_cell(below)
    if named and fields.get("currency", Given("default")).how == "default":
        fields["currency"] = Given("constant", value=named)
    return replace(mapping, fields=fields, features={name: scaled(given) for name, given in mapping.features.items()})


def _without_scale(mapping: CaseMapping, stated: Stated) -> list[str]:
    """The columns of money that are read as if nothing was stated."""
    numbers = [given for _name, given in mapping.numbers if given.scale is None]
    return [given.column for given in numbers if stated.scale_of(given.column)]


def _is_unit(text: str) -> bool:
    is_unit = scale_of_cell(text) is not None or _UNIT_CELL.fullmatch(plain_line(text)) is not None
    return is_unit or bool(_currency_of_cell(text))


def _currency_of_cell(text: str) -> str:
    """The currency that a cell for a unit names, and nothing else: 美元, (USD), (USD/month)."""
    return currency_named(_A_TIME.sub("", plain_line(text).strip("()[]【】 ")))


def _currency_in(text: str) -> str:
    """The currency other than the usual one that a line says amounts to be in."""
    if not (_TELLS_CURRENCY.search(text) or scale_in(text)):
        return ""
    called = _CALLS_CURRENCY.search(plain_line(text))
    for name in (" ".join(filter(None, called.groups())), called[1]) if called else ():
        if (code := currency_named(name)) not in ("", "CNY"):
            return code
    # "单位：千美元" and "币种：美元": what is called so stands at the end.
    named = currency_in(re.sub(r"[百千万亿]+(?=[美港欧日])", "", plain_line(text).rstrip(")）]】 ")))
    return "" if named == "CNY" else named


def _leaves_currency_open(text: str) -> bool:
    """Whether a line says that amounts are in what several countries call theirs: "Currency: Shillings", 币种：卢比."""
    called = _CALLS_OPEN.search(plain_line(text).rstrip(")）]】. "))
    return called is not None and says_currency(called[1].casefold()) and not currency_named(called[1].strip())
