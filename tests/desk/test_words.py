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


@pytest.mark.parametrize(
    ("language", "amount", "text"),
    [
        ("zh-hans", Decimal("12345678"), "¥1234.57万"),
        ("zh-hans", Decimal("123456789"), "¥1.23亿"),
        ("zh-hans", Decimal("9999"), "¥9,999"),
        ("en", Decimal("12345678"), "¥12.35M"),
        ("en", Decimal("-2500000000"), "−¥2.5B"),
    ],
)
def test_short_money_uses_the_units_of_the_language(language: str, amount: Decimal, text: str) -> None:
    with translation.override(language):
        assert words.short_money(amount) == text


def test_a_share_is_a_percentage_and_nothing_is_two_dashes() -> None:
    assert words.percent(0.074) == "7.4%"
    assert words.percent(0.07456, 2) == "7.46%"
    assert words.percent(None) == "--"


@pytest.mark.parametrize(
    ("value", "text"), [(4.1, "+4.1"), (-2.2, "−2.2"), (0.0, "0.0"), (0.04, "0.0"), (-0.04, "0.0")]
)
def test_a_change_carries_its_sign_but_zero_has_none(value: float, text: str) -> None:
    assert words.signed(value) == text


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
