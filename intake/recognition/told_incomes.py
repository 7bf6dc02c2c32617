"""Periods and scales of incomes that stand in a column of their own: "Income Frequency" Monthly, 收入单位 万元."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from intake.header_words.header_units import says_unit_of_money, squeeze
from intake.header_words.rate_periods import YEAR
from intake.header_words.scale_words import scale_of_cell
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.given import Given
from intake.shown.period_cells import CALLED_UNIT, NAME_OF_INCOME, known_texts, period_in, periods_in, plain_cell
from intake.values.samples import SampleRow

_OF_INCOMES: Final = re.compile(
    r"(个人|家庭|税前)?收入(计算)?(周期|频率|期间|口径|单位)"
    r"|(annual|monthly|gross|net|household)?income(frequency|freq|period|interval|cycle|unit|basis|per)"
)
# The kind of an income, and how often a salary is paid: only a cell that names the income says its period.
_OF_PAY: Final = re.compile(
    r"(个人|家庭|税前)?(收入类型|工资(计算)?(周期|频率|期间|口径|类型|单位))|(annual|monthly|gross|net|household)?"
    r"(incometype|salary(frequency|freq|period|interval|cycle|unit|basis|type|per))"
)
_INCOME: Final = re.compile(r"收入|工资|月薪|年薪|income|salary")
# 收入单位 is the employer, too, and some employer is called 亿元科技.
_IS_SCALE: Final = re.compile(r"[^\u4e00-\u9fff]+|\W*(单位\W?)?(人民币)?[十百千万亿]+(人民币|美|港|欧|日)?元?\W*")
_BY_THE_YEAR: Final = re.compile(r"年|annual|year")
_BY_THE_MONTH: Final = re.compile(r"月|month")


def refuse_other_incomes(mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow]) -> None:
    """Raises MappingError where an income would be read without the period or scale that a column beside it says."""
    for column in filter(_is_of_incomes, columns):
        _refuse_units(mapping, column, known_texts(column, sample))
        _refuse_periods(mapping, column, sample)


def _is_of_incomes(column: str) -> bool:
    key = squeeze(column)
    return bool(_OF_INCOMES.fullmatch(key) or _OF_PAY.fullmatch(key))


def with_income_of_months(mapping: CaseMapping, sample: Sequence[SampleRow]) -> CaseMapping:
    """With the income as one by the month where its header says no period, and the column that does says so of all."""
    income = mapping.features.get("income")
    if income is None or "monthly_income" in mapping.features:
        return mapping
    columns = sample[0] if sample else ()
    beside = filter(_is_of_incomes, columns)
    told = [(column, texts) for column in beside if periods_in(texts := _texts_of_income(column, sample))]
    if [{*periods_in(texts)} for _column, texts in told] != [{"month"}]:
        return mapping
    if any(len(texts) < len(known_texts(column, sample)) for column, texts in told):
        # Other kinds of incomes beside the 月薪 may be by the year.
        return mapping
    features = {"monthly_income" if name == "income" else name: given for name, given in mapping.features.items()}
    return replace(mapping, features=features)


def _incomes(mapping: CaseMapping) -> list[tuple[str, Given]]:
    return [
        (name, given)
        for name, given in mapping.features.items()
        if given.how == "column" and given.type == "number" and _INCOME.search(squeeze(given.column))
    ]


def _texts_of_income(column: str, sample: Sequence[SampleRow]) -> list[str]:
    """The cells of a column beside an income that say its period, of the kinds of incomes only 月薪 and the like."""
    texts = known_texts(column, sample)
    is_of_pay = _OF_PAY.fullmatch(squeeze(column))
    return [text for text in texts if NAME_OF_INCOME.search(plain_cell(text))] if is_of_pay else texts


def _refuse_units(mapping: CaseMapping, column: str, texts: Sequence[str]) -> None:
    bare = [given for _name, given in _incomes(mapping) if given.scale is None and not says_unit_of_money(given.column)]
    said = next((text for text in texts if scale_of_cell(text) and _IS_SCALE.fullmatch(plain_cell(text))), "")
    if bare and said and CALLED_UNIT.search(squeeze(column)):
        raise MappingError("unit_in_column", said=said, column=bare[0].column)


def _refuse_periods(mapping: CaseMapping, column: str, sample: Sequence[SampleRow]) -> None:
    incomes, texts = _incomes(mapping), _texts_of_income(column, sample)
    periods = {_period_of_income(name, given) for name, given in incomes}
    if not incomes or not periods_in(texts):
        return
    told = {*periods_in(texts)}
    # One that says no period is read by that of all rows: of months under that name, of years as it always was.
    if told <= periods or (periods == {""} and told == {YEAR}):
        return
    if periods == {YEAR} and _OF_PAY.fullmatch(squeeze(column)):
        # An income by the year of someone who is paid by the month.
        return
    said = next(text for text in texts if (period := period_in(text, texts)) and (period not in periods))
    raise MappingError("period_in_column", said=said, name=column, column=incomes[0][1].column)


def _period_of_income(name: str, given: Given) -> str:
    key = squeeze(given.column)
    is_monthly = name == "monthly_income" or _BY_THE_MONTH.search(key)
    return "month" if is_monthly else YEAR if _BY_THE_YEAR.search(key) else ""
