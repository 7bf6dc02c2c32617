"""Features that are kept in percent, and whether the bare numbers of a column are shares (0.35) or percents (35).

A column is one or the other, as all its numbers together are: read one by one, those who owe most of their income, 1.85
of it, would stand there as 1.85 % of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from statistics import median
from typing import Final

from intake.header_words import header_units
from intake.mapped.given import Given
from intake.mapped.open_rates import MOST_A_YEAR
from intake.values.cells import CellError, read_to_judge
from intake.values.outliers import OF_DEBT, OF_INTEREST
from intake.values.samples import known_numbers

_HUNDRED: Final = Decimal(100)
# Of ten numbers nine fit where a column is written in one unit.
ENOUGH: Final = Decimal("0.9")
# Where more than one of four can be no share, the others are small percents.
THREE_QUARTERS: Final = Decimal("0.75")
HALF: Final = Decimal("0.5")
# Below it lie the usual shares: more than a limit is used, more owed than earned.
_USUAL: Final = {OF_INTEREST: Decimal(1), OF_DEBT: Decimal("1.5")}
# More percent than this is told by no share: hardly a loan is dearer, hardly anybody owes ten times the income.
_POSSIBLE: Final = {OF_INTEREST: Decimal(MOST_A_YEAR), OF_DEBT: Decimal(1001)}
_OF_LIMITS: Final = ("credit_utilisation", "card_utilisation")
_IN_PERCENT: Final = {
    "interest_rate": OF_INTEREST,
    **dict.fromkeys(("debt_to_income", "debt_to_assets", *_OF_LIMITS), OF_DEBT),
}


def is_kept_in_percent(name: str) -> bool:
    """Whether a feature of this name is one whose shares are brought to percent."""
    return name in _IN_PERCENT


def in_percent(name: str, given: Given) -> Given:
    """A column of shares as percent; numbers that are too large for a share refuse their rows."""
    return replace(given, scale=_HUNDRED, limits=_IN_PERCENT[name])


def are_shares(name: str, given: Given, texts: Sequence[str]) -> bool:
    """Whether the bare numbers of a column are shares of a feature that is kept in percent."""
    if not is_kept_in_percent(name) or header_units.says_percent(given.column):
        return False
    return told_as_shares(name, numbers_of(texts, given.decimal))


def told_as_shares(name: str, numbers: Sequence[Decimal]) -> bool:
    """Whether nearly all numbers are usual shares, or all but one are shares of a whole, and that one may be a share:
    0.35, 0.42 and 2.1 of debt, and not 0.5, 1.2 and 3.4; nobody uses a limit more than twice. Noughts say nothing, and
    whole numbers alone are nobody's shares."""
    found = _said(numbers)
    usual = _usual(name, found)
    may_exceed = _may_be(name, most := max(found, default=Decimal(0))) and (name not in _OF_LIMITS or most <= 2)
    all_but_one = may_exceed and sum(number <= 1 for number in found) == len(found) - 1 > 1
    is_told = all_but_one or len(usual) > ENOUGH * len(found)
    return is_told and any(number % 1 for number in usual)


def half_are_shares(name: str, numbers: Sequence[Decimal]) -> bool:
    """Whether half of the numbers are usual shares, or more, and not all of these whole."""
    found = _said(numbers)
    usual = _usual(name, found)
    return any(number % 1 for number in usual) and 2 * len(usual) >= len(found)


def can_be_shares(name: str, numbers: Sequence[Decimal], least: Decimal = ENOUGH) -> bool:
    """Whether so many of the numbers, or more, are none too large for a share."""
    found = _said(numbers)
    return sum(_may_be(name, number) for number in found) >= least * len(found)


def are_percents_as(held: Sequence[Decimal], numbers: Sequence[Decimal]) -> bool:
    """Whether numbers are percents like those that cases hold already: the middle one is no less than a fifth of the
    middle of these, and not nearly all are at most 1, as shares are."""
    found, usual = _said(numbers), _said(held)
    if not found or not usual or sum(number <= 1 for number in found) >= ENOUGH * len(found):
        return False
    return median(found) * 5 >= median(usual)


def _said(numbers: Sequence[Decimal]) -> list[Decimal]:
    return [abs(number) for number in numbers if number]


def _may_be(name: str, number: Decimal) -> bool:
    return number * _HUNDRED <= _POSSIBLE[_IN_PERCENT[name]]


def _usual(name: str, found: Sequence[Decimal]) -> list[Decimal]:
    return [number for number in found if number < _USUAL[_IN_PERCENT[name]]]


def numbers_of(texts: Sequence[str], mark: str) -> list[Decimal]:
    """The numbers of a column, without what is none."""
    found = []
    for text in known_numbers(texts):
        try:
            found.append(read_to_judge(text, mark))
        except CellError:
            continue
    return found
