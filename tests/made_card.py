"""A model written down by hand, out of real parts, and its card: quick, and known to the last figure."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scoring.ml.calibration import LogOddsCalibration
from scoring.ml.card import build_card
from scoring.ml.card_parts import ModelCard
from scoring.ml.curves import Curve
from scoring.ml.features import FairnessGroup, FeatureTable, feature_table_for
from scoring.ml.forms import AdditiveForm, BlendForm, Member
from scoring.ml.training import Trained, View
from tests.scoring.ml.conftest import make_book

LOANS = 2000
FAIRNESS = (
    FairnessGroup("income_verified"),
    FairnessGroup("credit_utilisation", (60.0, 128.0)),
    FairnessGroup("region"),
)


@dataclass(frozen=True)
class Made:
    """Loans with their outcomes, a model of two that judged them, and the shares of its features."""

    table: FeatureTable
    rows: list[dict[str, object]]
    y: NDArray[np.int64]
    trained: Trained
    weights: NDArray[np.float64]

    def card(self) -> ModelCard:
        """The card of this model, a fresh copy each time."""
        return deepcopy(self._card)

    @cached_property
    def _card(self) -> ModelCard:
        return build_card(self.table, self.rows, self.y, self.trained, self.weights, seed=0)


def made() -> Made:
    """Loans of 2016 to 2018, a scorecard (30 %) and the rule by which they were made up (70 %)."""
    table, book = replace(feature_table_for("consumer"), fairness=FAIRNESS), make_book(LOANS, seed=7)
    rows = [
        {**row, "applied_at": f"{2016 + at % 3}-0{1 + at % 9}-03T00:00:00+00:00"} for at, row in enumerate(book.rows)
    ]
    values = table.read(rows).values
    truth = np.array([-4.5 + 0.12 * row["interest_rate"] + 0.012 * row["credit_utilisation"] for row in rows])  # type: ignore[operator]
    form = scorecard(table, values)
    blurred = truth + np.random.default_rng(0).normal(0, 0.5, LOANS)
    plain = LogOddsCalibration(1.0, 0.0)
    blend = BlendForm(0.1, (Member("scorecard", 0.3, form), Member("gradient_boosting", 0.7, form)))
    views = (View("scorecard", form, plain, blurred), View("gradient_boosting", form, plain, truth))
    shares = np.arange(len(table.names), 0, -1.0)
    trained = Trained("blend", blend, plain, truth, truth, np.arange(LOANS) % 5, views)
    return Made(table, rows, book.y, trained, shares / shares.sum())


def scorecard(table: FeatureTable, values: NDArray[np.float64]) -> AdditiveForm:
    """Steps at the quartiles, 0.1 of log-odds each, and 0.1 from one category to the next."""
    curves = []
    for feature, column in zip(table.features, values.T, strict=True):
        if feature.type == "category":
            curves.append(Curve.codes([0.1 * code for code in range(len(feature.categories))], 0.0, 0.05))
        else:
            edges = sorted(set(np.nanquantile(column, [0.25, 0.5, 0.75]).tolist()))
            curves.append(Curve.steps(edges, [0.1 * step for step in range(len(edges) + 1)], 0.0))
    return AdditiveForm.fit(-1.5, tuple(curves), values)
