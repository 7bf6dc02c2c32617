"""What trees read: fills, special values, rates of categories."""

import json

import numpy as np

from scoring.ml.columns import Columns
from scoring.ml.estimators.encoding import CategoryRates, TreeInputs, common_codes, median_of

BAD = np.tile([1.0, 0.0, 0.0, 0.0], 50)


def amounts(*missing: int) -> np.ndarray:
    column = np.arange(200.0)
    column[list(missing)] = np.nan
    return column


def test_few_missing_values_are_filled_with_the_median_and_many_are_left_to_the_trees() -> None:
    values = np.column_stack([amounts(0, 1), amounts(*range(40))])
    inputs = TreeInputs.fit(values, BAD, Columns.plain(2))
    assert inputs.fills == (100.0, None)
    assert inputs.prepare(np.array([[np.nan, np.nan]])).tolist()[0][0] == 100.0


def test_a_special_value_is_missing_where_a_direction_is_given_and_an_amount_elsewhere() -> None:
    column = amounts()
    column[:50] = -999.0
    columns = Columns((False, False), (1, 0), ((-999.0,), (-999.0,)))
    inputs = TreeInputs.fit(np.column_stack([column, column]), BAD, columns)
    prepared = inputs.prepare(np.array([[-999.0, -999.0], [5.0, 5.0]]))
    assert np.isnan(prepared[0, 0])
    assert prepared[0, 1] == -999.0
    assert prepared[1].tolist() == [5.0, 5.0]


def test_the_given_values_are_never_written_to() -> None:
    values = np.column_stack([amounts(3), amounts()])
    before = values.copy()
    TreeInputs.fit(values, BAD, Columns.plain(2)).prepare(values)
    assert np.array_equal(values, before, equal_nan=True)


def test_amounts_are_bounded_for_training_alone() -> None:
    values, bad = np.array([[1.0], [1e300], [-1e39], [2.0]]), np.array([0.0, 1.0, 0.0, 1.0])
    inputs = TreeInputs.fit(values, bad, Columns.plain(1))
    assert inputs.prepare_training(values, bad, 0)[:, 0].tolist() == [1.0, 3e38, -3e38, 2.0]
    assert (inputs.prepare(values) == values).all()


def test_rates_of_categories_are_shrunk_and_rare_ones_share_one() -> None:
    column = np.array([0.0] * 100 + [1.0] * 95 + [2.0] * 5)
    bad = np.concatenate([np.ones(50), np.zeros(150)])
    rates = CategoryRates.fit(column, bad)
    share = (50 + 10 * 0.25) / 110
    assert rates.known[0] == float(np.log(share / (1 - share)))
    assert len(rates.known) == 2
    assert rates.read(np.array([0.0, 2.0, 9.0, np.nan])).tolist() == [
        rates.known[0],
        rates.unseen,
        rates.unseen,
        rates.missing,
    ]


def test_no_training_row_sees_its_own_outcome_in_the_rate_of_its_category() -> None:
    """Outcomes are by chance; rates that count a row's own outcome pretend that its category told it."""
    random = np.random.default_rng(0)
    column = np.repeat(np.arange(8.0), 25)
    bad = random.permutation(BAD)
    honest = CategoryRates.of_other_folds(column, bad, seed=0)
    own = CategoryRates.fit(column, bad).read(column)
    assert np.corrcoef(honest, bad)[0, 1] < 0.05 < np.corrcoef(own, bad)[0, 1]


def test_an_empty_column_is_filled_with_nothing_that_matters() -> None:
    inputs = TreeInputs.fit(np.full((200, 1), np.nan), BAD, Columns.plain(1))
    assert inputs.prepare(np.array([[np.nan]])).tolist() == [[0.0]]


def test_stored_inputs_come_back_bit_by_bit() -> None:
    values = np.column_stack([amounts(0), np.tile([0.0, 1.0], 100)])
    inputs = TreeInputs.fit(values, BAD, Columns((False, True), (1, 0), ((-1.0,), ())))
    assert TreeInputs.from_dict(json.loads(json.dumps(inputs.to_dict()))) == inputs


def test_common_codes_and_the_median_leave_out_the_missing() -> None:
    column = np.array([0.0, 0.0, 3.0, np.nan, np.nan])
    assert common_codes(column, 2) == [0]
    assert common_codes(np.array([5.0, 1.0, 1.0, 5.0, 2.0, 5.0]), 1, most=2) == [1, 5]
    assert median_of(np.array([1.0, np.nan, 2.0, 9.0, 8.0])) == 2.0
    assert median_of(np.array([np.nan])) == 0.0
