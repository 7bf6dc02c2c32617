"""Who looks at which waiting case: the best assignment to people on duty, a share of it by lot.

The best assignment is that of `scipy.optimize.linear_sum_assignment`, each person's column repeated once a free place.
A share is assigned by lot all the same: a router that sends the hardest cases to the best reviewer would spoil that
reviewer's figures, and figures from cases assigned by lot are fair.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cases.draws import draws
from routing.kinds import accuracy_key

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Reason = Literal["", "nobody_on_duty", "no_skill", "four_eyes", "no_places"]

LOT: Final = "lot"
LOT_PERSON: Final = "lot_person"
LAST_MANDATORY_TIER: Final = 2
# What the solver is given at most. Its time grows at worst with cases x places x the smaller of both; it is meant to
# run once in a while over a queue, not in a request.
MOST_CASES: Final = 2_000
MOST_PEOPLE: Final = 30
LEAST_STEP: Final = 100


@dataclass(frozen=True)
class WaitingCase:
    """A case that waits. The lower the tier the earlier; `value` of a look in money, NaN where it is not known.
    `excluded` may not see it: who entered it, gave an earlier opinion on it, or has a conflict of interest; `kind` as
    in `routing/kinds.py`."""

    key: str
    tier: int
    value: float
    product: str
    excluded: frozenset[str] = frozenset()
    kind: str = ""


@dataclass(frozen=True)
class Person:
    """A reviewer. `places` are what is left of the daily cap, `skills` the products, None for every product, `accuracy`
    the expected one by product, and by `accuracy_key` where that depends on the kind of case (absent: as good as the
    others); `given` and `given_by_lot` count the day so far."""

    key: str
    places: int
    skills: frozenset[str] | None = None
    on_duty: bool = True
    accuracy: Mapping[str, float] = field(default_factory=dict)
    given: int = 0
    given_by_lot: int = 0

    def knows(self, product: str) -> bool:
        """Whether the person may be handed cases of the product."""
        return self.skills is None or product in self.skills

    def accuracy_on(self, product: str, kind: str) -> float:
        """The accuracy on this kind of case, else on the product; NaN for who is not measured."""
        return self.accuracy.get(accuracy_key(product, kind), self.accuracy.get(product, math.nan))


@dataclass(frozen=True)
class Assignment:
    """What became of one case: its person, or None with the reason. `random` marks a case given by lot, and
    `probability` is then the chance that it was drawn and fell to this very person, given the lots before it (else 1).
    """

    case: str
    person: str | None
    random: bool = False
    probability: float = 1.0
    reason: Reason = ""


def assign(
    cases: Sequence[WaitingCase], people: Sequence[Person], secret: str, random_share: float = 0.05
) -> list[Assignment]:
    """One answer a case, in the order of urgency: tier, value, the case's own draw. The same input, in whatever order,
    gives the same answer. ValueError where a key is doubled or the share is none.

    As many cases of the first tier as can be seen are, then of the next, and so on, the valuable ones first; among such
    assignments the one with the highest sum of value x accuracy is taken, the accuracy being relative to the mean of
    those measured on the product. More than 2,000 cases or 30 people are taken in portions, the urgent cases first.
    """
    if len({case.key for case in cases}) < len(cases) or len({one.key for one in people}) < len(people):
        raise ValueError("a key is given twice")
    if not 0 <= random_share <= 1:
        raise ValueError("the share by lot lies between 0 and 1")
    lots = dict(
        zip((case.key for case in cases), draws(secret, LOT, [case.key for case in cases]).tolist(), strict=True)
    )
    waiting = sorted(cases, key=lambda case: (case.tier, -_known(case.value), lots[case.key]))
    staff = sorted((one for one in people if one.on_duty), key=lambda one: one.key)
    # The lot may never cost a case that must be seen its place: else only such cases are drawn, or none.
    must = [case for case in waiting if case.tier <= LAST_MANDATORY_TIER]
    at_best: dict[str, Assignment] | None = None
    for pool in (waiting, must, []):
        by_lot = _by_lot(pool, staff, lots, secret, random_share)
        answers = {**by_lot, **_at_best(waiting, staff, by_lot)}
        lost = [case for case in must if case.key not in answers and _why_not(case, staff) == "no_places"]
        if not lost or not by_lot:
            break
        at_best = at_best or _at_best(waiting, staff, {})
        if len(lost) == sum(case.key not in at_best and bool(_eligible(case, staff)) for case in must):
            break
    return [answers.get(case.key) or Assignment(case.key, None, reason=_why_not(case, staff)) for case in waiting]


def _known(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _eligible(case: WaitingCase, staff: Iterable[Person]) -> list[Person]:
    return [one for one in staff if one.knows(case.product) and one.key not in case.excluded]


def _why_not(case: WaitingCase, staff: Sequence[Person]) -> Reason:
    if not staff:
        return "nobody_on_duty"
    if not any(one.knows(case.product) for one in staff):
        return "no_skill"
    return "no_places" if _eligible(case, staff) else "four_eyes"


def _by_lot(
    waiting: Sequence[WaitingCase], staff: Sequence[Person], lots: Mapping[str, float], secret: str, share: float
) -> dict[str, Assignment]:
    """The cases given by lot. Of those that there are places for, the ones of the lowest draws are taken, as many as
    make up everybody's share of the day: a simple random sample. Each goes to a person drawn uniformly among the
    eligible who still lack cases by lot; where there is none, it is left to the best assignment."""
    places = {one.key: max(one.places, 0) for one in staff}
    room = sum(places.values())
    pool = [case for case in waiting if _eligible(case, (one for one in staff if places[one.key]))][:room]
    if not pool:
        return {}
    lacking = {}
    for one in staff:
        expected = places[one.key] * len(pool) / room
        wanted = math.ceil(share * (one.given + expected) - 1e-9) - one.given_by_lot
        lacking[one.key] = min(max(wanted, 0), places[one.key])
    drawn = sorted(pool, key=lambda case: lots[case.key])[: sum(lacking.values())]
    which = draws(secret, LOT_PERSON, [case.key for case in drawn]).tolist()
    given = {}
    for case, draw in zip(drawn, which, strict=True):
        able = [one for one in _eligible(case, staff) if lacking[one.key] > 0]
        if able:
            person = able[int(draw * len(able))].key
            lacking[person] -= 1
            chance = len(drawn) / len(pool) / len(able)
            given[case.key] = Assignment(case.key, person, random=True, probability=chance)
    return given


def _at_best(
    waiting: Sequence[WaitingCase], staff: Sequence[Person], taken: Mapping[str, Assignment]
) -> dict[str, Assignment]:
    """The best assignment of the cases not taken to the places not taken, in portions that the solver can hold."""
    used = [one.person for one in taken.values()]
    places = {one.key: max(one.places - used.count(one.key), 0) for one in staff}
    rest = [case for case in waiting if case.key not in taken]
    found: dict[str, Assignment] = {}
    for first in range(0, len(rest), MOST_CASES):
        portion = rest[first : first + MOST_CASES]
        free = [one for one in staff if places[one.key]]
        for group in range(0, len(free), MOST_PEOPLE):
            able = [replace(one, places=places[one.key]) for one in free[group : group + MOST_PEOPLE]]
            open_cases = [case for case in portion if case.key not in found]
            for case, person in _solve(open_cases, able):
                found[case] = Assignment(case, person)
                places[person] -= 1
    return found


def _solve(cases: Sequence[WaitingCase], people: Sequence[Person]) -> list[tuple[str, str]]:
    """Pairs (case, person) of the cases in the order of urgency.

    The solver is slow where many more cases than places compete, so it is given about as many as there are places, and
    then, for each it could not place, one of the next. That loses no case: sets of cases that can be seen together are
    a matroid, in which a case that found no place beside more urgent ones finds none later.
    """
    room = sum(one.places for one in people)
    pairs: list[tuple[WaitingCase, str]] = []
    first = 0
    while first < len(cases) and len(pairs) < room:
        step = max(room - len(pairs), LEAST_STEP)
        pairs = _pairs([*(case for case, _person in pairs), *cases[first : first + step]], people)
        first += step
    return [(case.key, person) for case, person in pairs]


def _pairs(cases: Sequence[WaitingCase], people: Sequence[Person]) -> list[tuple[WaitingCase, str]]:
    """The pairs of the highest worth, in the order of the cases."""
    # Loaded where it is used: it costs a start 0.15 s and 20 MB.
    from scipy.optimize import linear_sum_assignment

    worth, columns = _worth(cases, people)
    rows, chosen = linear_sum_assignment(worth[:, columns], maximize=True)
    pairs = ((int(row), int(columns[column])) for row, column in zip(rows, chosen, strict=True))
    return [(cases[row], people[column].key) for row, column in pairs if worth[row, column] > 0]


def _worth(cases: Sequence[WaitingCase], people: Sequence[Person]) -> tuple[FloatArray, NDArray[np.int64]]:
    """Worth (cases, people) of each pair, 0 where the person may not see the case, and the person of each column.

    Every tier is worth one step more than the next. A step exceeds all that accuracy can add up to over the cases, so
    no gain in value buys a case of a later tier the place of one of an earlier tier; in a matroid one exchange at a
    time reaches the best, so steps need not grow faster than with the number of tiers.
    """
    values = np.array([max(_known(case.value), 0.0) for case in cases])
    most = values.max(initial=0.0, where=np.isfinite(values))
    scaled = np.minimum(values / most, 1.0) if most > 0 else np.where(values > 0, 1.0, 0.0)
    factors = _factors(cases, people)
    tiers = np.unique([case.tier for case in cases])
    behind = len(tiers) - np.searchsorted(tiers, [case.tier for case in cases])
    step = 1.0 + len(cases) * float(factors.max(initial=1.0))
    worth = scaled[:, None] * factors + (behind * step)[:, None]
    may = [[one.knows(case.product) and one.key not in case.excluded for one in people] for case in cases]
    # More columns of a person than there are cases would only make the matrix wider.
    repeats = [min(one.places, len(cases)) for one in people]
    return np.where(np.array(may, dtype=np.bool_).reshape(worth.shape), worth, 0.0), np.repeat(
        np.arange(len(people)), repeats
    )


def _factors(cases: Sequence[WaitingCase], people: Sequence[Person]) -> FloatArray:
    """Accuracy (cases, people) over the mean of those measured on the product or kind; 1 for who is not measured."""
    rows: dict[tuple[str, str], FloatArray] = {}
    for product, kind in {(case.product, case.kind) for case in cases}:
        known = np.array([one.accuracy_on(product, kind) for one in people])
        measured = known[known > 0]
        mean = measured.mean() if len(measured) else 1.0
        rows[product, kind] = np.nan_to_num(known / mean, nan=1.0) if len(measured) else np.ones(len(people))
    return np.array([rows[case.product, case.kind] for case in cases]).reshape(len(cases), len(people))
