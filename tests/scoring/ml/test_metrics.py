"""Measures against scikit-learn and scipy, ties included."""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as judge_log_loss

from scoring.ml import metrics
from scoring.ml.calibration import sigmoid

RANDOM = np.random.default_rng(1)
SCORE = RANDOM.normal(-2, 1, 3000).round(1)
Y = (RANDOM.random(3000) < sigmoid(SCORE)).astype(np.int64)


def test_auc_counts_ties_half() -> None:
    assert metrics.auc(Y, SCORE) == pytest.approx(roc_auc_score(Y, SCORE), abs=1e-12)


def test_gini_is_twice_the_auc_less_one() -> None:
    assert metrics.gini(Y, SCORE) == pytest.approx(2 * roc_auc_score(Y, SCORE) - 1, abs=1e-12)


def test_ks_is_the_widest_gap_between_the_distributions() -> None:
    assert metrics.ks(Y, SCORE) == pytest.approx(ks_2samp(SCORE[Y == 1], SCORE[Y == 0]).statistic, abs=1e-12)


def test_brier_and_log_loss_agree_with_scikit_learn() -> None:
    assert metrics.brier(Y, sigmoid(SCORE)) == pytest.approx(brier_score_loss(Y, sigmoid(SCORE)), abs=1e-12)
    assert metrics.log_loss(Y, SCORE) == pytest.approx(judge_log_loss(Y, sigmoid(SCORE)), abs=1e-12)


def test_ece_is_the_mean_gap_of_ten_equal_bins() -> None:
    pd = np.repeat([0.1, 0.3], 500)
    y = np.concatenate([np.tile([1, 0, 0, 0, 0], 100), np.tile([1, 0, 0, 0, 0], 100)]).astype(np.int64)
    assert metrics.ece(y, pd) == pytest.approx(0.1, abs=1e-12)


def test_ece_of_fewer_loans_than_bins() -> None:
    assert metrics.ece(np.array([1, 0]), np.array([0.75, 0.25])) == 0.25


@pytest.mark.parametrize("measure", [metrics.auc, metrics.gini, metrics.ks])
def test_ranking_measures_need_both_outcomes(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(ValueError, match="both outcomes"):
        measure(np.ones(3, dtype=np.int64), np.zeros(3))
