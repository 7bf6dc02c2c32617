"""Whether a challenger takes the champion's place: judged on newest outcomes that neither of them has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from bench._lessons import LEARNS_EVERY, WINDOW, Ledger, Model, log_loss
from learning.weights import inverse_propensity, mean_one
from scoring.ml.calibration import sigmoid
from scoring.ml.sample_weights import effective_size

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Gate = Literal["strict", "no_worse", "none"]
# The normal quantile of 95 %.
STRICT: Final = 1.645
# With fewer bads among the newest outcomes nothing is compared.
LEAST_BADS: Final = 20
LEAST_LOANS: Final = 200


@dataclass(frozen=True)
class Judgement:
    """What the gate saw at `at`: the loans `rows` (m,) that the challenger's rehearsal was not trained on, its PDs for
    them (m,), how much lower its weighted log-loss is than the champion's a loan, with the standard error. A `gate`
    that is "strict" opens where it is surely lower (95 %, one-sided), one that wants "no_worse" unless it is higher by
    more than one standard error, "none" always."""

    at: float
    rows: IntArray
    pd: FloatArray
    gain: float
    error: float
    effective: float = 0.0

    def opens(self, gate: Gate) -> bool:
        """Whether the challenger is promoted."""
        surely = {"strict": self.gain > STRICT * self.error, "no_worse": self.gain > -self.error, "none": True}
        return bool(surely[gate])


def challenge(
    ledger: Ledger, champion: Model, weights: FloatArray | None, now: float, rows: IntArray, seed: int
) -> Judgement:
    """Rehearse: train on the older of these loans (n,), and compare on those matured since the last time to learn."""
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
    counts = mean_one(inverse_propensity(ledger.propensity[judged]))
    better = counts * (log_loss(before, bad[newest]) - log_loss(said, bad[newest]))
    error = float(better.std(ddof=1) / np.sqrt(len(better)))
    return Judgement(now, judged, sigmoid(said), float(better.mean()), error, effective_size(counts))
