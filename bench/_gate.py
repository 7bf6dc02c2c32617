"""Whether a challenger takes the champion's place: judged on newest outcomes that neither of them has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from bench._lender import SEGMENT
from bench._lessons import LEARNS_EVERY, WINDOW, Ledger, Model
from learning.compare import Sample, compare
from learning.compare_cost import Desk
from learning.comparing import WANTED_DIFFERENCE as WANTED
from scoring.ml.calibration import sigmoid

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Gate = Literal["all", "no_harm", "none"]
# With fewer bads among the newest outcomes nothing is compared.
LEAST_BADS: Final = 20
LEAST_LOANS: Final = 200


@dataclass(frozen=True)
class Judgement:
    """What the gate saw at `at`: the loans `rows` (m,) that the challenger's rehearsal was not trained on, its PDs for
    them (m,), and the product's `comparison` with the champion. `effective` is how many loans the weighted set counts
    for."""

    at: float
    rows: IntArray
    pd: FloatArray
    comparison: Mapping[str, Any]
    effective: float = 0.0

    def opens(self, gate: Gate) -> bool:
        """Whether two people promote the challenger. In the product they may with every gate shut, and tick each that
        is: here they tick what nobody could know yet ("no_harm": it ranks, is calibrated and costs not surely worse),
        or nothing but the reasons, which the bench has none of ("all")."""
        outcomes = self.comparison["outcomes"]
        if gate == "none" or outcomes is None:
            return gate != "all"
        passed = {each["code"]: each["passed"] for each in self.comparison["gates"]}
        if gate == "all":
            return all(held for code, held in passed.items() if code != "reasons")
        no_worse = outcomes["auc"]["difference"]["high"] >= 0.0 and outcomes["cost"]["saved"]["high"] >= 0.0
        return bool(no_worse and passed["brier"] and passed["calibration"])


def challenge(
    ledger: Ledger, champion: Model, weights: FloatArray | None, now: float, rows: IntArray, seed: int, desk: Desk
) -> Judgement:
    """Rehearse: train on the older of these loans (n,), and compare on those matured since the last time to learn, by
    `learning/compare.py` as the page of a challenger does."""
    newest = ledger.decided_at[rows] + WINDOW > now - LEARNS_EVERY
    bad = ledger.outcomes(rows, now)
    if bad[newest].sum() < LEAST_BADS or (~newest).sum() < LEAST_LOANS or bad[~newest].sum() < LEAST_BADS:
        newest = np.zeros(len(rows), dtype=np.bool_)
        newest[-len(rows) // 3 :] = True
    older = ~newest
    given = None if weights is None else weights[older]
    rehearsal = Model.fit(ledger.sent[rows[older]], bad[older], seed=seed, weights=given)
    judged = rows[newest]
    said, before = (one.log_odds(ledger.sent[judged]) for one in (rehearsal, champion))
    cases = ledger.cases
    sample = Sample(
        refs=[str(row) for row in judged.tolist()],
        champion=before,
        challenger=said,
        bad=bad[newest],
        amount=cases.exposure[judged],
        days=[f"{month:02d}" for month in (cases.month[judged] - cases.month.min()).tolist()],
        segments={"segment": [f"{one:.0f}" for one in cases.values[judged, SEGMENT].tolist()]},
    )
    return Judgement(now, judged, sigmoid(said), compare(sample, desk, difference=WANTED, other_reasons=None))
