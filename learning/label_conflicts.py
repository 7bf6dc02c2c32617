"""Labels that a model which never saw them finds hard to believe: confident learning, for a person to look at.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels" (J. Artif. Intell.
Res. 70): the threshold of a class is the mean probability that loans labelled so have of it; a loan is in conflict
where its probability of the other class reaches that class's threshold and the probability of its own does not. In
credit that is no proof of a wrong label: good risks go bad. So nothing is removed; the hardest to believe come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.ml.calibration import LogOddsCalibration, sigmoid
from scoring.ml.columns import Columns
from scoring.ml.folds import stratified_folds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
# Told the folds done, after each.
Tell = Callable[[int], None]

FOLDS: Final = 5
TREES: Final = 100
PLAIN: Final[dict[str, Any]] = {
    "objective": "binary", "seed": 0, "num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Conflicts:
    """`rows` (m,) are the loans in conflict, the hardest to believe first; the thresholds of good and bad. `expected`
    are so many as chance alone brings where every label is right and every PD true."""

    rows: IntArray
    expected: float
    good_threshold: float
    bad_threshold: float


def find_conflicts(pd: FloatArray, bad: IntArray) -> Conflicts:
    """Conflicts between out-of-fold PDs (n,) and outcomes (n,), 1 = bad. ValueError when a class is absent."""
    if not 0 < bad.sum() < len(bad):
        raise ValueError("both outcomes are needed")
    probability = np.column_stack([1.0 - pd, pd])
    thresholds = np.array([probability[bad == kind, kind].mean() for kind in (0, 1)])
    own = probability[np.arange(len(bad)), bad]
    other = 1.0 - own
    found = np.flatnonzero((other >= thresholds[1 - bad]) & (own < thresholds[bad]))
    order = np.argsort(own[found], kind="stable")
    # A loan whose good outcome would be in conflict is good with 1 - PD all the same, and the other way round.
    reaches = probability >= thresholds
    doubts_good, doubts_bad = reaches[:, 1] & ~reaches[:, 0], reaches[:, 0] & ~reaches[:, 1]
    expected = float((1.0 - pd)[doubts_good].sum() + pd[doubts_bad].sum())
    return Conflicts(found[order], expected, float(thresholds[0]), float(thresholds[1]))


def out_of_fold(values: FloatArray, bad: IntArray, columns: Columns, tell: Tell | None = None) -> FloatArray:
    """PDs (n,) of values (n, k) with outcomes (n,) by LightGBM as it comes, each loan by trees that never saw it;
    nothing here decides about anybody. TrainingError on one class."""
    # Loaded where it is used: whoever only reads sets does without the model libraries.
    import lightgbm as lgb

    categorical = [place for place, is_category in enumerate(columns.categorical) if is_category]
    fold_of, said = stratified_folds(bad, FOLDS, seed=0), np.zeros(len(bad))
    for fold in range(FOLDS):
        here = fold_of == fold
        known = lgb.Dataset(values[~here], bad[~here].astype(np.float64), categorical_feature=categorical)
        said[here] = lgb.train(PLAIN, known, TREES).predict(values[here], raw_score=True)
        if tell:
            tell(fold + 1)
    # Two parameters for all: what the model is too sure of would count as a conflict.
    return sigmoid(LogOddsCalibration.fit(said, bad).apply(said))
