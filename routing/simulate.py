"""Past cases under another version: who is decided by whom, what it costs, what people must do, who changes side.

The cases are routed again by `policy.route`, the very function that routes new ones, on what was known of each when it
came. What people would decide is not known and not made up: a case that goes to people counts as looked at, its
expected cost is that of a reviewer who is right as often as the version believes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from routing import capacity, due
from routing.facts import Facts
from routing.policy import APPROVE, DECLINE, REVIEW, TIER_AUDIT, TIER_BEYOND, WAY_NAMES, Routed, route
from routing.table.columns import BoolArray, Coded, FloatArray
from routing.terms import Terms
from scoring.ml.intervals import Estimate, wilson

IntArray = NDArray[np.int32]

USUAL_MINUTES: Final = 6.0
MOST_SEGMENTS: Final = 12
MOST_SWAPPED: Final = 20
TIERS: Final = {1: "mandatory", 2: "not_judged", 3: "uncertain", TIER_AUDIT: "audit", TIER_BEYOND: "beyond"}


@dataclass(frozen=True)
class Past:
    """n past cases of one product, in the order in which they came.

    `facts.day` counts days from the first; `case` are keys, `was` the way that each went then (as in policy.py, -1: it
    was never routed), `bad` 1 or 0 once the outcome is matured, NaN until then. `segments` are groups to report by;
    `book` says on what book the shares of industry and region rest, in plain JSON.
    """

    facts: Facts
    case: NDArray[np.int64]
    was: NDArray[np.int8]
    bad: FloatArray
    days: int
    segments: Mapping[str, Coded] = field(default_factory=dict)
    book: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.case)


@dataclass(frozen=True)
class Rate:
    """A share with its 95 % interval (Wilson) and the counts behind it; all None where nothing was counted."""

    count: int
    of: int
    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def of_counts(cls, count: int, of: int) -> Rate:
        if not of:
            return cls(count, of, None, None, None)
        found: Estimate = wilson(count, of)
        return cls(count, of, found.value, found.low, found.high)


@dataclass(frozen=True)
class Group:
    """The cases of one segment, or all of them. Money is in the policy's currency."""

    name: str
    cases: int
    approve_share: float
    decline_share: float
    review_share: float
    expected_loss: float
    realised_loss: float
    matured: int
    miss_rate: Rate
    expected_miss_rate: float | None
    good_decline_rate: Rate


@dataclass(frozen=True)
class Swap:
    """How many cases go from one way to another, and which of them are largest."""

    was: str
    would: str
    cases: int
    exposure: float
    largest: list[int]


@dataclass(frozen=True)
class Load:
    """What people have to do. `reviews_a_day` is the mean, `busy_day` what nine days in ten do not exceed, `quietest`
    and `busiest` the fewest and the most; `hours` likewise: of all looks that are asked for, also where the places do
    not reach. `places_a_day` are those of the people on duty, or of `hours_stated`. `late_share` is the share of looks
    that come after each case's own time to decide (`routing/due.py` says what is assumed of a working day)."""

    by_tier: dict[str, int]
    reviews_a_day: float
    busy_day: float
    quietest: int
    busiest: int
    hours_a_day: float
    busy_hours: float
    hours_stated: float | None
    places_a_day: int | None
    share_covered: float | None
    most_waiting: int | None
    late_share: float | None
    beyond: int
    fallback: dict[str, int]


@dataclass(frozen=True)
class Simulation:
    """What a version would have done with past cases."""

    total: Group
    expected_cost: float
    load: Load
    swaps: list[Swap]
    segments: dict[str, list[Group]]
    audits: int
    explored: int
    explored_exposure: float
    days: int


def simulate(terms: Terms, past: Past, *, places_a_day: int | None = None) -> Simulation:
    """Replay n cases (n may be 0) under a version; every random arm draws as it would for these very cases.

    Every day anew has `places_a_day` (None: those of the hours that the version states) where the version counts
    capacity, and an exploration its whole budget. The places of a day go to its best cases, as if all had come at once;
    as cases really come, a place is given to who comes first, so that the replay shows the most that places can do.
    """
    places = _places(terms, places_a_day)
    routed = routed_again(terms, past, places_a_day=places_a_day)
    return Simulation(
        total=_group("", np.ones(len(past), dtype=np.bool_), past, routed),
        expected_cost=_expected_cost(terms, past, routed),
        load=_load(terms, past, routed, places),
        swaps=_swaps(past, routed),
        segments={name: _segments(words, past, routed) for name, words in past.segments.items()},
        audits=int(routed.audit.sum()),
        explored=int(routed.explored.sum()),
        explored_exposure=float(past.facts.exposure[routed.explored].sum()),
        days=past.days,
    )


def routed_again(terms: Terms, past: Past, *, places_a_day: int | None = None) -> Routed:
    """The routes of n past cases under a version, as `simulate` takes them."""
    return route(
        terms,
        replace(
            past.facts,
            in_currency=_in_currency(terms, past.facts),
            places_left=_places(terms, places_a_day),
            budget_left=terms.exploration.budget if terms.exploration else None,
        ),
    )


def _places(terms: Terms, places_a_day: int | None) -> int | None:
    if terms.capacity is None:
        return None
    return terms.capacity.places_a_day if places_a_day is None else places_a_day


def _in_currency(terms: Terms, facts: Facts) -> BoolArray:
    """Whose money is in this version's currency (n,); the cases were read under that of another version."""
    currency = facts.columns.get("currency")
    if not isinstance(currency, Coded):
        return facts.in_currency
    return np.array([*(word == terms.currency for word in currency.words), False])[currency.codes]


def _group(name: str, here: BoolArray, past: Past, routed: Routed) -> Group:
    ways = np.bincount(routed.way[here], minlength=3)
    cases = int(here.sum())
    approved = here & (routed.way == APPROVE)
    bad, good = past.bad == 1, past.bad == 0
    losses = past.facts.lgd * past.facts.exposure
    # As the promise counts: what the blind audit drew is the machine's, what the lot of an exploration approved is not.
    machine = here & (routed.unaudited == APPROVE) & ~routed.explored
    stopped = here & (routed.unaudited == DECLINE)
    pd = np.nan_to_num(past.facts.pd[here], nan=0.0)
    return Group(
        name=name,
        cases=cases,
        approve_share=float(ways[APPROVE] / cases) if cases else 0.0,
        decline_share=float(ways[DECLINE] / cases) if cases else 0.0,
        review_share=float(ways[REVIEW] / cases) if cases else 0.0,
        expected_loss=float(np.nansum(routed.costs.approve[approved])),
        realised_loss=float(np.nansum(losses[approved & bad])),
        matured=int((here & (bad | good)).sum()),
        miss_rate=Rate.of_counts(int((machine & bad).sum()), int((here & bad).sum())),
        expected_miss_rate=float(pd[machine[here]].sum() / pd.sum()) if pd.sum() > 0 else None,
        good_decline_rate=Rate.of_counts(int((stopped & good).sum()), int((here & good).sum())),
    )


def _expected_cost(terms: Terms, past: Past, routed: Routed) -> float:
    """Expected money lost on all cases: by the machine's way, or by a look and the slips of a reviewer."""
    costs = routed.costs
    slip = costs.approve + costs.decline
    looked = terms.review_cost + (1.0 - terms.reviewer_accuracy) * slip
    cost = np.where(routed.way == APPROVE, costs.approve, np.where(routed.way == DECLINE, costs.decline, looked))
    return float(np.nansum(cost))


def _load(terms: Terms, past: Past, routed: Routed, places: int | None) -> Load:
    people = routed.way == REVIEW
    stated = terms.capacity
    minutes = stated.minutes_a_look if stated else USUAL_MINUTES
    days, day = max(past.days, 1), past.facts.day
    waits = routed.tier == TIER_BEYOND
    counts = {
        tier: np.bincount(day[people & (routed.tier == tier)], minlength=days) if day is not None else np.zeros(days)
        for tier in TIERS
    }
    # Who waits beyond the places still needs a look.
    looks = sum(counts.values())
    found = capacity.demand(
        {tier: each.astype(np.int64).tolist() for tier, each in counts.items()}, minutes, places or 0
    )
    return Load(
        by_tier={name: int(counts[tier].sum()) for tier, name in TIERS.items()},
        reviews_a_day=float(np.mean(looks)),
        busy_day=float(np.quantile(looks, 0.9)),
        quietest=int(np.min(looks)),
        busiest=int(np.max(looks)),
        hours_a_day=found.mean_hours,
        busy_hours=found.busy_hours,
        hours_stated=stated.hours_a_day if stated else None,
        places_a_day=places,
        share_covered=found.share_covered if stated else None,
        most_waiting=int(found.waiting.max(initial=0)) if stated else None,
        late_share=_late_share(routed, day, people, places or 0) if stated else None,
        beyond=int(routed.looked.beyond.sum()),
        fallback={
            "approve": int((routed.looked.beyond & (routed.way == APPROVE)).sum()),
            "decline": int((routed.looked.beyond & (routed.way == DECLINE)).sum()),
            "wait": int(waits.sum()),
        },
    )


def _late_share(routed: Routed, day: NDArray[np.int32] | None, people: BoolArray, places: int) -> float | None:
    asked = np.flatnonzero(people)
    if day is None or not len(asked):
        return None
    days, tiers = (codes[asked].astype(np.int64) for codes in (day, routed.tier))
    return float(due.late(days, tiers, routed.sla_hours[asked], places).mean())


def _swaps(past: Past, routed: Routed) -> list[Swap]:
    """Who changes side, the most frequent change first, with the largest cases of each."""
    was, would = past.was.astype(np.int64), routed.way.astype(np.int64)
    changed = np.flatnonzero((was >= 0) & (was != would))
    kind = was[changed] * 3 + would[changed]
    found = []
    for code in np.unique(kind):
        rows = changed[kind == code]
        exposure = past.facts.exposure[rows]
        top = rows[np.argsort(-exposure, kind="stable")[:MOST_SWAPPED]]
        found.append(
            Swap(WAY_NAMES[code // 3], WAY_NAMES[code % 3], len(rows), float(exposure.sum()), past.case[top].tolist())
        )
    return sorted(found, key=lambda swap: -swap.cases)


def _segments(words: Coded, past: Past, routed: Routed) -> list[Group]:
    """The largest groups; what is in no group is left out."""
    sizes = np.bincount(words.codes[words.codes >= 0], minlength=len(words.words))
    largest: Sequence[int] = np.argsort(-sizes, kind="stable")[:MOST_SEGMENTS].tolist()
    return [_group(words.words[code], words.codes == code, past, routed) for code in largest if sizes[code]]


def plain(simulation: Simulation) -> dict[str, Any]:
    """The simulation in plain JSON."""
    return _plain(simulation)  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
