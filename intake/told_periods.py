"""Periods of rates and incomes, and scales, that stand beside the header: in a column of their own (利率单位 月‰, a
Scale of 1000, "Income Frequency" Monthly) or in a note (利率单位：‰（月）). Whoever passes over them reads 2.5 % a
month as 2.5 % a year."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from intake.case_mapping import CaseMapping, MappingError
from intake.cells import CellError, cell_text, read_number
from intake.given import Given
from intake.header_units import says_unit_of_money, squeeze, unit_of
from intake.open_rates import is_by_the_month
from intake.percent_cells import shown_text
from intake.rate_periods import OPEN, YEAR, Told, is_usual_rate, period_of_rate, rate_scale, told_in
from intake.samples import SampleRow, known, known_numbers
from intake.scale_words import scale_of_cell
from intake.traditional import simplified

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
_OF_INCOMES: Final = re.compile(
    r"(个人|家庭|税前)?收入(计算)?(周期|频率|期间|口径|单位)"
    r"|(annual|monthly|gross|net|household)?income(frequency|freq|period|interval|cycle|unit|basis|per)"
)
# The kind of an income, and how often a salary is paid: only a cell that names the income says its period.
_OF_PAY: Final = re.compile(
    r"(个人|家庭|税前)?(收入类型|工资(计算)?(周期|频率|期间|口径|类型|单位))|(annual|monthly|gross|net|household)?"
    r"(incometype|salary(frequency|freq|period|interval|cycle|unit|basis|type|per))"
)
_OF_SCALES: Final = re.compile(
    r"(loan|amount|amt|unit|money|currency)?(scale|scalefactor|scalingfactor|multiplier)|(amount|unit)factor"
    r"|(贷款|申请)?(金额|单位|货币)?(比例因子|换算系数|换算因子|倍数|乘数)"
)
_CALLED_UNIT: Final = re.compile(r"(单位|units?|uom)$")
# Only of codes: a rate type M beside F is no period.
_CODES: Final = {"y": YEAR, "a": YEAR, "m": "month", "d": "day", "w": "week", "q": "quarter"}
# More periods of an income, of which none has a name.
_MORE: Final = re.compile(
    r"(bi|semi)-?\s?(weekly|monthly|annual(ly)?)|fortnight(ly)?|hour(ly)?|每?(小时|半年|双周|两周)"
)
_INCOME: Final = re.compile(r"收入|工资|月薪|年薪|income|salary")
# 收入单位 is the employer, too, and some employer is called 亿元科技.
_IS_SCALE: Final = re.compile(r"[^\u4e00-\u9fff]+|\W*(单位\W?)?(人民币)?[十百千万亿]+(人民币|美|港|欧|日)?元?\W*")
# 月薪 is 月收入.
_NAME_OF_INCOME: Final = re.compile(r"收入|工资|薪资?|income|salary")
# Of rates, as loan systems write them.
_MORE_OF_RATES: Final = re.compile(r"every[ _](two|four|2|4)[ _]weeks|whole[ _]term")
_BY_THE_YEAR: Final = re.compile(r"年|annual|year")
_BY_THE_MONTH: Final = re.compile(r"月|month")
# The words of a note that says for what its rates are, and nothing else.
_OF_NOTE: Final = re.compile(
    r"备?注|附注|说明|以上|以下|上述|上表|下表|表中|本表|表内|所有|各项|各列|全部|均|皆|都|系|是|为|以|计|用|口径|贷款|执行|合同|的|note|notes|remark"
    r"|\b(all|are|is|as|quoted|given|expressed|shown|stated|loan|above|below|table|this)\b"
)
_CLAUSES: Final = re.compile(r"[,;。、|]|\band\b|\.(?=\s|$)|\s+(?=[^\s:()]{1,8}:)|\s{2,}|\n")
_NAMES_RATES: Final = re.compile(r"利率|[年月日]息|\brates?\b|\binterest\b")
_NUMBERING: Final = re.compile(r"(?:^|:)\s*[(]?\d{1,2}[).]\s*(?!\d)")


def refuse_other_periods(
    mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow], beside: Iterable[tuple[str, str]]
) -> None:
    """Raises MappingError where a rate of interest, an income or the amount would be read without the period or scale
    that its header, its cells, a column beside it or a line beside the table says: `beside` are these, each behind the
    code under which it is refused."""
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
            _refuse_periods_of_rates(rates, column, _texts(column, sample))
        elif _OF_ACCRUAL.fullmatch(key):
            texts = [text for text in _texts(column, sample) if _NAMES_A_RATE.search(_plain(text))]
            _refuse_periods_of_rates(rates, column, texts)
        elif _OF_INCOMES.fullmatch(key) or _OF_PAY.fullmatch(key):
            _refuse_units_of_incomes(mapping, column, _texts(column, sample))
            _refuse_periods_of_incomes(mapping, column, sample)
        elif amount is not None and amount.column != column and _OF_SCALES.fullmatch(key):
            _refuse_scales(amount, _texts(column, sample))
    if rates:
        for code, note in beside:
            _refuse_note(rates, code, note)


def _texts(column: str, sample: Sequence[SampleRow]) -> list[str]:
    return known([cell_text(row.get(column)) for row in sample])


def _refuse_scales(amount: Given, texts: Sequence[str]) -> None:
    said = next(filter(_is_scale, texts), "")
    if said and all(text == "1" or _is_scale(text) for text in texts):
        raise MappingError("unit_in_column", said=said, column=amount.column)


def with_income_of_months(mapping: CaseMapping, sample: Sequence[SampleRow]) -> CaseMapping:
    """With the income as one by the month where its header says no period, and the column that does says so of all."""
    income = mapping.features.get("income")
    if income is None or "monthly_income" in mapping.features:
        return mapping
    columns = sample[0] if sample else ()
    beside = [each for each in columns if _OF_INCOMES.fullmatch(squeeze(each)) or _OF_PAY.fullmatch(squeeze(each))]
    told = [(column, texts) for column in beside if _periods(texts := _texts_of_income(column, sample))]
    if [{*_periods(texts)} for _column, texts in told] != [{"month"}]:
        return mapping
    if any(len(texts) < len(_texts(column, sample)) for column, texts in told):
        # Other kinds of incomes beside the 月薪 may be by the year.
        return mapping
    features = {"monthly_income" if name == "income" else name: given for name, given in mapping.features.items()}
    return replace(mapping, features=features)


def _is_of_rates(column: str) -> bool:
    return is_usual_rate(column) or is_by_the_month(column)


def _texts_of_income(column: str, sample: Sequence[SampleRow]) -> list[str]:
    """The cells of a column beside an income that say its period, of the kinds of incomes only 月薪 and the like."""
    texts = _texts(column, sample)
    is_of_pay = _OF_PAY.fullmatch(squeeze(column))
    return [text for text in texts if _NAME_OF_INCOME.search(_plain(text))] if is_of_pay else texts


def _plain(text: str) -> str:
    return simplified(unicodedata.normalize("NFKC", text)).strip().casefold()


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
    """In ‰ are rates by the month, in percent those by the year, where the header says neither."""
    if not is_usual_rate(given.column) or period_of_rate(given.column):
        return
    texts = known_numbers([shown_text(row.get(given.column)) for row in sample])
    own = next((text for text in texts if text.endswith("‰")), "")
    other = next((text for text in texts if not text.endswith("‰") and text.strip("0.%％")), "")
    if own and other:
        raise MappingError("rate_period_mixed", name=given.column, own=own, other=other)


def _refuse_periods_of_rates(rates: Sequence[tuple[str, Given]], column: str, texts: Sequence[str]) -> None:
    """Of several rates, each with a period in its header, the column may mean any. One by the year in its header stays
    so: beside it stands how often interest is due."""
    open_ones = [(name, given) for name, given in rates if not period_of_rate(given.column) and _is_by_the_year(name)]
    checked = open_ones or (rates if len(rates) == 1 else [])
    if checked and _CALLED_UNIT.search(squeeze(column)):
        # Codes of units that nobody has said: of rates they are no kinds.
        unknown = next((text for text in texts if not _are_codes(texts) and told_in(text) is None), "")
        if unknown:
            raise MappingError("period_in_column", said=unknown, name=column, column=checked[0][1].column)
    for name, given in checked:
        own = YEAR if _is_by_the_year(name) else ""
        says_year = period_of_rate(given.column) == YEAR
        for text, told in _told(texts):
            is_other = not says_year and (told.period not in ("", own) if own else told.period == YEAR)
            if is_other or (told.scale and given.type == "number" and given.scale is None):
                raise MappingError("period_in_column", said=text, name=column, column=given.column)


def _incomes(mapping: CaseMapping) -> list[tuple[str, Given]]:
    return [
        (name, given)
        for name, given in mapping.features.items()
        if given.how == "column" and given.type == "number" and _INCOME.search(squeeze(given.column))
    ]


def _refuse_units_of_incomes(mapping: CaseMapping, column: str, texts: Sequence[str]) -> None:
    bare = [given for _name, given in _incomes(mapping) if given.scale is None and not says_unit_of_money(given.column)]
    said = next((text for text in texts if scale_of_cell(text) and _IS_SCALE.fullmatch(_plain(text))), "")
    if bare and said and _CALLED_UNIT.search(squeeze(column)):
        raise MappingError("unit_in_column", said=said, column=bare[0].column)


def _refuse_periods_of_incomes(mapping: CaseMapping, column: str, sample: Sequence[SampleRow]) -> None:
    incomes, texts = _incomes(mapping), _texts_of_income(column, sample)
    periods = {_period_of_income(name, given) for name, given in incomes}
    if not incomes or not _periods(texts):
        return
    told = {*_periods(texts)}
    # One that says no period is read by that of all rows: of months under that name, of years as it always was.
    if told <= periods or (periods == {""} and told == {YEAR}):
        return
    if periods == {YEAR} and _OF_PAY.fullmatch(squeeze(column)):
        # An income by the year of someone who is paid by the month.
        return
    said = next(text for text in texts if (period := _period(text, texts)) and (period not in periods))
    raise MappingError("period_in_column", said=said, name=column, column=incomes[0][1].column)


def _period_of_income(name: str, given: Given) -> str:
    key = squeeze(given.column)
    is_monthly = name == "monthly_income" or _BY_THE_MONTH.search(key)
    return "month" if is_monthly else YEAR if _BY_THE_YEAR.search(key) else ""


def _told(texts: Sequence[str]) -> Iterator[tuple[str, Told]]:
    for text in dict.fromkeys(texts):
        if _MORE_OF_RATES.fullmatch(_plain(text)):
            yield text, Told(OPEN)
        elif told := Told(_period(text, texts)) if _are_codes(texts) else told_in(text):
            yield text, told


def _periods(texts: Sequence[str]) -> list[str]:
    return [period for text in dict.fromkeys(texts) if (period := _period(text, texts))]


def _period(text: str, texts: Sequence[str]) -> str:
    """The period that a cell says, "" for none; one letter says one only where all are such letters."""
    plain = _plain(text)
    if _are_codes(texts):
        return _CODES[plain]
    if _MORE.fullmatch(plain):
        return OPEN
    told = told_in(_NAME_OF_INCOME.sub("", plain))
    return told.period if told else ""


def _are_codes(texts: Sequence[str]) -> bool:
    return bool(texts) and all(text.strip().casefold() in _CODES for text in texts)


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
