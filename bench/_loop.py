"""The product's loop as one more way to lend: its own policy, arms, assignment, weights and watch, month after month.

What decides here is imported: `intake/watching.py` stops sources, `routing/policy.py` routes, `cases/draws.py` draws,
`routing/assignment.py` hands out, `learning/reviewer_accuracy.py` counts who is right, `learning/weights.py` weighs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench._gate import Gate, Judgement, challenge
from bench._lender import DAYS, LGD, WEEKS
from bench._lessons import LEARNS_EVERY, Ledger, Model
from bench._reviewers import in_turn, positions
from bench._rivals import Ground
from bench._sources import PRODUCT, Watched, unwatched, watched
from bench._terms import SECRET, Dials, evidence_of, exploration_outcomes, facts_of, terms_for
from cases.draws import draw, draws
from learning.reviewer_accuracy import Judged, shrunk
from learning.weights import inverse_propensity
from routing.arms import should_stop
from routing.assignment import Person, WaitingCase, assign
from routing.opinion_first import DRAWN, OPINION, OpinionRules, opinion_causes
from routing.policy import APPROVE, REVIEW, TIER_BEYOND, TIER_UNCERTAIN, Routed, route
from routing.terms import Terms
from scoring.ml.calibration import sigmoid

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SECOND_LOOKS: Final = 0.05
RANDOM_SHARE: Final = 0.05
# As in learning/propensities.py.
BANDS: Final = (0.02, 0.05, 0.10, 0.20)
LEAST_LIKE: Final = 30
# How many looks a second look comes to, with the supervisor's where two people differ.
LOOKS_A_SECOND: Final = 1.4
OPINIONS: Final = OpinionRules(share=0.2, on_high_amounts=True, on_grey_band=True)


@dataclass(frozen=True)
class Parts:
    """Which parts of the loop are at work; each can be taken out to see what it is worth."""

    watches_sources: bool = True
    explores: bool = True
    weighs: bool = True
    gate: Gate = "no_worse"
    learns: bool = True
    opinion_first: bool = True
    assigns_by_accuracy: bool = True
    promises: bool = True


WITHOUT: Final = {
    "watch": replace(Parts(), watches_sources=False),
    "exploration": replace(Parts(), explores=False),
    "weights": replace(Parts(), weighs=False),
    "gate": replace(Parts(), gate="none"),
    "ease_of_gate": replace(Parts(), gate="strict"),
    "learning": replace(Parts(), learns=False),
    "opinion_first": replace(Parts(), opinion_first=False),
    "accuracy": replace(Parts(), assigns_by_accuracy=False),
    "promise": replace(Parts(), promises=False),
}


@dataclass
class Loop:
    """The product's lender so far."""

    ground: Ground
    parts: Parts
    ledger: Ledger
    watch: Watched
    model: Model
    terms: Terms
    pd: FloatArray
    spent: float = 0.0
    stopped: bool = False
    walked: int = 0
    waited: int = 0
    judged: Counter[tuple[int, bool]] = field(default_factory=Counter)
    judgements: list[Judgement] = field(default_factory=list)
    promoted: int = 0

    @property
    def dials(self) -> Dials:
        return _dials(self.ground, self.parts)


def lend(parts: Parts, ground: Ground) -> Loop:
    """All months as the product's loop decides them."""
    cases = ground.cases
    watch = (watched if parts.watches_sources else unwatched)(cases, ground.calendar, fails=ground.fails)
    ledger = Ledger(cases)
    ledger.sent[watch.zeroed], ledger.clean[watch.zeroed] = cases.zeroed[watch.zeroed], False
    loop = Loop(
        ground, parts, ledger, watch, ground.first, _first_terms(ground, parts, ledger), np.full(len(cases), np.nan)
    )
    for month in range(ground.calendar.months):
        if month and month % LEARNS_EVERY == 0 and parts.learns:
            _learn(loop, float(month))
        _decide_month(loop, month)
    return loop


def _dials(ground: Ground, parts: Parts) -> Dials:
    dials = Dials(ground.capacity, ground.review_cost)
    dials = dials if parts.explores else replace(dials, explore=0.0)
    return dials if parts.promises else replace(dials, promise=None)


def _first_terms(ground: Ground, parts: Parts, ledger: Ledger) -> Terms:
    rows = ledger.matured(0.0)
    return _terms(ground, parts, ledger, ground.first, challenge(ledger, ground.first, None, 0.0, rows, ground.seed))


def _terms(ground: Ground, parts: Parts, ledger: Ledger, model: Model, judgement: Judgement) -> Terms:
    """The version for a model: lines by the newest month of applications, a promise by loans it had not seen."""
    cases, now = ground.cases, judgement.at
    recent = np.flatnonzero((cases.at < now) & (cases.at >= now - 1))
    rows = judgement.rows
    evidence = evidence_of(
        judgement.pd, ledger.outcomes(rows, now) == 1, 1.0 / ledger.propensity[rows], cases.exposure[rows]
    )
    pd = sigmoid(model.log_odds(ledger.sent[recent]))
    left = ground.calendar.months
    return terms_for(_dials(ground, parts), pd, cases.cut_off[recent], cases.exposure[recent], evidence, left)


def _learn(loop: Loop, now: float) -> None:
    """Look at the exploration's stop rule, train a challenger on matured outcomes, and promote it if the gate opens."""
    ledger, parts = loop.ledger, loop.parts
    _watch_exploration(loop, now)
    rows = ledger.matured(now)
    rows = rows[ledger.clean[rows]] if parts.watches_sources else rows
    _count_like(loop)
    weights = inverse_propensity(ledger.propensity[rows]) if parts.weighs else None
    challenger = Model.fit(ledger.sent[rows], ledger.outcomes(rows, now), seed=loop.ground.seed, weights=weights)
    judgement = challenge(ledger, loop.model, weights, now, rows, loop.ground.seed)
    loop.judgements.append(replace(judgement, effective=challenger.effective))
    if judgement.opens(parts.gate):
        loop.model = challenger
        loop.promoted += 1
    loop.terms = _terms(loop.ground, parts, ledger, loop.model, judgement)


def _count_like(loop: Loop) -> None:
    """The chance of a case that people decided to be granted: the share they granted among like cases so far, by the
    advice and the band of the PD. What they saw beyond these is not in it."""
    ledger = loop.ledger
    seen = np.flatnonzero(ledger.seen)
    advised = loop.pd[seen] < ledger.cases.cut_off[seen]
    group = np.searchsorted(BANDS, loop.pd[seen], side="right") * 2 + advised
    decided, granted = np.bincount(group), np.bincount(group, ledger.granted[seen])
    enough = decided[group] >= LEAST_LIKE
    ledger.propensity[seen] = np.where(enough, (granted[group] + 1) / (decided[group] + 2), 1.0)


def _watch_exploration(loop: Loop, now: float) -> None:
    ledger, terms = loop.ledger, loop.terms
    if terms.exploration is None:
        return
    rows = ledger.matured(now, memory=np.inf)
    rows = rows[ledger.explored[rows]]
    bad = ledger.outcomes(rows, now)
    loss = float((bad * LGD * ledger.cases.exposure[rows]).sum())
    loop.stopped = loop.stopped or should_stop(exploration_outcomes(bad, loss), terms.exploration) is not None


def _decide_month(loop: Loop, month: int) -> None:
    cases, ledger, watch = loop.ground.cases, loop.ledger, loop.watch
    rows = np.flatnonzero(cases.live & (np.floor(watch.ready + 1e-9) == month))
    waited_days = (watch.ready[rows] - cases.at[rows]) * DAYS
    gone = waited_days > cases.patience[rows]
    ledger.decided_at[rows] = watch.ready[rows]
    loop.walked += int(gone.sum())
    rows = rows[~gone]
    week = np.minimum(((watch.ready[rows] - month) * WEEKS).astype(np.int64), WEEKS - 1)
    order = np.lexsort((cases.at[rows], week))
    rows, week = rows[order], week[order]
    log_odds = loop.model.log_odds(ledger.sent[rows])
    budget = None if loop.terms.exploration is None else loop.terms.exploration.budget - loop.spent
    budget = 0.0 if loop.stopped and budget is not None else budget
    facts = facts_of(loop.terms, cases, rows, sigmoid(log_odds), week, _places(loop), budget)
    routed = route(loop.terms, facts)
    _record_machine(loop, rows, routed, facts.pd)
    looked = (routed.way == REVIEW) & (routed.tier != TIER_BEYOND)
    for each in range(WEEKS):
        _review(loop, rows, log_odds, routed, np.flatnonzero(looked & (week == each)))


def _places(loop: Loop) -> int:
    """Looks a week that the policy may give away, so that audits and second looks do not come on top."""
    dials, weekly = loop.dials, loop.ground.calendar.cases_a_month / WEEKS
    audits = dials.audit * weekly * (1.0 - dials.capacity)
    return max(int(dials.capacity * weekly / (1.0 + SECOND_LOOKS * LOOKS_A_SECOND) - audits), 0)


def _record_machine(loop: Loop, rows: IntArray, routed: Routed, pd: FloatArray) -> None:
    """What the machine decided; whoever waits beyond the places until it is too late goes without a loan."""
    ledger = loop.ledger
    waits = (routed.way == REVIEW) & (routed.tier == TIER_BEYOND)
    loop.waited += int(waits.sum())
    ledger.granted[rows] = routed.way == APPROVE
    ledger.by_machine[rows] = (routed.way != REVIEW) | waits
    ledger.explored[rows] = routed.explored
    loop.spent += float(ledger.cases.exposure[rows[routed.explored]].sum())
    chance = np.where(routed.explored, routed.exploration_probability, 1.0 - routed.audit_probability)
    ledger.propensity[rows] = np.where(routed.way == APPROVE, chance, 1.0)
    loop.pd[rows] = pd


def _review(loop: Loop, rows: IntArray, log_odds: FloatArray, routed: Routed, looked: IntArray) -> None:
    """One week's looks (m,), places in `rows`: handed out, decided, and some of them looked at again."""
    if not len(looked):
        return
    who = _handed_out(loop, rows, routed, looked)
    cases, ledger, team = loop.ground.cases, loop.ledger, loop.ground.team
    chosen = rows[looked]
    opinion = np.array([_opinion_first(loop, key, tier) for key, tier in zip(chosen, routed.tier[looked], strict=True)])
    said = team.approves(cases, chosen, who, log_odds[looked], positions(who), opinion)
    ledger.granted[chosen], ledger.seen[chosen] = said, True
    ledger.by_machine[chosen], ledger.looks[chosen] = False, 1
    for place in np.flatnonzero(draws(SECRET, "second_look", _keys(chosen)) < SECOND_LOOKS):
        _look_again(loop, int(chosen[place]), int(who[place]), bool(said[place]), float(log_odds[looked[place]]))


def _opinion_first(loop: Loop, row: int, tier: int) -> bool:
    if not loop.parts.opinion_first:
        return False
    reasons = ["grey_band"] if tier == TIER_UNCERTAIN else []
    drawn = draw(SECRET, OPINION, f"case/{row}")
    causes = opinion_causes(OPINIONS, is_scored=True, is_application=True, reasons=reasons, drawn=drawn)
    return bool(causes) or DRAWN in causes


def _handed_out(loop: Loop, rows: IntArray, routed: Routed, looked: IntArray) -> IntArray:
    """The person (m,) of each look: by measured accuracy and the lot, or in turn."""
    people = len(loop.ground.team)
    if not loop.parts.assigns_by_accuracy:
        return in_turn(len(looked), people)
    measured = shrunk(
        Judged(one, PRODUCT, loop.judged[one, True] + loop.judged[one, False], loop.judged[one, True])
        for one in range(people)
    )
    staff = [Person(str(one), -(-len(looked) // people), accuracy=measured.get(one, {})) for one in range(people)]
    keys = _keys(rows[looked])
    waiting = [
        WaitingCase(key, int(tier), float(value), PRODUCT)
        for key, tier, value in zip(keys, routed.tier[looked], routed.saving[looked], strict=True)
    ]
    given = {one.case: int(one.person or 0) for one in assign(waiting, staff, SECRET, RANDOM_SHARE)}
    return np.array([given[key] for key in keys], dtype=np.int64)


def _look_again(loop: Loop, row: int, first: int, said: bool, shown: float) -> None:
    """A blind second look by somebody else, and a third person's where they differ: it tells who was right."""
    people = len(loop.ground.team)
    if people < 3:
        return
    turn = int(draw(SECRET, "second_looker", f"case/{row}") * (people - 1))
    others = [one for one in range(people) if one != first]
    second, third = others[turn], others[(turn + 1) % len(others)]
    view = _view(loop, row, second, shown)
    upheld = view if view == said else _view(loop, row, third, shown)
    loop.ledger.looks[row] += 1 + (view != said)
    for person, opinion in ((first, said), (second, view)):
        loop.judged[person, opinion == upheld] += 1


def _view(loop: Loop, row: int, person: int, shown: float) -> bool:
    one = np.array([0])
    found = loop.ground.team.approves(
        loop.ground.cases, np.array([row]), np.array([person]), np.array([shown]), one, np.array([True])
    )
    return bool(found[0])


def _keys(rows: IntArray) -> list[str]:
    return [f"case/{row}" for row in rows.tolist()]
