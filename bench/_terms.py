"""The version of the product's policy that the simulated lender has in force, and what the policy is told of cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from bench._lender import LGD, TERM_MONTHS, Cases
from cases.draws import draws
from routing import arms
from routing.arms import Exploration
from routing.capacity import Capacity
from routing.default_tables import SIGNATURES
from routing.facts import Facts
from routing.given_facts import ARMS, facts_from
from routing.promise_evidence import Evidence
from routing.promised_lines import NOBODY, draw
from routing.table.columns import Coded, Column
from routing.table.tables import Cell, Row, Table
from routing.terms import Promise, Terms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

Signed = Literal["none", "clear", "all"]
SECRET: Final = "a made-up lender"  # noqa: S105  draws of a simulation
CURRENCY: Final = "USD"
PROMISED_MISS_RATE: Final = 0.9


@dataclass(frozen=True)
class Dials:
    """What the lender chose once: the share of cases that people see, what a look costs, the shares of the random arms,
    up to how many times the usual cut-off a decline is marginal, and the accuracy that is believed of people before it
    is measured. `below` and `above` say how many times as many cases as there are places lie in the grey band on either
    side of the cut-off: people choose among them. Nobody must be seen for the amount alone, as with the rivals.
    `signed` says which declines against the advice a second person signs: none, those of cases that the machine would
    have approved alone ("clear"), or all."""

    capacity: float
    review_cost: float
    audit: float = 0.0025
    explore: float = 0.2
    marginal: float = 1.3
    promise: float | None = PROMISED_MISS_RATE
    below: float = 2.0
    above: float = 0.3
    believed_accuracy: float = 0.6
    signed: Signed = "clear"


def evidence_of(pd: FloatArray, bad: BoolArray, weight: FloatArray, exposure: FloatArray) -> Evidence:
    """n loans with the PDs of a model that had not seen them, as a promise reads them."""
    live = np.ones(len(pd), dtype=np.bool_)
    return Evidence(pd, bad, weight, exposure, weight > 1.5, live, {})


def terms_for(
    dials: Dials, pd: FloatArray, cut_off: FloatArray, exposure: FloatArray, evidence: Evidence, months: int
) -> Terms:
    """The version for a model that gave these PDs (n,) to recent cases with these own cut-offs and exposures (n,).

    The lines lie as far from the cut-off as the places reach, some times over. Where a miss rate is promised, the line
    drawn from the evidence bounds what the machine approves beyond the places (the fallback's appetite).
    """
    below, above = pd < cut_off, pd >= cut_off
    share = dials.capacity * len(pd)
    low = float(np.sort((pd / cut_off)[below])[::-1][: int(dials.below * share) + 1].min(initial=0.95))
    high = float(np.sort((pd / cut_off)[above])[: int(dials.above * share) + 1].max(initial=1.05))
    usual = float(np.median(cut_off))
    plain = Terms(
        approve_below=min(max(low * usual, NOBODY), 1.0),
        cut_off=None,
        decline_above=min(high * usual, 1.0),
        doubt_limit=1.0,
        amount_limit=float(exposure.max()) * 1_000,
        currency=CURRENCY,
        audit_share=dials.audit,
        sla_hours=24.0,
        review_cost=dials.review_cost,
        reviewer_accuracy=dials.believed_accuracy,
        exploration=_exploration(dials, usual, high, exposure, months),
        signatures=_signatures(dials.signed),
    )
    appetite = 0.999
    if dials.promise is not None:
        appetite = min(draw(plain, Promise(dials.promise), evidence).rest.cut_off or NOBODY, appetite)
    capacity = Capacity(1.0, 6.0, "approve", appetite=appetite)
    return Terms(**{**vars(plain), "capacity": capacity, "approve_below": min(plain.approve_below, appetite)})


def _signatures(signed: Signed) -> Table:
    """The usual table, and a row for declines against the advice."""
    if signed == "none":
        return SIGNATURES
    cells = {"outcome": Cell("=", ("decline",)), "override": Cell("=", ("to_decline",))}
    if signed == "clear":
        cells["band"] = Cell("=", ("approve",))
    row = Row("S3", cells, {"signatures": 1.0}, "Declines against the advice", "推翻建议拒绝")
    return replace(SIGNATURES, rows=(*SIGNATURES.rows, row))


def _exploration(dials: Dials, usual: float, high: float, exposure: FloatArray, months: int) -> Exploration | None:
    """Marginal declines of small loans, up to a hundredth of what is asked for in all."""
    if not dials.explore:
        return None
    most = float(np.quantile(exposure, 0.5))
    return Exploration(
        rate=dials.explore,
        highest_pd=min(usual * max(dials.marginal, 1.1 * high), 0.9),
        highest_exposure=most,
        budget=max(0.01 * float(exposure.mean()) * len(exposure) * months, most),
        most_bads=1_000,
        most_loss_share=0.5,
        tolerated_bad_rate=0.5,
    )


def facts_of(
    terms: Terms, cases: Cases, rows: IntArray, pd: FloatArray, week: IntArray, places: int, budget: float | None
) -> Facts:
    """What the policy knows of the cases `rows` (m,) with these PDs (m,), in the order in which it is told."""
    m = len(rows)
    keys = [f"case/{row}" for row in rows.tolist()]
    base = facts_from(terms, [{"currency": CURRENCY, "key_customer": False, "opted_out": False}])
    exposure = cases.exposure[rows]
    figures: dict[str, Column] = {"amount": exposure, "pd": pd, "doubt": np.zeros(m)}
    columns: dict[str, Column] = {
        name: Coded(np.repeat(column.codes, m), column.words) if isinstance(column, Coded) else np.repeat(column, m)
        for name, column in base.columns.items()
    } | figures
    return Facts(
        key=keys,
        columns=columns,
        pd=pd,
        doubt=np.zeros(m),
        cut_off=cases.cut_off[rows],
        exposure=exposure,
        lgd=np.full(m, LGD),
        rate=np.full(m, np.nan),
        term_months=np.full(m, float(TERM_MONTHS)),
        debts=np.full(m, np.nan),
        applicant=Coded(np.zeros(m, dtype=np.int32), ("somebody",)),
        in_currency=np.ones(m, dtype=np.bool_),
        monitoring=np.zeros(m, dtype=np.bool_),
        explained=np.ones(m, dtype=np.bool_),
        draws={arm: draws(SECRET, arm, keys) for arm in ARMS},
        places_left=places,
        budget_left=budget,
        day=week.astype(np.int32),
    )


def exploration_outcomes(bad: IntArray, loss: float) -> arms.Outcomes:
    """What came of the matured loans that were approved by lot (m,)."""
    return arms.Outcomes(len(bad), int(bad.sum()), loss)
