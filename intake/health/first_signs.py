"""Whether a few rows, or those of a source of which nobody knows yet what is usual, are what cannot be: zeros, gaps,
one value for all and mistaken units, against what others send or the model of the product has learnt from. Rules of
thumb, for gross things only. No database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from intake.health.chances import chance_of_more
from intake.health.health import CHANCE, OF_THE_CASE, Grade, Sign, one_value
from intake.health.profiles import Reference, Row, is_known, is_number, make_profile
from intake.health.steady import may_change
from intake.health.usual_ends import FAR, is_comparable, tenths
from intake.values.packed_days import is_day

# Fewer rows say nothing, and of more the newest are looked at.
ROWS_LEAST: Final = 20
ROWS_MOST: Final = 200
# By so much the share of zeros or gaps must lie above what is usual elsewhere.
MATTERS: Final = 0.3
# A unit was mistaken (yuan for 10,000 yuan) where so many of the values lie far beyond nine of ten usual ones.
MOST: Final = 0.5
# Of so many columns of numbers half hold one value each: what is sent is no data.
COLUMNS_LEAST: Final = 4


def first_signs(rows: Sequence[Row], usual: Reference, *, is_own: bool = False) -> list[Sign]:
    """What of the rows is grossly unlike `usual`, the worst first; nothing for fewer than ROWS_LEAST rows.

    A feature that none of them has is only watched, since the source may well have no such column; unless `usual` is
    what the source itself has sent before (`is_own`).
    """
    if len(rows) < ROWS_LEAST:
        return []
    names, whole = sorted(set(usual.edges) - OF_THE_CASE), usual.usual
    now = make_profile(rows, usual)
    comparable = [row for row in rows if is_comparable(row.get("currency"), whole.counts.get("currency", ()))]
    found: list[Sign] = []
    for name in names:
        cells = [row.get(name) for row in rows]
        known = [cell for cell in cells if is_known(cell)]
        grade: Grade = "bad" if known or is_own else "watch"
        before = Share(whole.missing[name], whole.rows_of(name))
        found += _more(name, "missing", Share(len(cells) - len(known), len(cells)), before, grade, len(names))
        if known and all(map(is_number, known)):
            zeros = Share(sum(float(cell) <= 0 for cell in known if cell is not None), len(known))
            gross = _more(name, "zeros", zeros, _zeros(name, usual), "bad", len(names))
            if may_change(name, now, usual):
                found += gross
                continue
            gross += _scale(name, [float(row[name]) for row in comparable if is_known(row.get(name))], usual)
            same = None if gross else one_value(name, now, usual, len(names))
            found += [*gross, *([same] if same and same.grade == "bad" else [])]
    return sorted(found, key=lambda sign: (sign.grade != "bad", -sign.value, sign.feature))


def signs_alone(rows: Sequence[Row]) -> list[Sign]:
    """What of rows that nothing can be compared with is odd in itself: columns of numbers with one value only. Such a
    column is watched, and bad where half of all columns are such; nothing for fewer than ROWS_LEAST rows."""
    if len(rows) < ROWS_LEAST:
        return []
    numbers: dict[str, list[float]] = {}
    for row in rows:
        for name, cell in row.items():
            if name not in OF_THE_CASE and is_known(cell) and is_number(cell) and not is_day(float(cell)):
                numbers.setdefault(name, []).append(float(cell))
    columns = {name: cells for name, cells in numbers.items() if len(cells) >= ROWS_LEAST}
    same = sorted(name for name, cells in columns.items() if len(set(cells)) == 1)
    grade: Grade = "bad" if len(columns) >= COLUMNS_LEAST and 2 * len(same) >= len(columns) else "watch"
    return [Sign(name, "one_value", 1.0, 0.0, len(columns[name]), grade) for name in same]


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


def _scale(name: str, numbers: Sequence[float], usual: Reference) -> list[Sign]:
    """Only of what is above nought in nine of ten usual rows: sums, ages and rates, not counts of rare things."""
    ends = tenths(usual.edges[name], usual.usual.counts[name])
    if len(numbers) < ROWS_LEAST or ends is None or ends[0] <= math.ulp(0.0):
        return []
    above = sum(number > ends[1] * FAR for number in numbers)
    below = sum(0 < number < ends[0] / FAR for number in numbers)
    share = max(above, below) / len(numbers)
    return [Sign(name, "scale", share, 0.0, len(numbers), "bad")] if share >= MOST else []


def _zeros(name: str, usual: Reference) -> Share:
    """How many of the usual values lie in the bin of nought and below: at least as many as are not above it."""
    counts, last = usual.usual.counts[name], sum(edge <= 0 for edge in usual.edges[name])
    count = sum(each for place, each in counts.items() if place.isdigit() and int(place) <= last)
    return Share(count, counts.total())
