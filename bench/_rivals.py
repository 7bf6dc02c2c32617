"""Four plain ways to lend, and a fifth for comparison: what the product's loop has to beat.

All score every case with the model they have, approve below the case's own cut-off, and show people as many cases as
the product may. None watches its sources, and none approves anything to learn from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from bench._lender import FAILING, WEEKS, Calendar, Cases
from bench._lessons import LEARNS_EVERY, MEMORY, Ledger, Model
from bench._reviewers import Team, in_turn, positions
from scoring.ml.calibration import sigmoid

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Learns = Literal["never", "decisions", "outcomes"]


@dataclass(frozen=True)
class Ground:
    """What every way of lending meets alike: the cases, the people, the calendar, how many looks there are (a share of
    the cases) and what one costs, and the model that all begin with. `fails` says whether a source will."""

    cases: Cases
    team: Team
    calendar: Calendar
    capacity: float
    review_cost: float
    first: Model
    seed: int
    fails: bool


@dataclass(frozen=True)
class Rival:
    """Which cases people see (`value` (n,) of PD and cut-off, the highest first; None: nobody looks), and what the
    model is trained on again."""

    value: Callable[[FloatArray, FloatArray], FloatArray] | None
    learns: Learns


def near_cut_off(pd: FloatArray, cut_off: FloatArray) -> FloatArray:
    """Nearest to where both decisions cost the same."""
    return -np.abs(pd - cut_off)


def near_half(pd: FloatArray, cut_off: FloatArray) -> FloatArray:
    """Least confident, as classifiers count confidence."""
    return -np.abs(pd - 0.5)


RIVALS: Final = {
    "no_review": Rival(None, "never"),
    "threshold_review": Rival(near_cut_off, "never"),
    "overrides_as_labels": Rival(near_cut_off, "decisions"),
    "outcomes_unweighted": Rival(near_cut_off, "outcomes"),
    "half_review": Rival(near_half, "never"),
}


def lend(rival: Rival, ground: Ground) -> Ledger:
    """All months as one rival decides them."""
    ledger, model = Ledger(ground.cases), ground.first
    for month in range(ground.calendar.months):
        if rival.learns != "never" and month and month % LEARNS_EVERY == 0:
            model = _taught(rival.learns, ledger, float(month), ground.seed)
        _decide_month(rival, model, month, ledger, ground)
    return ledger


def sent_by_failing(cases: Cases, calendar: Calendar, until: float) -> BoolArray:
    """The cases (n,) that the failing source sent between its failure and `until` (months)."""
    return np.asarray((cases.source == FAILING) & (cases.at >= calendar.failure) & (cases.at < until))


def _decide_month(rival: Rival, model: Model, month: int, ledger: Ledger, ground: Ground) -> None:
    cases, calendar = ground.cases, ground.calendar
    rows = np.flatnonzero(cases.month == month)
    if ground.fails:
        days = calendar.unnoticed_days + calendar.mend_days
        broken = rows[sent_by_failing(cases, calendar, calendar.failure + days / 20)[rows]]
        ledger.sent[broken], ledger.clean[broken] = cases.zeroed[broken], False
    log_odds = model.log_odds(ledger.sent[rows])
    pd, cut_off = sigmoid(log_odds), cases.cut_off[rows]
    ledger.granted[rows] = pd < cut_off
    ledger.by_machine[rows], ledger.decided_at[rows] = True, cases.at[rows]
    if rival.value is None:
        return
    value, week = rival.value(pd, cut_off), cases.day[rows] * WEEKS // 20
    for each in range(WEEKS):
        here = np.flatnonzero(week == each)
        places = int(ground.capacity * len(here))
        looked = here[np.lexsort((cases.tie[rows[here]], -value[here]))[:places]]
        looked = looked[np.argsort(cases.tie[rows[looked]])]
        who = in_turn(len(looked), len(ground.team))
        chosen = rows[looked]
        ledger.granted[chosen] = ground.team.approves(
            cases, chosen, who, log_odds[looked], positions(who), np.zeros(len(looked), dtype=np.bool_)
        )
        ledger.seen[chosen], ledger.by_machine[chosen], ledger.looks[chosen] = True, False, 1


def _taught(learns: Learns, ledger: Ledger, now: float, seed: int) -> Model:
    """A new model of what this rival takes for labels."""
    rows = ledger.matured(now)
    bad = ledger.outcomes(rows, now)
    if learns == "decisions":
        # Where people have decided and no outcome is known, their decision is taken for one.
        decided = ledger.seen & (ledger.cases.at < now) & (ledger.cases.at >= now - MEMORY)
        decided[rows] = False
        more = np.flatnonzero(decided)
        rows, bad = np.concatenate([rows, more]), np.concatenate([bad, (~ledger.granted[more]).astype(np.int64)])
    return Model.fit(ledger.sent[rows], bad, seed=seed)
