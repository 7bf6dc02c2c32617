"""What the model says when a group of features is as usual."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.curves import Curve
from scoring.ml.estimators.encoding import TreeInputs
from scoring.ml.fidelity import Fidelity, least_fall
from scoring.ml.forms import AdditiveForm, BlendForm, Member, TreesForm
from scoring.ml.trees.flat_trees import FlatTrees

FloatArray = NDArray[np.float64]
# Columns: rate, income, years; the last has no norm.
NORMS = np.array([[10.0, 50.0, np.nan]])
VALUES = np.array([[20.0, 50.0, 3.0], [5.0, 10.0, np.nan]])
GROUPS = np.array([[0, -1], [1, -1], [2, -1], [1, 0]])


class Model:
    """Log-odds that rise with the rate and fall with the income; it remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[list[float]]] = []

    def log_odds(self, values: FloatArray) -> FloatArray:
        self.asked.append(np.nan_to_num(values, nan=-1.0).tolist())
        return np.asarray(0.1 * values[:, 0] - 0.01 * values[:, 1])


def about(model: Model, values: FloatArray = VALUES, least: FloatArray | None = None) -> Fidelity:
    asked = Fidelity(model.log_odds, model.log_odds(values), values, np.repeat(NORMS, len(values), axis=0), least)
    model.asked.clear()
    return asked


def test_a_group_is_borne_out_where_the_pd_falls_with_all_its_features_at_their_norms() -> None:
    model = Model()
    holds = about(model).holds(GROUPS, np.ones((2, 4), dtype=np.bool_))
    # The second row's rate is below its norm; a feature without a norm, and one at its norm, change nothing.
    assert holds.tolist() == [[True, False, False, True], [False, True, False, False]]
    assert model.asked == [
        [
            [10.0, 50.0, 3.0],
            [20.0, 50.0, 3.0],
            [20.0, 50.0, 3.0],
            [10.0, 50.0, 3.0],
            [10.0, 10.0, -1.0],
            [5.0, 50.0, -1.0],
            [5.0, 10.0, -1.0],
            [10.0, 50.0, -1.0],
        ]
    ]
    assert VALUES.tolist()[0] == [20.0, 50.0, 3.0]


def test_only_what_is_wanted_is_asked_in_one_call() -> None:
    model = Model()
    only_rate = np.array([[True, False, False, False], [True, False, False, False]])
    assert about(model).holds(GROUPS, only_rate).tolist() == [[True, False, False, False], [False] * 4]
    assert model.asked == [[[10.0, 50.0, 3.0], [10.0, 10.0, -1.0]]]
    model.asked.clear()
    assert about(model).holds(GROUPS, np.zeros((2, 4), dtype=np.bool_)).tolist() == [[False] * 4] * 2
    assert model.asked == []


def test_what_surely_falls_is_not_asked_and_falls_of_a_group_add_up() -> None:
    model = Model()
    # The rate of the first row surely falls by 1, its income is at the norm; of the second row nothing is known.
    least = np.array([[1.0, 0.0, 0.0], [-np.inf, -np.inf, 0.0]])
    asked = about(model, least=least)
    assert asked.holds(GROUPS, np.ones((2, 4), dtype=np.bool_)).tolist() == [
        [True, False, False, True],
        [False, True, False, False],
    ]
    # Nought is no fall: whether it is one is asked, as is all of the second row.
    assert [row[:2] for row in model.asked[0]] == [
        [20.0, 50.0],
        [20.0, 50.0],
        [10.0, 10.0],
        [5.0, 50.0],
        [5.0, 10.0],
        [10.0, 50.0],
    ]


def test_a_fall_in_the_last_bits_is_none() -> None:
    values = np.array([[10.0 + 1e-10, 50.0, 1.0], [10.0 + 1e-6, 50.0, 1.0]])
    asked = about(Model(), values)
    assert asked.holds(GROUPS[:1], np.ones((2, 1), dtype=np.bool_)).tolist() == [[False], [True]]


def test_no_rows_and_no_groups_are_no_question() -> None:
    model = Model()
    assert about(model, VALUES[:0]).holds(GROUPS, np.zeros((0, 4), dtype=np.bool_)).shape == (0, 4)
    none = np.empty((0, 2), dtype=np.int64)
    assert about(model).holds(none, np.zeros((2, 0), dtype=np.bool_)).shape == (2, 0)
    assert model.asked == []


LOANS = np.array([[1.0, 0.0], [3.0, 1.0], [np.nan, 1.0], [2.0, np.nan]])
LINE = AdditiveForm.fit(
    -2.0, (Curve.line([1.0, 3.0], [0.0, 2.0], missing=-1.0), Curve.codes([0.5, -0.5], unseen=0.0, missing=0.25)), LOANS
)


def test_the_least_fall_of_additive_members_is_their_fall() -> None:
    step = AdditiveForm.fit(1.0, (Curve.steps([2.0], [0.0, 3.0], 1.0), Curve.steps([], [0.0], 0.0)), LOANS)
    blend = BlendForm(0.5, (Member("line", 0.75, LINE), Member("step", 0.5, step)))
    norms = np.array([[1.0, np.nan]] * len(LOANS))
    least = least_fall(blend, LOANS, norms)
    trial = LOANS.copy()
    trial[:, 0] = 1.0
    assert least[:, 1].tolist() == [0.0] * 4
    # Without trees there is nothing to be unsure of, but where the value is missing it is not looked into.
    assert least[2, 0] == -np.inf
    known = [0, 1, 3]
    assert least[known, 0] == pytest.approx((blend.log_odds(LOANS) - blend.log_odds(trial))[known], abs=1e-15)


def test_trees_fall_only_from_the_side_on_which_they_never_are_lower() -> None:
    free = TreeInputs((None, None), ((), ()), (None, None))
    parts: dict[str, Any] = {
        "roots": [0],
        "feature": [0, -1, -1],
        "threshold": [2.0, 0.0, 0.0],
        "left": [1, -1, -1],
        "right": [2, -1, -1],
        "missing_left": [True] * 3,
        "value": [0.0, 0.0, 0.5],
        "cover": [2.0, 1.0, 1.0],
        "categories": (),
        "category_set": [-1] * 3,
    }
    split = FlatTrees(2, 0.0, **parts)
    values = np.array([[3.0, 0.0], [2.0, 0.0], [1.0, 0.0], [np.nan, 0.0]])
    norms = np.array([[2.0, 0.0]] * 4)

    def least(weight: float, inputs: TreeInputs) -> list[float]:
        members = (Member("line", 1.0, LINE), Member("trees", weight, TreesForm(inputs, split)))
        found: list[float] = least_fall(BlendForm(0.0, members), values, norms)[:, 0].tolist()
        return found

    assert least(1.0, free) == [1.0, 0.0, -np.inf, -np.inf]
    assert least(-1.0, free) == [-np.inf, 0.0, -1.0, -np.inf]
    # What weighs nothing does not count; what is read as something else has no side.
    assert least(0.0, free) == [1.0, 0.0, -1.0, -np.inf]
    assert least(1.0, TreeInputs((None, None), ((9.0,), ()), (None, None))) == [-np.inf, 0.0, -np.inf, -np.inf]
