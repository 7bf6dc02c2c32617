"""Curves: lines, steps and codes, and what they say of missing, special and unseen values."""

import numpy as np
import pytest

from scoring.ml.curves import Curve, CurveTable


def heights(curve: Curve, *values: float) -> list[float]:
    found: list[float] = CurveTable([curve]).heights(np.array(values)[:, None])[:, 0].tolist()
    return found


def test_a_line_is_straight_between_its_knots_and_flat_outside() -> None:
    line = Curve.line([0.0, 10.0, 20.0], [1.0, 2.0, 0.0], missing=7.0)
    assert heights(line, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 99.0) == [1.0, 1.0, 1.5, 2.0, 1.0, 0.0, 0.0]


def test_an_edge_belongs_to_the_step_above_it() -> None:
    steps = Curve.steps([1.0, 2.0], [0.1, 0.2, 0.3], missing=0.0)
    assert heights(steps, 0.99, 1.0, 1.99, 2.0) == [0.1, 0.2, 0.2, 0.3]


def test_a_code_that_is_not_listed_is_unseen() -> None:
    codes = Curve.codes([0.5, -0.5], unseen=0.1, missing=0.2)
    assert heights(codes, 0.0, 1.0, 2.0, -1.0, np.nan) == [0.5, -0.5, 0.1, 0.1, 0.2]


def test_missing_and_special_values_have_heights_of_their_own() -> None:
    line = Curve.line([0.0, 1.0], [0.0, 1.0], missing=3.0, specials=((-999.0, 4.0), (0.5, 5.0)))
    assert heights(line, np.nan, -999.0, 0.5, -998.0, np.inf, -np.inf) == [3.0, 4.0, 5.0, 0.0, 1.0, 0.0]


def test_a_table_reads_each_column_by_its_own_curve() -> None:
    curves = [Curve.steps([], [0.5], 0.0), Curve.codes([1.0], 2.0, 3.0), Curve.line([0.0, 4.0], [0.0, 1.0], 9.0)]
    read = CurveTable(curves).heights(np.array([[1.0, 0.0, 1.0], [np.nan, 5.0, np.nan]]))
    assert read.tolist() == [[0.5, 1.0, 0.25], [0.0, 2.0, 9.0]]


def test_a_stored_curve_comes_back_bit_by_bit() -> None:
    curve = Curve.line([0.1, 0.3], [1 / 3, 2 / 3], missing=1e-17, specials=((-1.0, 0.7),))
    assert Curve.from_dict(curve.to_dict()) == curve


def test_edges_that_do_not_rise_and_lengths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="must rise"):
        Curve.steps([2.0, 2.0], [0.0, 1.0, 2.0], missing=0.0)
    with pytest.raises(ValueError, match="one height and one slope more than edges"):
        Curve.steps([2.0], [0.0], missing=0.0)
