"""Numbers, dates and names read the same on every page, in both languages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from desk import words


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal("1234567"), "CNY", "¥1,234,567.00"),
        (Decimal("8000.00"), "USD", "$8,000"),
        (Decimal("8000.50"), "USD", "$8,000.50"),
        (Decimal("-12.50"), "USD", "−$12.50"),
        (Decimal("12"), "SEK", "SEK\N{NO-BREAK SPACE}12"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_money_is_grouped_in_both_languages(amount: Decimal, currency: str, text: str, language: str) -> None:
    with translation.override(language):
        assert words.money(amount, currency) == text


def test_an_amount_in_a_narrow_cell_keeps_its_exact_value_beside_the_short_one() -> None:
    with translation.override("zh-hans"):
        assert words.amount_cell(Decimal("1234567.80")) == (
            '<data value="1234567.80" title="¥1,234,567.80">¥123.46万</data>'
        )
        assert words.amount_cell(Decimal("9999.99")) == "¥9,999.99"
    with translation.override("en"):
        assert words.amount_cell(Decimal("1234567.80")) == "¥1,234,567.80"
        assert words.amount_cell(12_350_000, "USD", tight=True) == (
            '<data value="12350000" title="$12,350,000">$12.35M</data>'
        )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e13, "10,000,000,000,000"),
        (-1e16, "−10,000,000,000,000,000"),
        (68000, "68,000"),
        (13.99, "13.99"),
        (0.000001, "0.000001"),
        (True, "True"),
        ("verified", "verified"),
        (None, "--"),
    ],
)
def test_a_value_is_shown_without_an_exponent(value: object, text: str) -> None:
    assert words.plain(value) == text


def test_a_number_of_any_size_can_be_shown() -> None:
    assert words.number(999_999_999_999_999.0) == "999,999,999,999,999"
    assert words.number(1e15) == "1,000,000,000,000,000"
    assert words.number(-1e30, 2) == "−1,000,000,000,000,000,019,884,624,838,656"


def test_a_share_is_a_percentage_and_nothing_is_two_dashes() -> None:
    assert words.percent(0.074) == "7.4%"
    assert words.percent(0.07456, 2) == "7.46%"
    assert words.percent(None) == "--"


@pytest.mark.parametrize(
    ("count", "total", "text"),
    [(1, 8, "12.5%"), (1, 10_000, "<0.1%"), (0, 10, "0.0%"), (10, 10, "100.0%"), (0, 0, "0.0%")],
)
def test_a_small_part_is_not_printed_as_nothing(count: int, total: int, text: str) -> None:
    assert words.part(count, total) == text


def test_moments_are_shown_on_the_office_clock() -> None:
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert words.when(moment) == "2026-11-23 07:30"
    assert words.day(moment) == "2026-11-23"
    assert words.when(None) == words.day(None) == "--"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=6, seconds=10), "6 min 10 s"),
        (timedelta(hours=-1, minutes=-10), "1 h 10 min"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (timedelta(days=3, minutes=5), "3 d"),
    ],
)
def test_a_duration_shows_its_two_largest_units(span: timedelta, text: str) -> None:
    with translation.override("en"):
        assert words.duration(span) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("李安妮", "李*妮"), ("王伟", "王*"), ("Jane Smith", "J*** S***"), ("  ", "--"), ("鸿运餐饮", "鸿*饮")],
)
def test_a_masked_name_tells_rows_apart_but_names_nobody(name: str, text: str) -> None:
    assert words.masked(name) == text


def test_an_unknown_code_reads_as_itself() -> None:
    with translation.override("en"):
        assert words.word(words.PRODUCTS, "consumer") == "Consumer loan"
        assert words.word(words.PRODUCTS, "boat-loan_2") == "boat loan 2"
        assert words.months(1) == "1 month"
        assert words.months(36) == "36 months"


@pytest.mark.parametrize(
    ("language", "region", "industry"),
    [("en", "江苏省南京市鼓楼区 320106", "Retail trade F52"), ("zh-hans", "江苏省南京市鼓楼区 320106", "零售业 F52")],
)
def test_codes_of_the_standards_stand_behind_their_names(language: str, region: str, industry: str) -> None:
    with translation.override(language):
        assert (words.region_words("320106"), words.industry_words("F52")) == (region, industry)
        # What a source names itself stays as it is.
        own = ["CA", "城东", "999999", "", "A", "B12X"]
        assert [words.region_words(each) for each in own] == own
        assert [words.industry_words(each) for each in own] == own
