"""What is usual of a day of a source: how many cases come, and how long after their application. No database.

A day is compared with the same weekday of the last eight weeks, and how much days differ is learnt from all working
days together, or from both days of the weekend. The day is what is counted, not the case: cases of one file come
together, and are no independent signs of being late. A day is not as usual where chance alone makes one in a thousand
like it, and the difference matters.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from scipy.special import stdtrit

WEEKS: Final = 8
# Of fewer days of the same weekday nobody knows what is usual.
DAYS_LEAST: Final = 4
# Where fewer cases are usual, a day has no number of cases that is not.
CASES_LEAST: Final = 20
CHANCE: Final = 1e-3
SATURDAY: Final = 5
# A day matters that has two thirds of the usual cases or fewer, or half as many again; or cases that come half as long
# again after their application as usual, and an hour at least.
FACTOR: Final = 1.5
HOURS_LEAST: Final = 1.0


@dataclass(frozen=True)
class Usual:
    """Cases from `low` to `high` are usual, and a median of up to `late` hours; None where nobody knows."""

    low: int | None = None
    high: int | None = None
    late: float | None = None


@dataclass(frozen=True)
class Delay:
    """Hours from application to arrival: the median of a day's cases, and what it is at least, few as they are."""

    median: float
    least: float


@dataclass(frozen=True)
class Day:
    """What came on a day, and what was usual for it."""

    day: date
    cases: int
    delay: Delay | None = None
    usual: Usual = Usual()

    @property
    def is_many_or_few(self) -> bool:
        low, high = self.usual.low, self.usual.high
        return low is not None and high is not None and not low <= self.cases <= high

    @property
    def is_late(self) -> bool:
        return self.delay is not None and self.usual.late is not None and self.delay.least > self.usual.late


def usual_of(day: date, before: Sequence[Day]) -> Usual:
    """What is usual for a day, from those before it, in any order.

    Days that were not as usual teach nothing, as long as DAYS_LEAST others of their weekday are left: a holiday makes
    no wide limits, and what lasts for a month is the new usual.
    """
    first = day - timedelta(weeks=WEEKS)
    known = [each for each in before if first <= each.day < day]
    low, high = _usual_cases(day.weekday(), known) or (None, None)
    return Usual(low, high, _usual_delay(day.weekday(), known))


def delay_of(hours: Sequence[float]) -> Delay | None:
    """The delay of a day's cases; None of fewer than CASES_LEAST.

    The median is with a chance of CHANCE lower than `least`: the order statistic of the sign test, by the normal limit
    of the binomial (Conover, Practical Nonparametric Statistics, 3.2).
    """
    if len(hours) < CASES_LEAST:
        return None
    ordered = sorted(max(0.0, each) for each in hours)
    count = len(ordered)
    rank = math.floor(count / 2 + float(stdtrit(math.inf, CHANCE)) * math.sqrt(count) / 2)
    middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return Delay(middle, ordered[max(0, rank - 1)])


def _usual_cases(weekday: int, known: Sequence[Day]) -> tuple[int, int] | None:
    """From and up to how many cases are usual, each with half of CHANCE beyond it.

    Counts vary more than by chance alone: about a mean m with the variance m + s m² (negative binomial), s by moments
    over the weekdays like it. Their power 2/3 is about normal, so that the limits of a new day are
    m (1 ± 2/3 t sd / m)^(3/2) with the variance of the day and of m together (Farrington et al., A statistical
    algorithm for the early detection of outbreaks of infectious disease, JRSS A 159, 1996); t is Student's, as s is
    estimated, with the degrees of freedom of a sum of unequal variances (Satterthwaite, 1946).
    """
    counts = _by_weekday({each.day: float(each.cases) for each in known}, {d.day for d in known if d.is_many_or_few})
    mine = counts.get(weekday, ())
    if len(mine) < DAYS_LEAST or (mean := sum(mine) / len(mine)) < CASES_LEAST:
        return None
    excess, squares, fourths = 0.0, 0.0, 0.0
    for each in _like(weekday, counts):
        free, its_mean = len(each) - 1, sum(each) / len(each)
        excess += sum((count - its_mean) ** 2 for count in each) - free * its_mean
        squares += free * its_mean**2
        fourths += free * its_mean**4
    variance = mean + max(0.0, excess / squares) * mean**2
    deviation = math.sqrt(variance * (1 + 1 / len(mine)))
    step = 2 / 3 * -float(stdtrit(squares**2 / fourths, CHANCE / 2)) * deviation / mean
    low, high = max(0.0, 1 - step) ** 1.5, (1 + step) ** 1.5
    return math.floor(mean * min(low, 1 / FACTOR)), math.ceil(mean * max(high, FACTOR))


def _usual_delay(weekday: int, known: Sequence[Day]) -> float | None:
    """Up to how many hours the median of a day is usual: a prediction limit of the logarithm of an hour more, whose
    variance is that within the weekdays like it (Hahn and Meeker, Statistical Intervals, 4.8)."""
    logs = {each.day: math.log1p(each.delay.median) for each in known if each.delay is not None}
    delays = _by_weekday(logs, {each.day for each in known if each.is_late})
    mine = delays.get(weekday, ())
    if len(mine) < DAYS_LEAST:
        return None
    free, squares = 0, 0.0
    for each in _like(weekday, delays):
        free += len(each) - 1
        squares += sum((one - sum(each) / len(each)) ** 2 for one in each)
    mean = sum(mine) / len(mine)
    deviation = math.sqrt(squares / free * (1 + 1 / len(mine)))
    usual = math.expm1(mean)
    limit = math.expm1(mean - float(stdtrit(free, CHANCE)) * deviation)
    return round(max(limit, usual * FACTOR, usual + HOURS_LEAST), 4)


def _like(weekday: int, values: Mapping[int, list[float]]) -> list[list[float]]:
    """Those of the working days, or of the weekend: steady working days would hide how much weekends differ."""
    return [each for day, each in values.items() if (day >= SATURDAY) == (weekday >= SATURDAY)]


def _by_weekday(values: Mapping[date, float], unusual: set[date]) -> dict[int, list[float]]:
    """The values by weekday, without those of unusual days where enough others are left."""
    every, ordinary = defaultdict[int, list[float]](list), defaultdict[int, list[float]](list)
    for day, value in values.items():
        every[day.weekday()].append(value)
        if day not in unusual:
            ordinary[day.weekday()].append(value)
    return {day: ordinary[day] if len(ordinary[day]) >= DAYS_LEAST else mine for day, mine in every.items()}
