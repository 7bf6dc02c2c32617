"""Reviewers against the model: lift, agreement, deference, pace, and how a day or a month changes them.

Of help to a supervisor, no ranking: every figure carries how many cases it rests on, and on fewer than LEAST_SHOWN
nothing is told of a person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

import numpy as np

from learning.overrides import Override, settle
from learning.small_samples import difference_of_shares, trend_p
from scoring.ml.intervals import LEVEL, Estimate

LEAST_SHOWN: Final = 20
# Nobody reads a case in less: decisions in bulk and a signer's revision are written within a moment of their claim.
LEAST_SECONDS: Final = 1.0
RESAMPLES: Final = 2_000
SEED: Final = 6
# Hours since the first decision of the day, and decisions of the day so far; the last group has no end.
HOURS: Final = (1, 2, 3, 4, 5, 6, 7, 8)
COUNTS: Final = (10, 20, 30, 40)


@dataclass(frozen=True)
class Decision:
    """One standing decision on an application. `at` on the office clock; `seconds` since the case was claimed;
    `lean` what the person thought before they saw the advice ("" where they were not asked); `looked` what a blind
    second person decided, by `looker`, `upheld` which view a third one upheld; `bad` the matured outcome of the loan;
    `repeated`: the same note stands under another decision of the person in that month."""

    reviewer: int
    at: datetime
    seconds: float
    outcome: str
    advice: str = ""
    lean: str = ""
    looked: str = ""
    looker: int | None = None
    upheld: str = ""
    bad: bool | None = None
    note_length: int = 0
    repeated: bool = False
    codes: tuple[str, ...] = ()

    @property
    def is_advised(self) -> bool:
        return self.advice in ("approve", "decline")

    @property
    def is_override(self) -> bool:
        return self.is_advised and self.outcome != self.advice


@dataclass(frozen=True)
class Lift:
    """What a person's decisions on loans that matured won over the model alone, a hundred decisions. `overrides` of
    them went against the advice; the others are what the model would have done, and count as nothing won."""

    matured: int
    overrides: int
    a_hundred: Estimate


@dataclass(frozen=True)
class Agreement:
    """Two views on each of `pairs` cases. `kappa` is NaN where all views are alike; `declines` is the share of views
    that decline: where that is near 0 or 1, kappa is low however well two people agree. Of `disputes` that a third
    person settled, `upheld` went this person's way."""

    pairs: int
    agreed: int
    kappa: Estimate
    declines: float
    disputes: int
    upheld: int


@dataclass(frozen=True)
class Deference:
    """How often a first lean was given up once the advice was seen. `contrary`: the advice was otherwise, and so often
    they `yielded`; `agreeing`: it was the same, and so often they `left` it; `pull` is the difference of the two."""

    contrary: int
    yielded: int
    agreeing: int
    left: int
    unsure: int
    followed: int
    pull: Estimate


@dataclass(frozen=True)
class Pace:
    """Seconds a case, of decisions on single cases: quartiles, and how many took less than the desk allows."""

    decisions: int
    lower: float
    middle: float
    upper: float
    too_fast: int


@dataclass(frozen=True)
class Stretch:
    """Decisions of one part of the day or one month. `quartiles` are of the seconds that the `timed` ones took."""

    name: str
    decisions: int
    advised: int
    overridden: int
    looked: int
    disagreed: int
    matured: int
    bad: int
    seconds: float | None
    note_length: float
    repeated: int
    timed: int
    quartiles: tuple[float, float, float] | None


def lift(decisions: Sequence[Decision], rescues: Sequence[Override]) -> Lift | None:
    """None on fewer than LEAST_SHOWN loans. `rescues` are this person's settled ones, of one currency; of what they
    declined nothing is measured."""
    matured = sum(each.bad is not None and each.is_advised and each.outcome == "approve" for each in decisions)
    if matured < LEAST_SHOWN:
        return None
    value = settle(rescues).value
    return Lift(matured, len(rescues), Estimate(*(end * 100 / matured for end in value)))


def agreement(person: int, decisions: Iterable[Decision]) -> Agreement | None:
    """Of the cases that `person` decided or looked at a second time without seeing the other's view. None on fewer
    than LEAST_SHOWN."""
    pairs, disputes, upheld = [], 0, 0
    for each in decisions:
        if not each.looked or person not in (each.reviewer, each.looker):
            continue
        own, other = (each.outcome, each.looked)[:: 1 if each.reviewer == person else -1]
        pairs.append((own == "decline", other == "decline"))
        if own != other and each.upheld:
            disputes += 1
            upheld += own == each.upheld
    if len(pairs) < LEAST_SHOWN:
        return None
    declines = sum(one + other for one, other in pairs) / (2 * len(pairs))
    agreed = sum(one == other for one, other in pairs)
    return Agreement(len(pairs), agreed, kappa(pairs), declines, disputes, upheld)


def kappa(pairs: Sequence[tuple[bool, bool]]) -> Estimate:
    """Cohen 1960: (observed - expected agreement) / (1 - expected), with the percentile interval of the bootstrap of
    cases; draws in which all views are alike have none and are left out."""
    cells = Counter(pairs)
    table = np.array([cells[True, True], cells[True, False], cells[False, True], cells[False, False]], dtype=np.int64)
    point = float(_kappas(table[None, :])[0])
    drawn = _kappas(np.random.default_rng(SEED).multinomial(len(pairs), table / len(pairs), RESAMPLES))
    usable = drawn[np.isfinite(drawn)]
    if not np.isfinite(point) or not len(usable):
        return Estimate(point, -1.0, 1.0)
    low, high = np.quantile(usable, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(point, float(min(low, point)), float(max(high, point)))


def _kappas(tables: np.ndarray) -> np.ndarray:
    """Kappa (m,) of tables (m, 4): both yes, only the first, only the second, neither."""
    shares = tables / tables.sum(axis=1, keepdims=True)
    both, first, second, neither = shares.T
    expected = (both + first) * (both + second) + (neither + first) * (neither + second)
    room = 1 - expected
    with np.errstate(invalid="ignore", divide="ignore"):
        found: np.ndarray = np.where(room > 1e-12, (both + neither - expected) / room, np.nan)
    return found


def deference(decisions: Iterable[Decision]) -> Deference | None:
    """Of decisions with a first lean and an advice. None on fewer than LEAST_SHOWN where the advice was otherwise or
    LEAST_SHOWN where it was the same: one is nothing without the other."""
    asked = [each for each in decisions if each.lean and each.is_advised]
    contrary = [each for each in asked if each.lean in ("approve", "decline") and each.lean != each.advice]
    agreeing = [each for each in asked if each.lean == each.advice]
    unsure = [each for each in asked if each.lean == "unsure"]
    if min(len(contrary), len(agreeing)) < LEAST_SHOWN:
        return None
    yielded, left = sum(not each.is_override for each in contrary), sum(each.is_override for each in agreeing)
    pull = difference_of_shares(yielded, len(contrary), left, len(agreeing))
    followed = sum(not each.is_override for each in unsure)
    return Deference(len(contrary), yielded, len(agreeing), left, len(unsure), followed, pull)


def pace(decisions: Iterable[Decision], too_fast: float) -> Pace | None:
    """None on fewer than LEAST_SHOWN decisions on single cases."""
    seconds = [each.seconds for each in decisions if each.seconds >= LEAST_SECONDS]
    if len(seconds) < LEAST_SHOWN:
        return None
    return Pace(len(seconds), *_quartiles(seconds), sum(each < too_fast for each in seconds))


def by_hour(decisions: Iterable[Decision]) -> list[Stretch]:
    """By hours since the person's first decision of the day; the parts with any, named by their upper end or "more"."""
    return _parts(decisions, lambda hours, _count: _end_of(HOURS, hours))


def by_count(decisions: Iterable[Decision]) -> list[Stretch]:
    """By how many the person has decided on the day, this one counted."""
    return _parts(decisions, lambda _hours, count: _end_of(COUNTS, count - 1))


def by_month(decisions: Iterable[Decision]) -> list[Stretch]:
    """The months with any decision, the earliest first, named `2026-11`."""
    months: dict[str, list[Decision]] = defaultdict(list)
    for each in decisions:
        months[f"{each.at:%Y-%m}"].append(each)
    return [_stretch(name, months[name]) for name in sorted(months)]


def rising_overrides_p(parts: Sequence[Stretch]) -> float:
    """Two-sided p-value that the share of overrides rises or falls along the parts."""
    return trend_p([part.overridden for part in parts], [part.advised for part in parts])


def rising_disagreement_p(parts: Sequence[Stretch]) -> float:
    """The same of the share of decisions that a blind second person judged otherwise."""
    return trend_p([part.disagreed for part in parts], [part.looked for part in parts])


def commonest_reasons(decisions: Iterable[Decision]) -> tuple[tuple[str, ...], int, int] | None:
    """The set of reasons given most often, how often, and of how many decisions with reasons. None on fewer than
    LEAST_SHOWN."""
    sets = Counter(tuple(sorted(each.codes)) for each in decisions if each.codes)
    if sets.total() < LEAST_SHOWN:
        return None
    # Of sets that are as common, the first by name: the same every time.
    codes, count = min(sets.items(), key=lambda item: (-item[1], item[0]))
    return codes, count, sets.total()


def _end_of(ends: Sequence[int], value: float) -> str:
    return next((str(end) for end in ends if value < end), "more")


def _parts(decisions: Iterable[Decision], part_of: Callable[[float, int], str]) -> list[Stretch]:
    days: dict[tuple[int, str], list[Decision]] = defaultdict(list)
    for each in decisions:
        days[each.reviewer, f"{each.at:%Y-%m-%d}"].append(each)
    parts: dict[str, list[Decision]] = defaultdict(list)
    for day in days.values():
        day.sort(key=lambda each: each.at)
        for count, each in enumerate(day, 1):
            parts[part_of((each.at - day[0].at).total_seconds() / 3600, count)].append(each)
    return [_stretch(name, parts[name]) for name in sorted(parts, key=lambda name: (len(name), name))]


def _stretch(name: str, decisions: Sequence[Decision]) -> Stretch:
    looked = [each for each in decisions if each.looked]
    matured = [each for each in decisions if each.bad is not None]
    seconds = [each.seconds for each in decisions if each.seconds >= LEAST_SECONDS]
    return Stretch(
        name=name,
        decisions=len(decisions),
        advised=sum(each.is_advised for each in decisions),
        overridden=sum(each.is_override for each in decisions),
        looked=len(looked),
        disagreed=sum(each.looked != each.outcome for each in looked),
        matured=len(matured),
        bad=sum(bool(each.bad) for each in matured),
        seconds=median(seconds) if seconds else None,
        note_length=median(each.note_length for each in decisions),
        repeated=sum(each.repeated for each in decisions),
        timed=len(seconds),
        quartiles=_quartiles(seconds) if seconds else None,
    )


def _quartiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    lower, middle, upper = (float(each) for each in np.quantile(seconds, [0.25, 0.5, 0.75]))
    return lower, middle, upper
