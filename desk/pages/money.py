"""What the policy would grant, and what each decision is expected to cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MoneyLine:
    """A name and its figure; `--` where it is not known."""

    words: str
    value: str


@dataclass(frozen=True)
class Grant:
    """What the limit matrix grants beside what was asked; `why` and `row` say by which of its rows.

    `is_less` when it is less than was asked; `lines` are what the grant would bring: loss to expect, debt to serve.
    """

    asked: str
    granted: str
    limit: str
    is_less: bool
    why: str
    row: str
    lines: tuple[MoneyLine, ...]


@dataclass(frozen=True)
class DecisionCosts:
    """The expected cost of either decision and what a person's look saves; `basis` is what they follow from."""

    costs: tuple[MoneyLine, ...]
    basis: tuple[MoneyLine, ...]
