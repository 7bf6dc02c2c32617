"""Amounts read exactly, or short as 万 and 亿 in Chinese and as K and M in English."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cases.money import Amount, money, short_money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (None, "CNY", "--"),
        (0, "CNY", "¥0.00"),
        (0, "USD", "$0"),
        (Decimal("1234567"), "CNY", "¥1,234,567.00"),
        (1234567.891, "CNY", "¥1,234,567.89"),
        (Decimal("-8000.5"), "USD", "−$8,000.50"),
        (12, "SEK", "SEK\N{NO-BREAK SPACE}12"),
        (1e30, "JPY", "JP¥1,000,000,000,000,000,000,000,000,000,000"),
    ],
)
def test_an_exact_amount_is_grouped(amount: Amount | None, currency: str, text: str) -> None:
    assert money(amount, currency) == text


@pytest.mark.parametrize(
    ("amount", "currency", "chinese", "english"),
    [
        (None, "CNY", "--", "--"),
        (0, "CNY", "¥0.00", "¥0.00"),
        (Decimal("9999.99"), "CNY", "¥9,999.99", "¥9,999.99"),
        (-9999, "USD", "−$9,999", "−$9,999"),
        (10_000, "CNY", "¥1万", "¥10K"),
        (-12_345, "USD", "−$1.23万", "−$12.35K"),
        (Decimal("12345"), "EUR", "€1.23万", "€12.35K"),
        (12_350_000, "USD", "$1235万", "$12.35M"),
        (Decimal("12345700.00"), "CNY", "¥1234.57万", "¥12.35M"),
        (999_995, "CNY", "¥100万", "¥1M"),
        (999_994, "CNY", "¥100万", "¥999.99K"),
        (99_994_999, "CNY", "¥9999.5万", "¥99.99M"),
        (99_999_949, "CNY", "¥9999.99万", "¥100M"),
        (99_999_950, "CNY", "¥1亿", "¥100M"),
        (99_999_999, "CNY", "¥1亿", "¥100M"),
        (100_000_000, "CNY", "¥1亿", "¥100M"),
        (Decimal("123456789.50"), "CNY", "¥1.23亿", "¥123.46M"),
        (999_950_000, "CNY", "¥10亿", "¥999.95M"),
        (999_995_000, "CNY", "¥10亿", "¥1B"),
        (150_000, "SEK", "SEK\N{NO-BREAK SPACE}15万", "SEK\N{NO-BREAK SPACE}150K"),
        (10**15, "USD", "$1,000,000,000,000,000", "$1,000,000,000,000,000"),
    ],
)
def test_a_short_amount_has_the_units_of_its_reader(
    amount: Amount | None, currency: str, chinese: str, english: str
) -> None:
    assert short_money(amount, currency, chinese=True) == chinese
    assert short_money(amount, currency, chinese=False, tight=True) == english
    assert short_money(amount, currency, chinese=False) == money(amount, currency)
