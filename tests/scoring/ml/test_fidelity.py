"""What the model says when a group of features is as usual."""

import numpy as np
from numpy.typing import NDArray

from scoring.ml.fidelity import Fidelity

FloatArray = NDArray[np.float64]
NAMES = ("rate", "income", "years")
NORMS = {"rate": 10.0, "income": 50.0, "years": None}
VALUES = np.array([[20.0, 50.0, 3.0], [5.0, 10.0, np.nan]])
GROUPS = np.array([[0, -1], [1, -1], [2, -1], [1, 0]])


class Model:
    """Log-odds that rise with the rate and fall with the income; it remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[list[float]]] = []

    def log_odds(self, values: FloatArray) -> FloatArray:
        self.asked.append(np.nan_to_num(values, nan=-1.0).tolist())
        return np.asarray(0.1 * values[:, 0] - 0.01 * values[:, 1])


def about(model: Model, values: FloatArray = VALUES) -> Fidelity:
    asked = Fidelity(model.log_odds, model.log_odds(values), values, NORMS, NAMES)
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


def test_the_model_is_asked_once_about_each_row_and_group() -> None:
    model = Model()
    asked = about(model)
    only_rate = np.array([[True, False, False, False], [True, False, False, False]])
    assert asked.holds(GROUPS, only_rate).tolist() == [[True, False, False, False], [False] * 4]
    assert len(model.asked) == 1
    again = np.array([[True, True], [False, False]])
    assert asked.holds(GROUPS[:2], again).tolist() == [[True, False], [False, False]]
    assert model.asked[1:] == [[[20.0, 50.0, 3.0]]]
    assert asked.holds(GROUPS[:2], np.zeros((2, 2), dtype=np.bool_)).tolist() == [[False, False]] * 2
    assert len(model.asked) == 2


def test_a_fall_in_the_last_bits_is_none() -> None:
    values = np.array([[10.0 + 1e-10, 50.0, 1.0], [10.0 + 1e-6, 50.0, 1.0]])
    asked = about(Model(), values)
    assert asked.holds(GROUPS[:1], np.ones((2, 1), dtype=np.bool_)).tolist() == [[False], [True]]


def test_no_rows_and_no_groups_are_no_question() -> None:
    model = Model()
    assert about(model, VALUES[:0]).holds(GROUPS, np.zeros((0, 4), dtype=np.bool_)).shape == (0, 4)
    none = np.empty((0, 1), dtype=np.int64)
    assert about(model).holds(none, np.zeros((2, 0), dtype=np.bool_)).shape == (2, 0)
    assert model.asked == []
