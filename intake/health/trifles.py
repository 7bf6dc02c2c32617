"""Numbers that lie a trifle away from where they usually do, and how many moved further. No database.

A price list has few rates, and many rows share each of them: when the base rate falls by a tenth of a per cent all
leave their bins at once, and the stability index is as large as if the source were broken. So what lies near the limit
of a bin may count for either side of it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, repeat
from typing import Final

from intake.health.usual_ends import tenths

# Of the distance between the outer tenths; of normal numbers that is a quarter of a standard deviation.
TRIFLE: Final = 0.1
# By so many standard errors the shares of a few rates differ from one batch to the next, too.
CHANCE: Final = 4


def trifle_of(edges: Sequence[float], usual: Counter[str]) -> float:
    """How far numbers may lie from where they usually do, in their own unit."""
    inner = tenths(edges, usual)
    return TRIFLE * (inner[1] - inner[0]) if inner else 0.0


def nearly(numbers: Sequence[float], edges: Sequence[float], usual: Counter[str]) -> Counter[str]:
    """Into which bins the numbers would fall if all were a trifle lower ("-3") and a trifle higher ("+3")."""
    trifle = trifle_of(edges, usual)
    if not trifle:
        return Counter()
    lower = Counter(map(bisect_right, repeat([edge + trifle for edge in edges]), numbers))
    higher = Counter(map(bisect_right, repeat([edge - trifle for edge in edges]), numbers))
    return Counter({f"-{at}": count for at, count in lower.items()} | {f"+{at}": n for at, n in higher.items()})


def moved_further(near: Counter[str], seen: Counter[str], usual: Counter[str], edges: int) -> float:
    """At least which part of the numbers lies further than a trifle from where it usually would, beyond chance: the
    largest distance of the two distribution functions when each number may lie a trifle away, less CHANCE standard
    errors of it there; 1 where that was not counted of all."""
    bins = [str(at) for at in range(edges + 1)]
    rows, known = (sum(counts[at] for at in bins) for counts in (seen, usual))
    if not rows or not known or sum(near[f"-{at}"] for at in bins) < rows:
        return 1.0
    least, most = ([*accumulate(near[sign + at] / rows for at in bins)] for sign in "+-")
    before = accumulate(usual[at] / known for at in bins)
    return max(
        max(low - share, share - high, 0.0) - CHANCE * math.sqrt(max(0.0, share * (1 - share)) * (1 / rows + 1 / known))
        for low, high, share in zip(least, most, before, strict=True)
    )
