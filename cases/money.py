"""Amounts of money as people write them: exact with grouped digits, or short as 万 and 亿, K and M."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

Amount = int | float | Decimal

MINUS: Final = "−"
NOTHING: Final = "--"
SYMBOLS: Final = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"}
# What one unit is worth and how it is written, the smallest first.
CHINESE: Final = ((Decimal(10**4), "万"), (Decimal(10**8), "亿"))
ENGLISH: Final = ((Decimal(10**3), "K"), (Decimal(10**6), "M"), (Decimal(10**9), "B"))
# Below this an amount is short enough as it is, in both languages; from the other on no unit makes it short.
SHORT_FROM: Final = Decimal(10**4)
SHORT_TO: Final = Decimal(10**15)
FEN: Final = Decimal("0.01")


def money(amount: Amount | None, currency: str = "CNY") -> str:
    """`¥1,234,567.00`, `$8,000`: yuan always show fen, as on a contract; others only when there are any. `--` for None.

    The same in both languages.
    """
    if amount is None:
        return NOTHING
    exact = Decimal(str(amount))
    digits = 2 if currency == "CNY" or exact != exact.to_integral_value() else 0
    return with_symbol(currency, f"{exact:,.{digits}f}")


def short_money(amount: Amount | None, currency: str = "CNY", *, chinese: bool, tight: bool = False) -> str:
    """`¥1234.57万`, `¥1.23亿`: amounts of 10,000 and more with two decimals at most, for a Chinese reader; `$12.35M`
    for an English one where the column is `tight`. All others are exact, as `money` has them.

    What rounds up to a whole larger unit is told in that one: 9999.999万 is 1亿. Halves are rounded away from zero.
    """
    if amount is None or not (chinese or tight):
        return money(amount, currency)
    exact = Decimal(str(amount))
    if not SHORT_FROM <= abs(exact) < SHORT_TO:
        return money(amount, currency)
    units = CHINESE if chinese else ENGLISH
    rounded = [(exact / worth).quantize(FEN, ROUND_HALF_UP) for worth, _unit in units]
    # A unit is left for the next where what was rounded in it amounts to a whole one of that.
    place = sum(abs(rounded[at]) * units[at][0] >= units[at + 1][0] for at in range(len(units) - 1))
    return with_symbol(currency, f"{rounded[place]:f}".rstrip("0").rstrip(".") + units[place][1])


def with_symbol(currency: str, digits: str) -> str:
    """Digits behind the symbol of their currency, or its code; the sign comes first: `−$12`, `SEK 12`."""
    symbol = SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    return f"{MINUS}{symbol}{digits[1:]}" if digits.startswith("-") else f"{symbol}{digits}"
