"""The limits of the bins that the numbers of a feature fall into, how far they usually reach, and where those beyond
would lie in another unit. No database."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

BINS: Final = 10
# Of the numbers above nought so large a part at either end may be odd ones, and does not tell how far they reach.
ODD: Final = 0.001
# Where these ends were not kept they are taken to lie so many times beyond nine of ten usual numbers.
FAR: Final = 20
# Bins of about equal size hold about a tenth of the values each.
TENTH: Final = 0.09
# Units are mistaken by so much: jiao, cents, thousands, 万.
FACTORS: Final = (10, 100, 1_000, 10_000)
# Of these ten of one are never a hundred of another: a mistaken unit shows all the same.
ALIKE: Final = frozenset({"CNY", "USD", "EUR", "GBP", "HKD", "MOP", "CHF", "CAD", "AUD", "SGD", "NZD"})
# Among the counts of what lies beyond: of how many numbers they are.
OF: Final = "of"


def is_comparable(currency: object, usual: Collection[str]) -> bool:
    """Whether sums in a currency say something of their unit beside the usual ones; where none is named they do."""
    return not usual or currency in usual or (currency in ALIKE and not ALIKE.isdisjoint(usual))


def tenths(edges: Sequence[float], counts: Counter[str]) -> tuple[float, float] | None:
    """Above which nine of ten usual values lie, and below which. The limits of a model's bins begin with nought and its
    lowest value, and end with its highest: what lies between is counted, not the place of the limit."""
    below = [*accumulate(counts[str(at)] for at in range(len(edges) + 1))]
    least = TENTH * below[-1]
    low = [edge for edge, count in zip(edges, below, strict=False) if count >= least]
    high = [edge for edge, count in zip(edges, below, strict=False) if below[-1] - count >= least]
    return (low[0], high[-1]) if below[-1] and low and high else None


def edges_of(numbers: Sequence[float]) -> list[float]:
    """Inner limits of bins of about equal size; a value that many rows share ends one bin and begins the next."""
    cuts = {numbers[len(numbers) * step // BINS] for step in range(1, BINS)}
    # The value itself, where it is most of a bin, stands in a bin of its own: zeros become visible.
    return sorted(cuts | {math.nextafter(cut, math.inf) for cut in cuts if numbers.count(cut) > len(numbers) / BINS})


def ends_of(numbers: Sequence[float]) -> list[float]:
    """Between which limits the sorted numbers above nought lie, but for odd ones; empty where there are none."""
    above = numbers[bisect_right(numbers, 0.0) :]
    odd = odd_ones(len(above))
    return [above[odd], above[-1 - odd]] if above else []


def odd_ones(numbers: int) -> int:
    """How many of so many are left out at either end."""
    return int(numbers * ODD)


def reach(edges: Sequence[float], counts: Counter[str], ends: Sequence[float]) -> Sequence[float] | None:
    """Between which limits the numbers of a feature usually lie; None of what is not above nought in nine of ten rows:
    counts of rare things, unlike sums, ages and rates, tell of no unit."""
    inner = tenths(edges, counts)
    if inner is None or inner[0] <= math.ulp(0.0):
        return None
    return ends or (inner[0] / FAR, inner[1] * FAR)


def beyond(numbers: Sequence[float], usual: Sequence[float], edges: Sequence[float]) -> Counter[str]:
    """How many numbers there are, and into which bins those beyond either end would fall in each other unit."""
    found = Counter({OF: len(numbers)})
    low, high = usual
    if numbers and (min(numbers) < low or max(numbers) > high):
        below, above = [each for each in numbers if 0 < each < low], [each for each in numbers if each > high]
        for by in FACTORS:
            found.update([f"*{by}:{bisect_right(edges, each * by)}" for each in below])
            found.update([f"/{by}:{bisect_right(edges, each / by)}" for each in above])
    return found


def parts_beyond(counts: Mapping[str, int]) -> Iterator[tuple[int, Counter[str]]]:
    """What lies beyond one end as it would fall into bins in one other unit, so many times as large or small."""
    parts: dict[str, Counter[str]] = {}
    for key, count in counts.items():
        unit, _colon, place = key.partition(":")
        if place:
            parts.setdefault(unit, Counter())[place] = count
    yield from ((int(unit[1:]), part) for unit, part in parts.items())
