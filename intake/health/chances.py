"""How likely chance alone makes two samples as unlike as they are: exact tails. No database."""

from __future__ import annotations

import math
from typing import Final

# What adds less than this to a sum is left out of it.
TRIFLE: Final = 1e-15


def chance_of_more(count: int, rows: int, before: int, rows_before: int) -> float:
    """One-sided chance of `count` or more among `rows` when both samples are alike: Fisher's exact test.

    Of all count + before that have the property so many fall into the first sample (hypergeometric); so it holds for
    five rows as for a million.
    """
    having, total = count + before, rows + rows_before
    if count * rows_before <= before * rows:
        return 1.0
    term = math.exp(_log_choose(having, count) + _log_choose(total - having, rows - count) - _log_choose(total, rows))
    chance = 0.0
    for at in range(count, min(having, rows) + 1):
        chance += term
        if term <= chance * TRIFLE:
            break
        term *= (having - at) * (rows - at) / ((at + 1) * (total - having - rows + at + 1))
    return min(1.0, chance)


def _log_choose(total: int, part: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(part + 1) - math.lgamma(total - part + 1)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """P(chi-square > statistic), exact for whole degrees (Abramowitz and Stegun, 26.4.4 and 26.4.5)."""
    if statistic <= 0 or degrees < 1:
        return 1.0
    half, odd = statistic / 2, degrees % 2
    tail = math.erfc(math.sqrt(half)) if odd else 0.0
    for step in range(degrees // 2):
        power = step + odd / 2
        tail += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
    return min(1.0, tail)
