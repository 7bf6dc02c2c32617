"""Whether a part of rows that stand in an order is in a mistaken unit: all rows of a branch give yuan for 10,000 yuan.
No database."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Final

from intake.first_signs import FAR, ROWS_LEAST, is_comparable, tenths
from intake.health import OF_THE_CASE, Sign, stability
from intake.ordered import Order
from intake.profiles import ODD, Reference, Row, is_number, make_profile
from intake.steady import may_change

# Units are mistaken by so much: jiao, cents, thousands, 万.
FACTORS: Final = (10, 100, 1_000, 10_000)
# In the right unit the numbers of a part are spread about as is usual: the stability index of normal numbers that lie a
# whole deviation aside. Those at an end of a sorted file are nearly alike instead.
LIKE: Final = 1.0


def misread_parts(rows: Sequence[Row], usual: Reference, order: Order) -> list[Sign]:
    """The features of which some rows lie beyond all that is usual and would be as usual in another unit.

    In a feature in which the rows stand in an order all that lie there may come together: only what is more counts.
    """
    now = make_profile(rows, usual)
    comparable = [row for row in rows if is_comparable(row.get("currency"), usual.usual.counts.get("currency", ()))]
    found = []
    for name in sorted(set(usual.edges) - (OF_THE_CASE - {"amount"}) - usual.days):
        inner = tenths(name, usual)
        # As of all rows in a mistaken unit: only of what is above nought in nine of ten usual rows.
        if inner is None or inner[0] <= math.ulp(0.0) or may_change(name, now, usual):
            continue
        numbers = [float(row[name]) for row in comparable if is_number(row.get(name))]
        low, high = usual.ends.get(name) or (inner[0] / FAR, inner[1] * FAR)
        whole = order.rows if name in order.features else len(rows)
        # Of those beyond an end more than half should not be there.
        least = max(ROWS_LEAST, 2 * whole * _usually_beyond(name, usual))
        below, above = [each for each in numbers if 0 < each < low], [each for each in numbers if each > high]
        parts = (([each * by for each in below], [each / by for each in above]) for by in FACTORS)
        counts = [len(part) for pair in parts for part in pair if len(part) >= least and _is_usual(name, part, usual)]
        if counts:
            found.append(Sign(name, "scale", max(counts) / len(numbers), 0.0, len(numbers), "bad"))
    return found


def _is_usual(name: str, numbers: Sequence[float], usual: Reference) -> bool:
    seen = Counter(str(bisect_right(usual.edges[name], each)) for each in numbers)
    return stability(seen, usual.usual.counts[name]) < LIKE


def _usually_beyond(name: str, usual: Reference) -> float:
    """At most so large a part of usual rows: twice of those that are left out as odd, or of one. Of what a person has
    called usual as well nobody knows how far it reaches: all in its outer bins may lie there."""
    ends = ("0", str(len(usual.edges[name])))
    also = [each.counts[name] for each in usual.also if each.counts.get(name)]
    return max(2 * ODD, 2 / usual.usual.rows, *(counts[end] / counts.total() for counts in also for end in ends))
