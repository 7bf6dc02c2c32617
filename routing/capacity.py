"""People's capacity: places a day, who is seen within them, what becomes of the rest, and the hours that are needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from routing.arms import check_settings
from routing.assignment import Assignment as Assignment
from routing.assignment import Person as Person
from routing.assignment import WaitingCase as WaitingCase
from routing.assignment import assign as assign

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
WayArray = NDArray[np.int8]
Fallback = Literal["decline", "wait", "approve"]

# What a fallback can make of a case, as indices: the first two are decided by the machine, the third goes on waiting
# for people, behind all others.
FALLBACK_WAYS: Final = ("approve", "decline", "wait")
APPROVE, DECLINE, WAIT = 0, 1, 2
MOST_HOURS: Final = 24 * 1000
MOST_MINUTES: Final = 24 * 60


def places(hours: float, minutes: float) -> int:
    """How many looks of so many minutes fit into so many hours."""
    # 0.29 * 100 is 28.999999999999996 in binary.
    return math.floor(hours * 60 / minutes + 1e-9)


@dataclass(frozen=True)
class Capacity:
    """What a supervisor states: reviewers' hours a day in all, minutes a look takes, and what becomes of merely
    uncertain cases beyond that. `appetite` is the PD below which the fallback may approve (0: nothing),
    `random_share` the share of each reviewer's cases that is assigned at random. SettingError names a field at fault.
    """

    hours_a_day: float
    minutes_a_look: float
    fallback: Fallback
    appetite: float = 0.0
    random_share: float = 0.05

    def __post_init__(self) -> None:
        most = f"must lie between 0 and {MOST_HOURS:,}", f"必须在 0 到 {MOST_HOURS:,} 之间"
        long = f"must be above 0 and at most {MOST_MINUTES:,}", f"必须大于 0 且不超过 {MOST_MINUTES:,}"
        known = self.fallback in ("decline", "wait", "approve")
        named = self.appetite > 0 or self.fallback != "approve"
        check_settings(
            [
                (0 <= self.hours_a_day <= MOST_HOURS, "hours_a_day", *most),
                (0 < self.minutes_a_look <= MOST_MINUTES, "minutes_a_look", *long),
                (known, "fallback", "must be decline, wait or approve", "必须是拒绝、等待或批准"),
                (0 <= self.appetite < 1, "appetite", "must be at least 0 and below 1", "必须不小于 0 且小于 1"),
                (named, "appetite", "must be above 0 where the fallback approves", "后备处理为批准时必须大于 0"),
                (0 <= self.random_share <= 1, "random_share", "must lie between 0 and 1", "必须在 0 到 1 之间"),
            ]
        )

    @property
    def places_a_day(self) -> int:
        """How many cases people can see a day."""
        return places(self.hours_a_day, self.minutes_a_look)


@dataclass(frozen=True)
class Chosen:
    """Who of n cases is seen. `rank` (n,) counts from 1 in the order of looks, those left out behind the seen ones.

    `beyond` is how many are left out, `overbooked` how many mandatory cases stand above the places: they are seen all
    the same, and take the places of the days to come.
    """

    seen: BoolArray
    rank: IntArray
    mandatory: int
    discretionary: int
    beyond: int
    overbooked: int

    @property
    def left_out(self) -> BoolArray:
        """The cases (n,) that capacity does not cover: each gets the fallback."""
        return ~self.seen


def choose(value: FloatArray, mandatory: BoolArray, tie: FloatArray, places_left: int) -> Chosen:
    """Which of n cases that are not the machine's to decide are seen within the places left.

    Mandatory cases are always seen and use up places; the places that remain go to the merely uncertain ones of the
    highest `value` (n,), the value of a look per minute (minus the start rank where no money is known). A value that is
    not known (NaN) comes first. Equal values are ordered by the case's own draw `tie` (n,), never by arrival.
    """
    if places_left < 0:
        raise ValueError("places left cannot be below 0")
    order = np.lexsort((tie, -np.nan_to_num(value, nan=np.inf), ~mandatory))
    must = int(np.count_nonzero(mandatory))
    count = min(len(order), max(places_left, must))
    seen, rank = np.zeros(len(order), dtype=np.bool_), np.empty(len(order), dtype=np.int64)
    seen[order[:count]] = True
    rank[order] = np.arange(1, len(order) + 1)
    return Chosen(seen, rank, must, count - must, len(order) - count, max(0, must - places_left))


def fall_back(fallback: Fallback, pd: FloatArray, cut_off: float | FloatArray, appetite: float) -> WayArray:
    """What becomes of n cases beyond capacity (n,): indices into FALLBACK_WAYS.

    `approve` approves only within appetite, PD < min(cut-off, appetite), and lets the others wait. A case without a PD
    always waits: a decline must be able to say why. Where a miss rate is promised, `cut_off` is the promised approve
    cut-off, for these approvals are the machine's too.
    """
    if fallback == "wait":
        return np.full(len(pd), WAIT, dtype=np.int8)
    if fallback == "decline":
        return np.where(np.isnan(pd), WAIT, DECLINE).astype(np.int8)
    return np.where(pd < np.minimum(cut_off, appetite), APPROVE, WAIT).astype(np.int8)


def said(chosen: Chosen, ways: WayArray) -> tuple[str, str]:
    """What capacity does not cover, in English and Chinese; `ways` are those of the cases left out."""
    approved, declined, waiting = np.bincount(ways, minlength=len(FALLBACK_WAYS)).tolist()
    seen = chosen.mandatory + chosen.discretionary
    en = f"Seen by people: {seen:,}, of these by rule: {chosen.mandatory:,}."
    zh = f"由人工查看 {seen:,} 笔，其中规则要求 {chosen.mandatory:,} 笔。"
    if chosen.overbooked:
        en += f" More than there are places: {chosen.overbooked:,}."
        zh += f"超出名额 {chosen.overbooked:,} 笔。"
    if chosen.beyond:
        en += f" Beyond capacity: {chosen.beyond:,} (waiting {waiting:,}, declined {declined:,}, "
        en += f"approved within appetite {approved:,})."
        zh += f"超出人力 {chosen.beyond:,} 笔（等待 {waiting:,}，拒绝 {declined:,}，在风险偏好内批准 {approved:,}）。"
    return en, zh


@dataclass(frozen=True)
class Demand:
    """What looks of some days need. `hours` (days,) needed, `covered` (days,) the share of the day's looks that its
    places hold (1 on a day without any), `waiting` (days,) looks left at the end of the day when nothing is dropped,
    `mandatory_hours` (days,) the part no fallback can relieve; `mean_hours`, `busy_hours` (the day that nine in ten do
    not exceed) and `share_covered` over all days (1 where there are none)."""

    hours: FloatArray
    mandatory_hours: FloatArray
    covered: FloatArray
    waiting: IntArray
    mean_hours: float
    busy_hours: float
    share_covered: float


def demand(counts: Mapping[int, Sequence[int]], minutes: float, room: int, last_mandatory: int = 2) -> Demand:
    """Hours that the looks of each day need, from how many of each tier (key) came on each day (values, one a day).

    `room` are the places of a day. Tiers up to `last_mandatory` must be seen. ValueError where tiers have different
    numbers of days.
    """
    if len({len(days) for days in counts.values()}) > 1:
        raise ValueError("every tier needs a count for every day")
    days = len(next(iter(counts.values()), ()))
    looks, must = np.zeros(days, dtype=np.int64), np.zeros(days, dtype=np.int64)
    for tier, each in counts.items():
        looks += np.asarray(each, dtype=np.int64)
        must += np.asarray(each, dtype=np.int64) * (tier <= last_mandatory)
    held = np.minimum(looks, room)
    # What waits at the end of each day, as Lindley (1952) counts a queue: the walk less its lowest point so far.
    walk = np.concatenate([[0], np.cumsum(looks - room)])
    waiting = (walk - np.minimum.accumulate(walk))[1:]
    hours = looks * minutes / 60
    return Demand(
        hours=hours,
        mandatory_hours=must * minutes / 60,
        covered=np.divide(held, looks, out=np.ones(days), where=looks > 0),
        waiting=waiting,
        mean_hours=float(hours.mean()) if days else 0.0,
        busy_hours=float(np.quantile(hours, 0.9)) if days else 0.0,
        share_covered=float(held.sum() / looks.sum()) if looks.sum() else 1.0,
    )
