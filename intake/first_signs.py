"""Whether a few rows, or those of a source of which nobody knows yet what is usual, are what cannot be: zeros, gaps and
mistaken units, against what others send or the model of the product has learnt from. Rules of thumb, for gross things
only. No database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from intake.health import CHANCE, Grade, Reference, Row, Sign, chance_of_more, is_known, is_number

# Fewer rows say nothing, and of more the newest are looked at.
ROWS_LEAST: Final = 20
ROWS_MOST: Final = 200
# By so much the share of zeros or gaps must lie above what is usual elsewhere.
MATTERS: Final = 0.3
# A unit was mistaken (yuan for 10,000 yuan) where most values lie so many times beyond nine of ten usual ones.
FAR: Final = 20
MOST: Final = 0.5
# What the case itself is about may well be one sum and one term for all of a source's loans.
NOT_COMPARED: Final = frozenset({"amount", "term_months", "currency", "region", "channel", "industry"})


def first_signs(rows: Sequence[Row], usual: Reference) -> list[Sign]:
    """What of the rows is grossly unlike `usual`, the worst first; nothing for fewer than ROWS_LEAST rows.

    A feature that the source never sends is only watched: it may well have no such column.
    """
    if len(rows) < ROWS_LEAST:
        return []
    names, whole = sorted(set(usual.edges) - NOT_COMPARED), usual.usual
    found: list[Sign] = []
    for name in names:
        cells = [row.get(name) for row in rows]
        known = [cell for cell in cells if is_known(cell)]
        grade: Grade = "bad" if known else "watch"
        before = Share(whole.missing[name], whole.rows)
        found += _more(name, "missing", Share(len(cells) - len(known), len(cells)), before, grade, len(names))
        if known and all(map(is_number, known)):
            zeros = Share(sum(float(cell) <= 0 for cell in known if cell is not None), len(known))
            found += _more(name, "zeros", zeros, _zeros(name, usual), "bad", len(names))
            found += _scale(name, [float(cell) for cell in known if cell is not None], usual.edges[name])
    return sorted(found, key=lambda sign: (sign.grade != "bad", -sign.value, sign.feature))


class Share(NamedTuple):
    """So many of so many."""

    part: int
    whole: int


def _more(
    name: str, what: Literal["missing", "zeros"], now: Share, before: Share, grade: Grade, tests: int
) -> list[Sign]:
    if not before.whole or now.part / now.whole - before.part / before.whole < MATTERS:
        return []
    if chance_of_more(*now, *before) * tests > CHANCE["bad"]:
        return []
    return [Sign(name, what, now.part / now.whole, before.part / before.whole, now.whole, grade)]


def _scale(name: str, numbers: Sequence[float], edges: Sequence[float]) -> list[Sign]:
    """Only of what is above nought in nine of ten usual rows: sums, ages and rates, not counts of rare things."""
    if len(numbers) < ROWS_LEAST or not edges or edges[0] <= 0:
        return []
    above = sum(number > edges[-1] * FAR for number in numbers)
    below = sum(0 < number < edges[0] / FAR for number in numbers)
    share = max(above, below) / len(numbers)
    return [Sign(name, "scale", share, 0.0, len(numbers), "bad")] if share >= MOST else []


def _zeros(name: str, usual: Reference) -> Share:
    """How many of the usual values lie in the bin of nought and below: at least as many as are not above it."""
    counts, last = usual.usual.counts[name], sum(edge <= 0 for edge in usual.edges[name])
    count = sum(each for place, each in counts.items() if place.isdigit() and int(place) <= last)
    return Share(count, counts.total())
