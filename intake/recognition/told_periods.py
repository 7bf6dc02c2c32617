"""Periods of rates, and scales, that stand beside the header: in a column of their own (利率单位 月‰, a Scale of 1000)
or in a note (利率单位：‰（月）). Whoever passes over them reads 2.5 % a month as 2.5 % a year."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from intake.header_words.header_units import squeeze, unit_of
from intake.header_words.rate_periods import OPEN, YEAR, Told, is_usual_rate, period_of_rate, rate_scale, told_in
from intake.header_words.scale_words import scale_of_cell
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.given import Given
from intake.mapped.open_rates import is_by_the_month
from intake.shown.period_cells import CALLED_UNIT, are_codes, known_texts, period_in, plain_cell
from intake.tabular.tables import Line
from intake.values.cells import CellError, cell_text, read_number
from intake.values.percent_cells import shown_text
from intake.values.samples import SampleRow, known_numbers
from intake.values.traditional import simplified

_OF_RATES: Final = re.compile(
    r"(贷款|执行|合同)*利率(计算|计价|计量)?(类型|类别|种类|单位|周期|期间|频率|口径|标识|标志)|interest(unit|chargefrequency)"
    r"|(loan|contract|nominal)?(int|interest)?rate(type|kind|frequency|freq|frequencytype|period|periodtype|interval|unit|units|uom"
    r"|basis|per|charged|chargefrequency)"
)
# How often interest accrues: only a cell that names the rate says its period.
_OF_ACCRUAL: Final = re.compile(
    r"(贷款|执行|合同)*(利息|计息)(计算|计价|计量)?(类型|类别|种类|单位|周期|期间|频率|口径|标识|标志)|interest(frequency|freq|basis)"
)
_NAMES_A_RATE: Final = re.compile(r"利率|[年月日]息|万分|千分|[%‰‱]|\brates?\b")
_OF_SCALES: Final = re.compile(
    r"(loan|amount|amt|unit|money|currency)?(scale|scalefactor|scalingfactor|multiplier)|(amount|unit)factor"
    r"|(贷款|申请)?(金额|单位|货币)?(比例因子|换算系数|换算因子|倍数|乘数)"
)
# Of rates, as loan systems write them.
_MORE_OF_RATES: Final = re.compile(r"every[ _](two|four|2|4)[ _]weeks|whole[ _]term")
# The words of a note that says for what its rates are, and nothing else.
_OF_NOTE: Final = re.compile(
    r"备?注|附注|说明|以上|以下|上述|上表|下表|表中|本表|表内|所有|各项|各列|全部|均|皆|都|系|是|为|以|计|用|口径|贷款|执行|合同|的|note|notes|remark"
    r"|\b(all|are|is|as|quoted|given|expressed|shown|stated|loan|above|below|table|this)\b"
)
_CLAUSES: Final = re.compile(r"[,;。、|]|\band\b|\.(?=\s|$)|\s+(?=[^\s:()]{1,8}:)|\s{2,}|\n")
_SMALL_PARTS: Final = ("‰", "‱")
_NAMES_RATES: Final = re.compile(r"利率|[年月日]息|\brates?\b|\binterest\b")
_NUMBERING: Final = re.compile(r"(?:^|:)\s*[(]?\d{1,2}[).]\s*(?!\d)")


def refuse_other_periods(
    mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow], beside: Iterable[Line]
) -> None:
    """Raises MappingError where a rate of interest or the amount would be read without the period or scale that its
    header, its cells, a column beside it or a line beside the table says: `beside` are these."""
    columns_of_rates = [
        (name, given)
        for name, given in mapping.features.items()
        if given.how == "column" and _is_of_rates(given.column)
    ]
    for name, given in columns_of_rates:
        _refuse_below_header(name, given, sample)
    rates = [(name, given) for name, given in columns_of_rates if given.type in ("number", "percent", "rate")]
    for _name, given in rates:
        if period_of_rate(given.column) == OPEN:
            raise MappingError("unit_unknown", name=given.column)
        _refuse_mixed(given, sample)
    amount = mapping.fields.get("amount")
    for column in columns:
        key = squeeze(column)
        if _OF_RATES.fullmatch(key):
            _refuse_periods_of_rates(rates, column, known_texts(column, sample))
        elif _OF_ACCRUAL.fullmatch(key):
            texts = [text for text in known_texts(column, sample) if _NAMES_A_RATE.search(plain_cell(text))]
            _refuse_periods_of_rates(rates, column, texts)
        elif amount is not None and amount.column != column and _OF_SCALES.fullmatch(key):
            _refuse_scales(amount, known_texts(column, sample))
    if rates:
        for line in beside:
            of = [each for each in rates if line.column in ("", each[1].column)]
            _refuse_note(of, line.code, f"{line.column}: {line.said}" if line.column else line.said)


def _refuse_scales(amount: Given, texts: Sequence[str]) -> None:
    said = next(filter(_is_scale, texts), "")
    if said and all(text == "1" or _is_scale(text) for text in texts):
        raise MappingError("unit_in_column", said=said, column=amount.column)


def _is_of_rates(column: str) -> bool:
    return is_usual_rate(column) or is_by_the_month(column)


def _is_by_the_year(name: str) -> bool:
    return re.fullmatch(r"interest_rate(_\d+)?", name) is not None


def _refuse_below_header(name: str, given: Given, sample: Sequence[SampleRow]) -> None:
    """A row of units may stand below the header: there %/月 is no rate, but the unit of all."""
    text = cell_text(sample[0].get(given.column)) if sample else ""
    told, own = told_in(text) or Told(), period_of_rate(given.column) or (YEAR if _is_by_the_year(name) else "")
    is_other = told.period not in ("", own) if own else told.period == YEAR
    is_other_part = told.scale is not None and told.scale != rate_scale(given.column)
    if is_other or is_other_part:
        raise MappingError("unit_below_header", said=text, column=given.column)


def _refuse_mixed(given: Given, sample: Sequence[SampleRow]) -> None:
    """In ‰ are rates by the month, in 万分之 those by the day, in percent those by the year, where the header says
    none of these."""
    if not is_usual_rate(given.column) or period_of_rate(given.column):
        return
    texts = known_numbers([shown_text(row.get(given.column)) for row in sample])
    own = next((text for text in texts if text.endswith(_SMALL_PARTS)), "")
    other = next((text for text in texts if text[-1:] != own[-1:] and text.strip("0.%％")), "")
    if own and other:
        raise MappingError("rate_period_mixed", name=given.column, own=own, other=other)


def _refuse_periods_of_rates(rates: Sequence[tuple[str, Given]], column: str, texts: Sequence[str]) -> None:
    """Of several rates, each with a period in its header, the column may mean any. One by the year in its header stays
    so: beside it stands how often interest is due."""
    open_ones = [(name, given) for name, given in rates if not period_of_rate(given.column) and _is_by_the_year(name)]
    checked = open_ones or (rates if len(rates) == 1 else [])
    if checked and CALLED_UNIT.search(squeeze(column)):
        # Codes of units that nobody has said: of rates they are no kinds.
        unknown = next((text for text in texts if not are_codes(texts) and told_in(text) is None), "")
        if unknown:
            raise MappingError("period_in_column", said=unknown, name=column, column=checked[0][1].column)
    for name, given in checked:
        own = YEAR if _is_by_the_year(name) else ""
        says_year = period_of_rate(given.column) == YEAR
        for text, told in _told(texts):
            is_other = not says_year and (told.period not in ("", own) if own else told.period == YEAR)
            if is_other or (told.scale and given.type == "number" and given.scale is None):
                raise MappingError("period_in_column", said=text, name=column, column=given.column)


def _told(texts: Sequence[str]) -> Iterator[tuple[str, Told]]:
    for text in dict.fromkeys(texts):
        if _MORE_OF_RATES.fullmatch(plain_cell(text)):
            yield text, Told(OPEN)
        elif told := Told(period_in(text, texts)) if are_codes(texts) else told_in(text):
            yield text, told


def _is_scale(text: str) -> bool:
    """Whether a cell says a scale other than one: 1000, 0.01, 万."""
    try:
        number = read_number(text)
    except CellError:
        return scale_of_cell(text) is not None
    return number > 0 and number != 1 and number == Decimal(10) ** number.adjusted()


def _refuse_note(rates: Sequence[tuple[str, Given]], code: str, note: str) -> None:
    for told in _told_in_note(note):
        for name, given in rates:
            own = period_of_rate(given.column)
            if len(rates) > 1 and own not in ("", told.period):
                # It may be of another rate.
                continue
            is_other = _is_by_the_year(name) and told.period not in ("", YEAR)
            is_bare = given.type == "number" and given.scale is None and "%" not in unit_of(given.column)
            if is_other or (told.scale and is_bare):
                raise MappingError(code, said=note.strip(), column=given.column)


def _told_in_note(note: str) -> Iterator[Told]:
    """What the clauses of a note say that say for what its rates are, and nothing else."""
    plain = simplified(unicodedata.normalize("NFKC", note)).casefold()
    for clause in _CLAUSES.split(plain):
        if _NAMES_RATES.search(clause) and (told := told_in(_OF_NOTE.sub(" ", _NUMBERING.sub("", clause)))):
            yield told
