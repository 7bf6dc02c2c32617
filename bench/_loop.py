"""The product's loop as one more way to lend: its own policy, arms, assignment, weights and watch, month after month.

What decides here is imported: `intake/health/watch.py` and the breaker (`scoring/ml/chart.py`) stop sources,
`routing/policy.py` routes, `cases/draws.py` draws, `routing/assignment.py` hands out, `learning/reviewer_accuracy.py`
counts who is right, `learning/propensities.py` says how likely an outcome was, `learning/compare.py` what a challenger
is worth.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench import _desk
from bench._chances import Routes
from bench._gate import Gate, Judgement, challenge
from bench._lender import DAYS, LGD, WEEKS
from bench._lessons import LEARNS_EVERY, Ledger, Model
from bench._rivals import Ground
from bench._sources import Watched, unwatched, watched
from bench._terms import Dials, Signed, evidence_of, exploration_outcomes, facts_of, terms_for
from learning.compare_cost import Desk
from learning.early_caution import OWN_SHARE, early_caution
from learning.weights import inverse_propensity
from routing.arms import should_stop
from routing.facts import lowered
from routing.policy import APPROVE, REVIEW, TIER_BEYOND, Routed, route
from routing.terms import Terms
from scoring.ml.calibration import sigmoid

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Parts:
    """Which parts of the loop are at work; each can be taken out to see what it is worth. `weighs`: challengers learn
    by propensities, as the product trains them (docs/learning.md)."""

    watches_sources: bool = True
    breaks: bool = True
    explores: bool = True
    audits: bool = True
    weighs: bool = True
    signed: Signed = "none"
    gate: Gate = "no_harm"
    learns: bool = True
    opinion_first: bool = True
    assigns_by_accuracy: bool = True
    promises: bool = True
    heeds_opinions: bool = True


WITHOUT: Final = {
    "watch": replace(Parts(), watches_sources=False),
    "breaker": replace(Parts(), breaks=False),
    "ease_of_declines": replace(Parts(), signed="clear"),
    "audits": replace(Parts(), audits=False),
    "exploration": replace(Parts(), explores=False),
    "weights": replace(Parts(), weighs=False),
    "gate": replace(Parts(), gate="none"),
    "ease_of_gate": replace(Parts(), gate="all"),
    "learning": replace(Parts(), learns=False),
    "opinion_first": replace(Parts(), opinion_first=False),
    "accuracy": replace(Parts(), assigns_by_accuracy=False),
    "promise": replace(Parts(), promises=False),
    "early_caution": replace(Parts(), heeds_opinions=False),
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
    desk: _desk.Desk
    routes: Routes
    spent: float = 0.0
    places_over: float = 0.0
    stopped: bool = False
    walked: int = 0
    waited: int = 0
    judgements: list[Judgement] = field(default_factory=list)
    promoted: int = 0
    caution: float = 0.0
    own_share: float = 0.0
    most_caution: float = 0.0
    cautious_months: int = 0

    @property
    def dials(self) -> Dials:
        return _dials(self.ground, self.parts)


def lend(parts: Parts, ground: Ground) -> Loop:
    """All months as the product's loop decides them."""
    cases = ground.cases
    watch = (
        watched(cases, ground.calendar, fails=ground.fails, breaks=parts.breaks)
        if parts.watches_sources
        else unwatched(cases, ground.calendar, fails=ground.fails)
    )
    ledger = Ledger(cases)
    ledger.sent[watch.zeroed], ledger.clean[watch.zeroed] = cases.zeroed[watch.zeroed], False
    judgement = challenge(ledger, ground.first, None, 0.0, ledger.matured(0.0), ground.seed, _held_to(ground))
    terms = _terms(ground, parts, ledger, ground.first, judgement, caution=0.0)
    desk = _desk.Desk(cases, ground.team, parts.opinion_first, parts.assigns_by_accuracy)
    loop = Loop(
        ground, parts, ledger, watch, ground.first, terms, desk, Routes(len(cases)), judgements=[judgement]
    )  # fmt: skip
    for month in range(ground.calendar.months):
        if month and month % LEARNS_EVERY == 0 and parts.learns:
            _learn(loop, float(month))
        if month and parts.heeds_opinions:
            _heed_opinions(loop, float(month))
        _decide_month(loop, month)
    return loop


def _dials(ground: Ground, parts: Parts) -> Dials:
    dials = Dials(ground.capacity, ground.review_cost, signed=parts.signed)
    dials = dials if parts.audits else replace(dials, audit=0.0)
    dials = dials if parts.explores else replace(dials, explore=0.0)
    return dials if parts.promises else replace(dials, promise=None)


def _held_to(ground: Ground) -> Desk:
    """What both models of a comparison are held to, as `learning/comparing.py` reads it from policy and routes."""
    cases, dials = ground.cases, Dials(ground.capacity, ground.review_cost)
    cut_off = float(cases.cut_off.mean())
    return Desk(cut_off, dials.capacity, dials.believed_accuracy, dials.review_cost / float(cases.exposure.mean()))


def _terms(
    ground: Ground, parts: Parts, ledger: Ledger, model: Model, judgement: Judgement, *, caution: float
) -> Terms:
    """The version for a model: lines by the newest month of applications, a promise by loans it had not seen."""
    cases, now = ground.cases, judgement.at
    recent = np.flatnonzero((cases.at < now) & (cases.at >= now - 1))
    rows = judgement.rows
    evidence = evidence_of(
        judgement.pd, ledger.outcomes(rows, now) == 1, 1.0 / ledger.propensity[rows], cases.exposure[rows]
    )
    pd = sigmoid(model.log_odds(ledger.sent[recent]))
    left = ground.calendar.months
    # What caution makes of the lines is what is drawn: as many cases as there are places lie between them.
    cut_off = lowered(cases.cut_off[recent], caution)
    terms = terms_for(_dials(ground, parts), pd, cut_off, cases.exposure[recent], evidence, left)
    low, high = lowered(np.array([terms.approve_below, terms.decline_above]), -caution).tolist()
    return replace(terms, approve_below=low, decline_above=high, caution=caution)


def _learn(loop: Loop, now: float) -> None:
    """Look at the exploration's stop rule, train a challenger on matured outcomes, and promote it if the gate opens."""
    ledger, parts = loop.ledger, loop.parts
    _watch_exploration(loop, now)
    rows = ledger.matured(now)
    rows = rows[ledger.clean[rows]] if parts.watches_sources else rows
    chance = loop.routes.propensities(rows, ledger.seen, ledger.granted)
    # Whose chance nobody knows stands for itself alone.
    ledger.propensity[rows] = np.where(np.isnan(chance), 1.0, chance)
    weights = inverse_propensity(ledger.propensity[rows]) if parts.weighs else None
    challenger = Model.fit(ledger.sent[rows], ledger.outcomes(rows, now), seed=loop.ground.seed, weights=weights)
    judgement = challenge(ledger, loop.model, weights, now, rows, loop.ground.seed, _held_to(loop.ground))
    loop.judgements.append(replace(judgement, effective=challenger.effective))
    if judgement.opens(parts.gate):
        loop.model = challenger
        bad = rows[ledger.cases.bad[rows]]
        loop.own_share = float(ledger.cases.live[bad].mean())
        loop.promoted += 1
    _sign(loop)


def _sign(loop: Loop) -> None:
    """Put a version in force that is drawn for the model, its newest evidence and the caution of today."""
    loop.terms = _terms(
        loop.ground, loop.parts, loop.ledger, loop.model, loop.judgements[-1], caution=loop.caution
    )  # fmt: skip


def _heed_opinions(loop: Loop, now: float) -> None:
    """Sign the caution that people's blind opinions speak for, until the champion has learned from outcomes of the
    lender's own above all."""
    ledger, found = loop.ledger, None
    if loop.own_share < OWN_SHARE:
        found = early_caution(loop.desk.views(lambda rows: loop.model.log_odds(ledger.sent[rows])))
    caution = found.caution if found else 0.0
    loop.most_caution = max(loop.most_caution, caution)
    loop.cautious_months += caution > 0.0
    if caution != loop.caution:
        loop.caution = caution
        _sign(loop)


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
    """Cases a week that the policy may give away, so that audits, second looks and signatures come not on top. What is
    left of a place is added to the next month's."""
    dials, weekly = loop.dials, loop.ground.calendar.cases_a_month / WEEKS
    audits = dials.audit * weekly * (1.0 - dials.capacity)
    exact = dials.capacity * weekly / loop.desk.looks_a_case - audits + loop.places_over
    places = max(int(exact), 0)
    loop.places_over = max(exact, 0.0) - places
    return places


def _record_machine(loop: Loop, rows: IntArray, routed: Routed, pd: FloatArray) -> None:
    """What the machine decided; whoever waits beyond the places until it is too late goes without a loan."""
    ledger = loop.ledger
    waits = (routed.way == REVIEW) & (routed.tier == TIER_BEYOND)
    loop.waited += int(waits.sum())
    ledger.granted[rows] = routed.way == APPROVE
    ledger.by_machine[rows] = (routed.way != REVIEW) | waits
    ledger.explored[rows] = routed.explored
    loop.spent += float(ledger.cases.exposure[rows[routed.explored]].sum())
    loop.routes.record(rows, routed, pd)


def _review(loop: Loop, rows: IntArray, log_odds: FloatArray, routed: Routed, looked: IntArray) -> None:
    """One week's looks (m,), places in `rows`."""
    if not len(looked):
        return
    ledger, chosen = loop.ledger, rows[looked]
    decided = loop.desk.decide(rows, log_odds, routed, looked)
    ledger.granted[chosen], ledger.looks[chosen] = decided.granted, decided.looks
    ledger.seen[chosen], ledger.by_machine[chosen] = True, False
