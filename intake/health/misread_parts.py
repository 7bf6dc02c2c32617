"""Whether a part of rows is in a mistaken unit: all rows of a branch give yuan for 10,000 yuan. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from intake.health.chances import chance_of_more
from intake.health.first_signs import ROWS_LEAST
from intake.health.health import CHANCE, FEW_LEAST, GROSS_BIN, OF_THE_CASE, Grade, Sign, stability
from intake.health.ordered import Order
from intake.health.profiles import OTHER, Profile, Reference
from intake.health.steady import may_change
from intake.health.usual_ends import FACTORS, ODD, OF, odd_ones, parts_beyond

# In the right unit the numbers of a part are spread about as is usual: the stability index of normal numbers that lie a
# whole deviation aside. Those at an end of a sorted file are nearly alike instead.
LIKE: Final = 1.0
# The highest of incomes with a bonus, or of a kind of loan with sums four times as large, are as usual in tenths, too:
# over weeks they come together, and nothing tells them from a unit. None of them are as usual in hundredths.
CLEAR: Final = 100


def misread_parts(now: Profile, usual: Reference, order: Order) -> list[Sign]:
    """The features of which some rows of one look lie beyond all that is usual and would be as usual in another unit.

    In a feature in which the rows stand in an order all that lie there may come together: only what is more counts.
    """
    parts = {name: max(each.values()) for name, each in _like_usual(now, usual, order, now)}
    return [_sign(name, part, now, "bad") for name, part in parts.items() if part >= ROWS_LEAST]


def misread_so_far(
    now: Profile, usual: Reference, order: Order, *, looks: int = 1, batch: Profile | None = None
) -> list[Sign]:
    """The same of rows that add up over looks and batches, where so many looks are taken at once: it needs more than
    chance as well, as every other sign, and is watched from a few rows on. `batch` is what came together with `now`."""
    found = []
    for name, parts in _like_usual(now, usual, order, batch or now):
        counts = usual.usual.counts[name]
        known = counts.total() - counts[OTHER]
        # Exact also where the ends are those of these very rows: of all numbers together the highest are so shared out.
        before, whole = (odd_ones(known), known), _whole(name, now, order)
        tests = looks * 2 * len(usual.reach)
        grades: dict[Grade, int] = {
            "bad": max((part for factor, part in parts.items() if factor >= CLEAR and part >= ROWS_LEAST), default=0),
            "watch": max(parts.values()),
        }
        for grade, part in grades.items():
            if part and chance_of_more(part, whole, *before) * tests <= CHANCE[grade]:
                found.append(_sign(name, part, now, grade))
                break
    return found


def _sign(name: str, part: int, now: Profile, grade: Grade) -> Sign:
    rows = now.beyond[name][OF]
    return Sign(name, "scale", part / rows, 0.0, rows, grade)


def _like_usual(now: Profile, usual: Reference, order: Order, batch: Profile) -> Iterator[tuple[str, dict[int, int]]]:
    """The features with numbers that would be as usual in another unit: how many, by how many times it is as large or
    small. Of those beyond an end more than half should not be there."""
    for name in sorted(usual.reach.keys() - (OF_THE_CASE - {"amount"})):
        counts = now.beyond.get(name, Counter())
        if len(counts) < 2 or may_change(name, batch, usual):
            continue
        least = max(FEW_LEAST, 2 * _whole(name, now, order) * _usually_beyond(name, usual))
        parts: dict[int, int] = {}
        for factor, part in parts_beyond(counts):
            if part.total() >= least and _is_usual(name, part, usual):
                parts[factor] = max(parts.get(factor, 0), part.total())
        if parts:
            yield name, parts


def _whole(name: str, now: Profile, order: Order) -> int:
    rows = now.beyond[name][OF]
    return max(rows, order.rows) if name in order.features else rows


def _is_usual(name: str, part: Counter[str], usual: Reference) -> bool:
    """Whether these numbers are spread as is usual. Few are nearly alike where most of them fall into one bin."""
    counts = usual.usual.counts[name]
    most, count = part.most_common(1)[0]
    in_one_bin = count / part.total() - counts[most] / counts.total()
    return in_one_bin < GROSS_BIN and stability(part, counts) < LIKE


def _usually_beyond(name: str, usual: Reference) -> float:
    """At most so large a part of usual rows: twice of those that are left out as odd, or of one; or of what a person
    has called usual as well."""
    edges = usual.edges[name]
    also = [_beyond_in(each, name, edges) for each in usual.also if each.counts.get(name)]
    return max(2 * ODD, 2 / usual.usual.rows, *also)


def _beyond_in(state: Profile, name: str, edges: Sequence[float]) -> float:
    """Which part of these rows lies beyond the usual ends, by one row more. Where that was not counted nobody knows:
    all in the outer bins may lie there."""
    far, counts = state.beyond.get(name), state.counts[name]
    if far and far[OF]:
        return (sum(part.total() for factor, part in parts_beyond(far) if factor == FACTORS[0]) + 1) / far[OF]
    return max(counts["0"], counts[str(len(edges))]) / counts.total()
