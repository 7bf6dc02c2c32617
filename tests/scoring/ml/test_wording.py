"""Values as a credit officer reads them."""

import math

import pytest

from scoring.ml.errors import Language
from scoring.ml.features import FeatureTable
from scoring.ml.vocabulary import Feature, Label, Sentences, Words
from scoring.ml.wording import missing_text, number_text, reason_text, value_text

SALES = Feature(
    name="sales",
    words=Words("Sales", "销售额"),
    type="number",
    unit="money",
    sentences=Sentences(plain=Words("Sales {value}; typical {norm}", "销售额 {value}，通常值 {norm}")),
)


@pytest.mark.parametrize(
    ("name", "value", "en", "zh"),
    [
        ("amount", 16100.0, "$16,100", "$16,100"),
        ("term_months", 36.0, "36 months", "36 个月"),
        ("term_months", 1.0, "1 month", "1 个月"),
        ("interest_rate", 13.99, "13.99%", "13.99%"),
        ("interest_rate", 12.5, "12.5%", "12.5%"),
        ("sub_grade", 1.0, "A1", "A1"),
        ("sub_grade", 35.0, "G5", "G5"),
        ("sub_grade", 14.0, "C4", "C4"),
        ("sub_grade", 99.0, "99", "99"),
        ("employment_years", 0.0, "less than 1 year", "不满 1 年"),
        ("employment_years", 1.0, "1 year", "1 年"),
        ("employment_years", 7.0, "7 years", "7 年"),
        ("employment_years", 10.0, "10 years or more", "10 年及以上"),
        ("employment_years", math.nan, "not supplied", "未提供"),
        ("income_verified", 0.0, "not verified", "未核实"),
        ("inquiries_12m", 6.0, "6", "6"),
        ("credit_utilisation", 82.0, "82%", "82%"),
        ("loan_to_income", 0.2041, "20.4%", "20.4%"),
        ("loan_to_income", math.nan, "cannot be computed", "无法计算"),
    ],
)
def test_a_value_is_written_in_its_unit(table: FeatureTable, name: str, value: float, en: str, zh: str) -> None:
    feature = table.by_name[name]
    assert value_text(feature, value, "en", currency="USD") == en
    assert value_text(feature, value, "zh-hans", currency="USD") == zh


def test_money_without_a_currency_is_a_bare_number(table: FeatureTable) -> None:
    assert value_text(table.by_name["amount"], 1250.4, "en") == "1,250"


def test_a_currency_without_a_symbol_keeps_its_code(table: FeatureTable) -> None:
    assert value_text(table.by_name["amount"], 5.0, "zh-hans", currency="XOF") == "XOF\N{NO-BREAK SPACE}5"


@pytest.mark.parametrize(("language", "yes", "no"), [("en", "yes", "no"), ("zh-hans", "是", "否")])
def test_flags_are_yes_or_no(language: Language, yes: str, no: str) -> None:
    flag = Feature(name="owner", words=Words("Owner", "有房"), type="flag")
    assert (value_text(flag, 1.0, language), value_text(flag, 0.0, language)) == (yes, no)


def test_a_date_is_written_as_a_date_and_a_special_value_in_its_own_words() -> None:
    born = Feature(name="born", words=Words("Date of birth", "出生日期"), type="date")
    assert value_text(born, born.number("1985-03-09"), "en") == "1985-03-09"
    none = Label(-999.0, Words("no bureau record", "无征信记录"))
    score = Feature(name="score", words=Words("Bureau score", "征信评分"), type="number", special_values=(none,))
    assert (value_text(score, -999.0, "en"), value_text(score, -999.0, "zh-hans")) == ("no bureau record", "无征信记录")
    assert value_text(score, 610.0, "en") == "610"


def test_a_feature_that_no_model_reads_has_no_reason_text() -> None:
    plain = Feature(name="job", words=Words("Job", "职务"), type="number")
    with pytest.raises(ValueError, match="job is not scored"):
        reason_text(plain, 1.0, 2.0, raises=True, given=False, language="en", currency="")


def test_what_the_model_cannot_use_is_not_called_missing(table: FeatureTable) -> None:
    amount = table.by_name["amount"]
    assert missing_text(amount, "en", given=True) == "cannot be used by the model"
    assert missing_text(amount, "zh-hans", given=True) == "模型无法使用"


def test_numbers_lose_needless_noughts_only() -> None:
    assert [number_text(value, 2) for value in (1000.0, 1.5, 0.004, -0.001)] == ["1,000", "1.5", "0", "0"]
    assert number_text(1000.0, 0) == "1,000"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999_999_999_999_999.0, "999,999,999,999,999"),
        (1e15, "1.00e+15"),
        (1e300, "1.00e+300"),
        (-1.2345e39, "-1.23e+39"),
    ],
)
def test_a_number_without_end_is_written_with_an_exponent(table: FeatureTable, value: float, text: str) -> None:
    signed = f"−${text[1:]}" if value < 0 else f"${text}"
    assert number_text(value, 0) == text
    assert value_text(table.by_name["amount"], value, "en", currency="USD") == signed
    assert value_text(table.by_name["amount"], value, "zh-hans", currency="USD") == signed
    assert value_text(table.by_name["interest_rate"], value, "en") == f"{text}%"
    said = reason_text(SALES, value, 2.0, raises=True, given=True, language="en", currency="USD")
    assert said == f"Sales {signed}; typical $2"
