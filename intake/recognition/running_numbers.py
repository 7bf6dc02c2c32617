"""Numbers that run on from row to row, as those of queues, tickets and files do: each day has new ones. No database."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from intake.header_words.feature_names import NUMBERS
from intake.values.packed_days import is_day

# What is named so is a number with a meaning, however it happens to lie.
MEANT: Final = frozenset({*NUMBERS, "amount", "term_months"})
# So many batches that lie wholly one beyond the other are no chance.
BATCHES_LEAST: Final = 3
# One in so many may be an older one or stand twice, as that of a row that came again.
ODD: Final = 20


def run_on(name: str, batches: Sequence[Sequence[float]]) -> bool:
    """Whether the numbers of a feature are counted up: whole, nearly none twice in a batch, and in each batch more than
    half of those between first and last, or of each batch all beyond the one before (or behind: the newest first)."""
    if name in MEANT or not all(map(_are_counted, batches)):
        return False
    inner = [_inner(each) for each in batches]
    if all(each[-1] - each[0] < 2 * len(each) - 1 for each in inner):
        return True
    rises = all(before[-1] < after[0] for before, after in pairwise(inner))
    falls = all(after[-1] < before[0] for before, after in pairwise(inner))
    return len(inner) >= BATCHES_LEAST and (rises or falls)


def _are_counted(numbers: Sequence[float]) -> bool:
    differ = set(numbers)
    return (
        bool(numbers)
        and len(differ) * ODD >= len(numbers) * (ODD - 1)
        and all(float(each).is_integer() for each in differ)
        and sum(map(is_day, differ)) * 2 <= len(differ)
    )


def _inner(numbers: Sequence[float]) -> list[float]:
    """The numbers in their order, without those at both ends that may be odd."""
    ordered = sorted(set(numbers))
    odd = len(ordered) // ODD
    return ordered[odd : len(ordered) - odd]
