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
from scoring.ml.calibration import FOLDS, sigmoid
from scoring.ml.folds import stratified_folds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

Gate = Literal["all", "no_harm", "none"]
# With fewer bads among the newest outcomes nothing is compared.
LEAST_BADS: Final = 20


@dataclass(frozen=True)
class Judgement:
    """What the gate saw at `at`: the loans `rows` (m,) that it was judged on, the PDs for them (m,) of challengers that
    had not seen them, and the product's `comparison` with the champion. `effective` is how many loans the weighted set
    counts for."""

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
    """Compare on those of these loans (n,) that matured since the last time to learn, by `learning/compare.py` as the
    page of a challenger does: each scored by a model that learned from all but its fold of them, as the product holds
    loans out of its training. The champion has seen none of them."""
    newest = ledger.decided_at[rows] + WINDOW > now - LEARNS_EVERY
    bad = ledger.outcomes(rows, now)
    if bad[newest].sum() < LEAST_BADS:
        newest = np.zeros(len(rows), dtype=np.bool_)
        newest[-len(rows) // 3 :] = True
    judged = rows[newest]
    said, before = _held_out(ledger, rows, bad, newest, weights, seed), champion.log_odds(ledger.sent[judged])
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


def _held_out(
    ledger: Ledger, rows: IntArray, bad: IntArray, newest: BoolArray, weights: FloatArray | None, seed: int
) -> FloatArray:
    """Log-odds of the newest of these loans, each by a model that learned from all but its own fold of them."""
    said, places = np.empty(int(newest.sum())), np.flatnonzero(newest)
    fold_of = stratified_folds(bad[newest], FOLDS, seed)
    for each in range(FOLDS):
        fold = fold_of == each
        known = np.ones(len(rows), dtype=np.bool_)
        known[places[fold]] = False
        given = None if weights is None else weights[known]
        model = Model.fit(ledger.sent[rows[known]], bad[known], seed=seed, weights=given)
        said[fold] = model.log_odds(ledger.sent[rows[places[fold]]])
    return said
