"""Training and scoring: sameness, sums, ranges, edges and refusals."""

import numpy as np
import pytest

from scoring.ml.calibration import sigmoid
from scoring.ml.errors import TrainingError
from scoring.ml.features import FeatureTable
from scoring.ml.pipeline import MOST_RESIDUAL, Champion, score_points, train_champion
from tests.scoring.ml.conftest import Book, make_book


def test_training_twice_gives_the_same_champion(table: FeatureTable, book: Book, champion: Champion) -> None:
    assert train_champion(table, book.rows, book.y.tolist()) == champion


def test_another_seed_gives_another_champion(table: FeatureTable, book: Book, champion: Champion) -> None:
    assert train_champion(table, book.rows, book.y, seed=1).model != champion.model


def test_it_learns_the_rule_by_which_the_book_was_made(champion: Champion) -> None:
    fresh = make_book(3000, seed=99)
    batch = champion.score(fresh.rows)
    assert champion.metrics["auc"] > 0.7
    assert batch.pd.mean() == pytest.approx(fresh.y.mean(), abs=0.03)
    assert champion.metrics["ece"] < 0.05
    assert champion.metrics["rows"] == 2000


def test_the_shown_log_odds_are_the_models_own_calibrated(champion: Champion, book: Book) -> None:
    batch = champion.score(book.rows)
    raw = champion.model.booster.predict(champion.model.filled(batch.values), raw_score=True)
    assert (batch.log_odds == champion.calibration.slope * raw + champion.calibration.intercept).all()
    assert (batch.pd == sigmoid(batch.log_odds)).all()


def test_base_and_contributions_sum_to_the_shown_log_odds(champion: Champion, book: Book) -> None:
    batch = champion.score([*book.rows, {}])
    assert batch.contributions.shape == (2001, 14)
    assert batch.residual.max() <= 1e-12 < MOST_RESIDUAL
    assert np.abs(batch.base_value + batch.contributions.sum(axis=1) - batch.log_odds).max() <= 1e-12


def test_the_range_of_the_pd_always_holds_the_pd(champion: Champion, book: Book) -> None:
    batch = champion.score(book.rows)
    assert (batch.pd_low <= batch.pd).all()
    assert (batch.pd <= batch.pd_high).all()
    assert (batch.pd_low < batch.pd_high).any()


def test_a_row_scores_the_same_alone_and_among_others(champion: Champion, book: Book) -> None:
    together = champion.score(book.rows[:256])
    for place in (0, 100, 255):
        alone = champion.score([book.rows[place]])
        assert len(alone) == 1
        assert alone.log_odds[0] == together.log_odds[place]
        assert (alone.contributions[0] == together.contributions[place]).all()
        assert alone.doubt[0] == together.doubt[place]


def test_an_empty_batch_is_scored_to_nothing(champion: Champion) -> None:
    batch = champion.score([])
    assert len(batch) == 0
    assert batch.contributions.shape == (0, 14)
    assert batch.pd_low.shape == batch.pd_high.shape == batch.doubt.shape == batch.residual.shape == (0,)
    assert batch.base_value == champion.score([{}]).base_value


def test_points_are_600_at_50_to_1_and_20_double_the_odds() -> None:
    odds = np.array([1 / 50, 1 / 100, 1 / 25])
    assert score_points(np.log(odds)).tolist() == pytest.approx([600.0, 620.0, 580.0], abs=1e-9)


def test_a_case_without_facts_is_all_doubt(champion: Champion) -> None:
    batch = champion.score([{}])
    assert batch.doubt_parts["missing"][0] == pytest.approx(1.0, abs=1e-12)
    assert batch.doubt[0] == pytest.approx(1.0, abs=1e-12)
    assert batch.doubt_parts["novelty"][0] == 0.0


def test_withholding_the_main_driver_is_doubted_and_earns_no_better_than_typical(
    champion: Champion, book: Book
) -> None:
    row = {**book.rows[0], "interest_rate": None}
    typical = {**book.rows[0], "interest_rate": champion.model.fills[champion.table.names.index("interest_rate")]}
    withheld, told = champion.score([row]), champion.score([typical])
    # The instalment ratio depends on the rate and falls away with it.
    assert withheld.log_odds[0] == pytest.approx(told.log_odds[0], abs=0.3)
    assert withheld.doubt_parts["missing"][0] >= champion.weights["interest_rate"]


def test_values_that_training_did_not_show_are_new(champion: Champion, book: Book) -> None:
    strange = {**book.rows[0], "credit_utilisation": 900.0, "income_verified": "perhaps"}
    batch = champion.score([strange, {**book.rows[0], "currency": "CNY"}])
    expected = champion.weights["credit_utilisation"] + champion.weights["income_verified"]
    assert batch.doubt_parts["novelty"][0] == pytest.approx(expected, abs=1e-12)
    assert batch.doubt_parts["missing"][0] == champion.score([book.rows[0]]).doubt_parts["missing"][0]
    money = champion.weights["amount"] + champion.weights["annual_income"]
    assert batch.doubt_parts["novelty"][1] == pytest.approx(money, abs=1e-12)


def test_doubt_lies_between_nought_and_one(champion: Champion, book: Book) -> None:
    batch = champion.score([*book.rows, {}])
    for part in (batch.doubt, *batch.doubt_parts.values()):
        assert part.min() >= 0.0
        assert part.max() <= 1.0


def test_norms_are_medians_and_most_common_categories(champion: Champion, book: Book, table: FeatureTable) -> None:
    assert champion.norms["interest_rate"] == np.median([row["interest_rate"] for row in book.rows])
    proofs = [str(row["income_verified"]) for row in book.rows]
    assert (
        champion.norms["income_verified"] == table.by_name["income_verified"].codes[max(set(proofs), key=proofs.count)]
    )
    assert sum(champion.weights.values()) == pytest.approx(1.0, abs=1e-12)


def test_progress_is_told_to_the_end(table: FeatureTable) -> None:
    told: list[tuple[int, int, str]] = []
    small = make_book(200, seed=1)
    train_champion(table, small.rows, small.y, progress=lambda done, total, what: told.append((done, total, what)))
    assert [done for done, _, _ in told] == list(range(1, 9))
    assert {total for _, total, _ in told} == {8}
    assert told[1][2] == "fold 1 of 5 trained"


def test_a_book_too_small_to_split_gives_every_loan_its_bad_rate(table: FeatureTable) -> None:
    small = make_book(60, seed=2)
    champion = train_champion(table, small.rows, small.y)
    batch = champion.score(small.rows)
    assert np.ptp(batch.pd) == 0.0
    assert batch.pd[0] == pytest.approx(small.y.mean(), abs=0.03)
    assert set(champion.weights.values()) == {1 / 14}


def test_a_feature_that_no_loan_has_does_no_harm(table: FeatureTable) -> None:
    small = make_book(300, seed=3)
    rows = [{**row, "credit_utilisation": None} for row in small.rows]
    champion = train_champion(table, rows, small.y)
    assert champion.norms["credit_utilisation"] is None
    assert champion.ranges["credit_utilisation"] is None
    assert champion.score(small.rows).residual.max() <= 1e-12


@pytest.mark.parametrize(
    ("y", "code"),
    [([0, 1], "length"), ([0, 1, 2] * 20, "outcome"), ([0] * 56 + [1] * 4, "too_few"), ([1] * 60, "too_few")],
)
def test_outcomes_that_cannot_train_are_refused_in_both_languages(table: FeatureTable, y: list[int], code: str) -> None:
    with pytest.raises(TrainingError) as refused:
        train_champion(table, make_book(60, seed=4).rows, y)
    assert refused.value.code == code
    assert refused.value.sentence("en") == str(refused.value)
    assert refused.value.sentence("zh-hans") != refused.value.sentence("en")
