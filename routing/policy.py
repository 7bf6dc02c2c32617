"""The policy as a pure function of arrays: which cases the machine may decide, which people must see, in what order.

A case meets, in this order: the rules table, in which a missing value never approves; what no table can allow the
machine (a warning about a booked loan, a score that is not there or not explained, an amount in another currency, and
what `routing/authority.py` keeps for people); the places that people have left today, and the stated fallback beyond
them; the exploration of marginal declines; and the blind audit of what the machine would have decided. Reasons are
worded in `routing/route_reasons.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing import arms, capacity
from routing.authority import FLOOR, UNKNOWN, Authority, authority_of
from routing.facts import Derived, Facts, comparable, derive, risk_band
from routing.fields import INCOME, asks_the_model
from routing.limits import Granted, Loans, grant
from routing.look_value import Costs, expected_costs, expected_saving
from routing.marginal import explored_declines
from routing.ranks import blind_ranks, ranks
from routing.table.columns import BoolArray, Coded, Column, FloatArray
from routing.table.evaluate import Hits, Ways, evaluate, joined, known, ways
from routing.table.tables import WAY, Table
from routing.terms import Terms

IntArray = NDArray[np.int8]

# Ways, and the advice; the names are those of a route.
APPROVE, DECLINE, REVIEW = 0, 1, 2
WAY_NAMES: Final = ("approve", "decline", "review")
NO_ADVICE: Final = -1
# Where a waiting case stands: the lower the tier, the earlier it is handed out. Tier 0 is kept for returned cases.
TIER_MANDATORY: Final = 1
TIER_NOT_SCORED: Final = 2
TIER_UNCERTAIN: Final = 3
TIER_AUDIT: Final = 4
TIER_BEYOND: Final = 5
# What no table can allow the machine, in the order in which it is told.
BLOCKS: Final = ("monitoring", "explanation_unreliable", "other_currency", *FLOOR, "not_scored")
# What is merely not known, among them: such a case is not judged, rather than kept for people.
NOT_JUDGED: Final = frozenset({UNKNOWN, "not_scored"})


@dataclass(frozen=True)
class Looked:
    """How n cases came past people: who is merely uncertain, and what became of those beyond the places (n,)."""

    discretionary: BoolArray
    beyond: BoolArray


@dataclass(frozen=True)
class Routed:
    """The routes of n cases, as arrays (n,), with all that led to them. `unaudited` is the way before the blind audit
    drew: what the machine decides, also where people then look. `ways.row` is the place of the deciding row of
    the rules table (behind the last: the default); `signatures` are how many must sign an approval, and a decline.
    `margin` is the share of the exposure that a loan earns, `saving` what a look is expected to save, `blind_rank` and
    `blind_hours` rank and hours by what a reader knows who has not seen the score."""

    way: IntArray
    unaudited: IntArray
    advice: IntArray
    tier: IntArray
    rank: FloatArray
    blind_rank: FloatArray
    sla_hours: FloatArray
    blind_hours: FloatArray
    blocked: dict[str, BoolArray]
    authority: Authority
    hits: Hits
    ways: Ways
    derived: Derived
    columns: dict[str, Column]
    granted: Granted | None
    margin: FloatArray
    costs: Costs
    saving: FloatArray
    looked: Looked
    audit: BoolArray
    audit_probability: FloatArray
    explored: BoolArray
    exploration_probability: FloatArray
    signatures: tuple[FloatArray, FloatArray]
    signature_hits: tuple[Hits, Hits]

    def __len__(self) -> int:
        return len(self.way)


def route(terms: Terms, facts: Facts) -> Routed:
    """Route n cases; a case's route depends on the others only through the places and the budget that are left."""
    n = len(facts)
    columns, granted = _with_limit(terms, facts)
    over = np.zeros(n) if granted is None else granted.over
    derived = derive(terms, facts, over)
    columns |= derived.columns
    hits = evaluate(terms.rules, terms.kinds.rules, columns, n)
    by_table = ways(terms.rules, terms.kinds.rules, hits)
    authority = authority_of(columns, n)
    blocked = _blocked(facts, authority, by_table.way)
    stopped = np.logical_or.reduce(list(blocked.values()))
    way = np.where(stopped, REVIEW, by_table.way).astype(np.int8)
    hard = _certain(terms.rules, hits, "decline", without="band")
    tier = _tiers(terms, hits, by_table, blocked, hard)
    margin = _margin(facts)
    rank = ranks(terms, facts, derived.lines.cut_off, margin)
    whole = known(terms.rules, terms.kinds.rules, columns, n)
    way, tier, looked = _within_capacity(terms, facts, derived, way, tier, rank, whole, authority)
    advice = _advice(facts, derived, hard)
    # Nothing that people must see, that is not known, or that the lack of people declines is ever explored.
    open_ = (way == DECLINE) & whole & authority.may_approve & ~looked.beyond
    explored, explored_chance = explored_declines(terms, facts, derived, hits, open_)
    way = np.where(explored, APPROVE, way).astype(np.int8)
    audited = arms.audit(facts.draws[arms.AUDIT], (way != REVIEW) & ~explored, terms.audit_share)
    approves = facts.pd < derived.lines.cut_off
    signature_hits = tuple(_signed(terms, columns, advice, outcome) for outcome in (APPROVE, DECLINE))
    return Routed(
        way=np.where(audited.chosen, REVIEW, way).astype(np.int8),
        unaudited=way,
        advice=advice,
        tier=np.where(audited.chosen, TIER_AUDIT, tier).astype(np.int8),
        rank=rank,
        blind_rank=blind_ranks(terms, facts, derived.lines.cut_off, margin),
        sla_hours=_hours(terms, hits),
        blind_hours=_hours(terms, hits, blind=True),
        blocked=blocked,
        authority=authority,
        hits=hits,
        ways=by_table,
        derived=derived,
        columns=columns,
        granted=granted,
        margin=margin,
        costs=expected_costs(facts.pd, facts.exposure, facts.lgd, margin, approves),
        saving=expected_saving(
            facts.pd, approves, facts.exposure, facts.lgd, margin, terms.reviewer_accuracy, terms.review_cost
        ),
        looked=looked,
        audit=audited.chosen,
        audit_probability=audited.probability,
        explored=explored,
        exploration_probability=explored_chance,
        signatures=(
            joined(terms.signatures, terms.kinds.signatures, signature_hits[0], "signatures"),
            joined(terms.signatures, terms.kinds.signatures, signature_hits[1], "signatures"),
        ),
        signature_hits=(signature_hits[0], signature_hits[1]),
    )


def _with_limit(terms: Terms, facts: Facts) -> tuple[dict[str, Column], Granted | None]:
    """The fields of the case with the risk band, and what the limit matrix grants (None: there is no matrix)."""
    columns = comparable(facts)
    if terms.limits is None:
        return columns, None
    points = columns.get("points")
    if points is not None and not isinstance(points, Coded):
        columns["risk_band"] = risk_band(points)
    stated = columns.get(INCOME.key)
    income = stated if stated is not None and not isinstance(stated, Coded) else np.full(len(facts), np.nan)
    loans = Loans(
        asked=np.where(facts.in_currency, facts.exposure, np.nan),
        income=income,
        pd=facts.pd,
        lgd=facts.lgd,
        yearly_rate=facts.rate / 100.0,
        term_months=facts.term_months,
        # Debts that nobody told of count as none; what is shown says whether they were told.
        existing_service=np.nan_to_num(facts.debts, nan=0.0) * income,
    )
    granted = grant(terms.limits, terms.kinds.limits, columns, len(facts), loans)
    return columns, granted


def _blocked(facts: Facts, authority: Authority, way: IntArray) -> dict[str, BoolArray]:
    """By the names of BLOCKS where the machine may not do what the rules table says (n,)."""
    found = {"monitoring": facts.monitoring, "explanation_unreliable": ~facts.explained}
    found |= {"other_currency": ~facts.in_currency, "not_scored": np.isnan(facts.pd)}
    found |= authority.stops(way == APPROVE, way != REVIEW)
    return {name: found[name] for name in BLOCKS}


def _certain(table: Table, hits: Hits, way: str, *, without: str = "") -> BoolArray:
    """Where a row with this way holds for certain (n,), of rows that do not ask about the field `without`."""
    found = np.zeros(len(hits.certain), dtype=np.bool_)
    for place, row in enumerate(table.rows):
        if row.outputs[WAY] == way and without not in row.cells:
            found |= hits.certain[:, place]
    return found


def _tiers(terms: Terms, hits: Hits, by_table: Ways, blocked: dict[str, BoolArray], hard: BoolArray) -> IntArray:
    """The tier (n,) a case would have with people: the first tier of the review rows that hold."""
    tier = np.full(len(hard), float(terms.rules.default.get("tier", TIER_MANDATORY)))
    tier = np.where(by_table.row == len(terms.rules.rows), tier, np.inf)
    for place, row in enumerate(terms.rules.rows):
        if row.outputs[WAY] == WAY_NAMES[REVIEW]:
            own = float(row.outputs.get("tier", TIER_MANDATORY))
            tier = np.where(hits.certain[:, place], np.minimum(tier, own), tier)
    not_judged = np.logical_or.reduce([by_table.missing, *(blocked[name] for name in NOT_JUDGED)])
    tier[not_judged] = np.minimum(tier[not_judged], TIER_NOT_SCORED)
    tier[np.isinf(tier)] = TIER_UNCERTAIN
    # Whom a hard rule would decline is never merely uncertain: no lack of places may let the machine approve there.
    tier[hard] = TIER_MANDATORY
    for name in BLOCKS:
        if name not in NOT_JUDGED:
            tier[blocked[name]] = TIER_MANDATORY
    return tier.astype(np.int8)


def _within_capacity(
    terms: Terms,
    facts: Facts,
    derived: Derived,
    way: IntArray,
    tier: IntArray,
    rank: FloatArray,
    whole: BoolArray,
    authority: Authority,
) -> tuple[IntArray, IntArray, Looked]:
    """People see what must be seen, and of the merely uncertain the best while places are left; then the fallback."""
    people = way == REVIEW
    discretionary = people & (tier == TIER_UNCERTAIN)
    beyond = np.zeros(len(way), dtype=np.bool_)
    if terms.capacity is None or facts.places_left is None or not discretionary.any():
        return way, tier, Looked(discretionary, beyond)
    for asked in _days(facts, np.flatnonzero(people)):
        chosen = capacity.choose(-rank[asked], ~discretionary[asked], facts.draws[arms.AUDIT][asked], facts.places_left)
        beyond[asked[chosen.left_out]] = True
    # Its approvals are the machine's: where a miss rate is promised, they keep to the line that the promise drew.
    line = derived.lines.cut_off if terms.promise is None else derived.lines.approve_below
    fallen = capacity.fall_back(terms.capacity.fallback, facts.pd, line, terms.capacity.appetite)
    # What is missing is for people to find out, and what is kept for them stays so: such a case waits, however long.
    allowed = whole & np.where(fallen == capacity.APPROVE, authority.may_approve, authority.may_decide)
    fallen = np.where(allowed, fallen, capacity.WAIT)
    way, tier = way.copy(), tier.copy()
    for fate, name in ((capacity.APPROVE, APPROVE), (capacity.DECLINE, DECLINE)):
        way[beyond & (fallen == fate)] = name
    tier[beyond & (fallen == capacity.WAIT)] = TIER_BEYOND
    return way, tier, Looked(discretionary, beyond)


def _days(facts: Facts, asked: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The cases that people are asked to see, day by day: each day has its own places."""
    if facts.day is None:
        return [asked]
    day = facts.day[asked]
    order = asked[np.argsort(day, kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(np.sort(day))) + 1)


def _advice(facts: Facts, derived: Derived, hard: BoolArray) -> IntArray:
    """What a person is advised (n,): by the PD against the cut-off, decline under a hard rule, nothing without a PD."""
    advice = np.where(facts.pd < derived.lines.cut_off, APPROVE, DECLINE)
    advice[hard] = DECLINE
    unknown = np.isnan(facts.pd) | np.isnan(derived.lines.cut_off)
    advice[facts.monitoring | (unknown & ~hard)] = NO_ADVICE
    return advice.astype(np.int8)


def _margin(facts: Facts) -> FloatArray:
    """Share of the exposure (n,) that a loan earns: what makes t = margin / (margin + LGD) its own cut-off."""
    margin: FloatArray = facts.lgd * facts.cut_off / (1.0 - facts.cut_off)
    return margin


def _hours(terms: Terms, hits: Hits, *, blind: bool = False) -> FloatArray:
    """Hours (n,) until a case is due: the shortest that a row asks for, the policy's where none does. `blind`: of the
    rows that do not ask the model, for a due time tells which row has set it."""
    hours, registry = np.full(len(hits.certain), terms.sla_hours), terms.kinds.rules.registry
    for place, row in enumerate(terms.rules.rows):
        told = blind and asks_the_model((key for key, _cell in row.used), registry)
        if "sla_hours" in row.outputs and not told:
            asked = float(row.outputs["sla_hours"])
            hours = np.where(hits.certain[:, place], np.minimum(hours, asked), hours)
    return hours


def _signed(terms: Terms, columns: dict[str, Column], advice: IntArray, outcome: int) -> Hits:
    """Which rows of the signature table hold should a person decide so."""
    against = (advice != NO_ADVICE) & (advice != outcome)
    said = columns | {
        "outcome": Coded(np.full(len(advice), outcome, dtype=np.int32), WAY_NAMES[:2]),
        "override": Coded(np.where(against, outcome + 1, 0).astype(np.int32), ("none", "to_approve", "to_decline")),
    }
    kind = terms.kinds.signatures
    return evaluate(terms.signatures, kind, {key: said[key] for key in kind.registry if key in said}, len(advice))
