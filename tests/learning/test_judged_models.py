"""What a model is measured by over folds, and the plain references that a champion is held against."""

from __future__ import annotations

import numpy as np
import pytest

from learning.judged_models import ModelFigures, fit_alone, without
from learning.references import REFERENCES
from scoring.ml.columns import Columns
from scoring.ml.metrics import auc


def test_ranking_is_averaged_over_folds_and_probabilities_are_pooled() -> None:
    # Scores of the second fold are all higher: pooled, its goods would stand above the bads of the first.
    first = (np.array([0, 1]), np.array([-2.0, -1.0]))
    second = (np.array([0, 1]), np.array([1.0, 2.0]))
    found = ModelFigures.over([first, second])
    assert found.auc == 1.0
    assert found.ks == 1.0
    pds = 1 / (1 + np.exp([2.0, 1.0, -1.0, -2.0]))
    assert found.brier == pytest.approx(np.mean((pds - [0, 1, 0, 1]) ** 2))
    assert found.log_loss == pytest.approx(-np.mean(np.log([1 - pds[0], pds[1], 1 - pds[2], pds[3]])))


def test_columns_are_taken_out_with_all_that_is_known_of_them() -> None:
    columns = Columns((False, True, False), (1, 0, -1), ((-999.0,), (), ()))
    kept, left = without(columns, [0])
    assert kept == [1, 2]
    assert left == Columns((True, False), (0, -1), ((), ()))


@pytest.mark.parametrize("name", [*REFERENCES, "gradient_boosting"])
def test_a_plain_model_reads_categories_gaps_and_columns_without_content(name: str) -> None:
    draw = np.random.default_rng(5)
    values = draw.normal(size=(600, 4))
    values[:, 1] = draw.integers(0, 4, 600)
    values[:, 2] = np.nan
    values[:, 3] = 7.0
    values[::9, :2] = np.nan
    log_odds = 2.0 * np.nan_to_num(values[:, 0]) + 2.0 * (values[:, 1] == 2)
    y = (draw.random(600) < 1 / (1 + np.exp(-log_odds))).astype(np.int64)
    columns = Columns((False, True, False, False), (0, 0, 0, 0), ((), (), (), ()))
    fit = REFERENCES[name] if name in REFERENCES else lambda *given: fit_alone(name, *given)
    model = fit(values[:400], y[:400], columns, 0)
    fresh = values[400:].copy()
    fresh[0, 1] = 9.0  # a category that nobody has seen
    found = model(fresh)
    assert found.shape == (200,)
    assert np.isfinite(found).all()
    assert auc(y[400:], found) > 0.75
    assert np.array_equal(found, fit(values[:400], y[:400], columns, 0)(fresh))
