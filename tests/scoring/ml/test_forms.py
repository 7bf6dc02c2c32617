"""Stored models: additive and blended forms explain exactly, are stored exactly, and know their cohort."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.curves import Curve
from scoring.ml.form import Form
from scoring.ml.forms import AdditiveForm, BlendForm, Member, form_from_dict

VALUES = np.array([[1.0, 0.0], [3.0, 1.0], [np.nan, 1.0], [2.0, np.nan]])


@pytest.fixture
def additive() -> AdditiveForm:
    curves = (Curve.line([1.0, 3.0], [0.0, 2.0], missing=-1.0), Curve.codes([0.5, -0.5], unseen=0.0, missing=0.25))
    return AdditiveForm.fit(-2.0, curves, VALUES)


@pytest.fixture
def blend(additive: AdditiveForm) -> BlendForm:
    step = AdditiveForm.fit(1.0, (Curve.steps([2.0], [0.0, 3.0], 1.0), Curve.steps([], [0.0], 0.0)), VALUES)
    return BlendForm(0.5, (Member("line", 0.75, additive), Member("step", 0.5, step)))


def test_an_additive_form_sums_its_curves(additive: AdditiveForm) -> None:
    assert additive.log_odds(VALUES).tolist() == [-1.5, -0.5, -3.5, -0.75]


def test_the_population_is_the_mean_of_each_curve_over_the_training_rows(additive: AdditiveForm) -> None:
    assert additive.means == (0.5, -0.0625)
    assert additive.base_value() == -2.0 + 0.5 - 0.0625
    assert additive.explain(VALUES)[1].tolist() == [1.5, -0.4375]


def test_the_cohort_is_the_mean_over_its_own_rows(additive: AdditiveForm) -> None:
    compared = additive.with_cohort(VALUES[1:2])
    assert compared.base_value("cohort") == -0.5
    assert compared.explain(VALUES[1:2], "cohort").tolist() == [[0.0, 0.0]]
    assert compared.explain(VALUES[:1], "cohort").tolist() == [[-2.0, 1.0]]
    assert compared.base_value() == additive.base_value()


def test_a_cohort_that_was_not_measured_is_refused(additive: AdditiveForm) -> None:
    with pytest.raises(ValueError, match="no cohort was measured"):
        additive.base_value("cohort")


def test_a_blend_weighs_log_odds_and_contributions_alike(blend: BlendForm, additive: AdditiveForm) -> None:
    step = blend.members[1].form
    expected = 0.5 + 0.75 * additive.log_odds(VALUES) + 0.5 * step.log_odds(VALUES)
    assert blend.log_odds(VALUES).tolist() == expected.tolist()
    assert blend.columns == 2
    for form in (blend, blend.with_cohort(VALUES[1:])):
        told = form.base_value() + form.explain(VALUES).sum(axis=1)
        assert np.abs(told - form.log_odds(VALUES)).max() < 1e-12
    compared = blend.with_cohort(VALUES[1:])
    assert compared.base_value("cohort") == pytest.approx(blend.log_odds(VALUES[1:]).mean(), abs=1e-12)


def test_a_stored_form_comes_back_bit_by_bit_through_json(blend: BlendForm, additive: AdditiveForm) -> None:
    forms: list[Form] = [additive, additive.with_cohort(VALUES[:2]), blend, blend.with_cohort(VALUES)]
    for form in forms:
        assert form_from_dict(json.loads(json.dumps(form.to_dict()))) == form


def test_no_row_is_no_log_odds(blend: BlendForm) -> None:
    nothing: NDArray[np.float64] = np.empty((0, 2))
    assert blend.log_odds(nothing).shape == (0,)
    assert blend.explain(nothing).shape == (0, 2)
