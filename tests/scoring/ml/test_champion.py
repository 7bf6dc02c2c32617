"""Scoring: the shown number, its explanations, its range, and the doubt about it."""

import numpy as np
import pytest

from scoring.ml.calibration import sigmoid
from scoring.ml.champion import MOST_RESIDUAL, Champion
from scoring.ml.forms import BlendForm
from scoring.ml.points import score_points
from tests.scoring.ml.conftest import Book


def test_the_shown_log_odds_are_the_members_added_up_and_calibrated(champion: Champion, book: Book) -> None:
    batch = champion.score(book.rows)
    raw = np.full(len(batch), champion.blend.intercept)
    for member in champion.blend.members:
        raw += member.weight * member.form.log_odds(batch.values)
    assert (batch.log_odds == champion.calibration.apply(raw)).all()
    assert (batch.pd == sigmoid(batch.log_odds)).all()
    assert (champion.log_odds(batch.values) == batch.log_odds).all()


def test_base_and_contributions_sum_to_the_shown_log_odds_from_both_baselines(champion: Champion, book: Book) -> None:
    batch = champion.score([*book.rows, {}])
    assert batch.residual.max() <= 1e-9 < MOST_RESIDUAL
    for explanation in (batch.population, batch.cohort):
        assert explanation.contributions.shape == (2001, 14)
        total = explanation.base_value + explanation.contributions.sum(axis=1)
        assert np.abs(total - batch.log_odds).max() <= 1e-9


def test_the_cohort_just_approved_is_a_riskier_start_than_all_loans_or_a_safer_one_but_never_the_same(
    champion: Champion, book: Book
) -> None:
    batch = champion.score(book.rows[:10])
    assert batch.cohort.base_value != batch.population.base_value
    line = np.log(batch.cut_off[0] / (1 - batch.cut_off[0]))
    assert batch.cohort.base_value < line


def test_a_contribution_that_is_no_number_leaves_a_residual_that_tells(
    champion: Champion, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = np.full((3, champion.blend.columns), np.nan)
    monkeypatch.setattr(BlendForm, "explain_from", lambda form, read, baselines: [nothing for _ in baselines])
    batch = champion.score(book.rows[:3])
    assert (batch.population.contributions == 0.0).all()
    assert (batch.residual > MOST_RESIDUAL).all()
    assert np.isfinite(batch.residual).all()


def test_the_range_of_the_pd_always_holds_the_pd(champion: Champion, book: Book) -> None:
    batch = champion.score(book.rows)
    assert (batch.pd_low <= batch.pd).all()
    assert (batch.pd <= batch.pd_high).all()
    assert (batch.pd_low < batch.pd_high).any()
    assert batch.pd_low.min() >= 0.0
    assert batch.pd_high.max() <= 1.0


def test_a_row_scores_the_same_bits_alone_and_among_others(champion: Champion, book: Book) -> None:
    together = champion.score(book.rows[:256])
    for place in (0, 100, 255):
        alone = champion.score([book.rows[place]])
        assert len(alone) == 1
        for name in ("log_odds", "pd_low", "pd_high", "cut_off", "residual", "doubt"):
            assert getattr(alone, name)[0] == getattr(together, name)[place]
        assert (alone.population.contributions[0] == together.population.contributions[place]).all()
        assert (alone.cohort.contributions[0] == together.cohort.contributions[place]).all()
        assert (alone.novel[0] == together.novel[place]).all()


def test_an_empty_batch_is_scored_to_nothing(champion: Champion) -> None:
    batch = champion.score([])
    assert len(batch) == 0
    assert batch.population.contributions.shape == batch.cohort.contributions.shape == batch.novel.shape == (0, 14)
    assert batch.pd_low.shape == batch.pd_high.shape == batch.doubt.shape == batch.residual.shape == (0,)
    assert batch.population.base_value == champion.score([{}]).population.base_value


def test_points_are_600_at_50_to_1_and_20_double_the_odds() -> None:
    odds = np.array([1 / 50, 1 / 100, 1 / 25])
    assert score_points(np.log(odds)).tolist() == pytest.approx([600.0, 620.0, 580.0], abs=1e-9)


def test_a_case_without_facts_is_all_doubt(champion: Champion) -> None:
    batch = champion.score([{}])
    assert batch.doubt[0] >= 0.95
    assert batch.doubt_parts["missing"][0] >= 0.9


def test_values_that_training_did_not_show_are_named_as_new(champion: Champion, book: Book) -> None:
    usual = champion.score([book.rows[0]])
    strange = {**book.rows[0], "credit_utilisation": 900.0, "income_verified": "perhaps"}
    batch = champion.score([strange])
    new = champion.weights["credit_utilisation"] + champion.weights["income_verified"]
    assert batch.doubt_parts["novelty"][0] >= new
    named = {name for name, novel in zip(champion.table.names, batch.novel[0], strict=True) if novel}
    assert {"credit_utilisation", "income_verified"} <= named
    assert batch.doubt_parts["missing"][0] == usual.doubt_parts["missing"][0]


def test_a_pd_whose_range_holds_the_cut_off_is_at_least_half_doubted(champion: Champion, book: Book) -> None:
    batch = champion.score(book.rows)
    holds = (batch.pd_low <= batch.cut_off) & (batch.cut_off <= batch.pd_high)
    assert holds.any()
    assert (batch.doubt_parts["cut_off"][holds] >= 0.5).all()
    assert batch.doubt_parts["cut_off"][~holds].mean() < 0.25
    assert (batch.doubt_parts["cut_off"][~holds] == 0.0).any()


def test_doubt_lies_between_nought_and_one_and_is_never_less_than_a_part(champion: Champion, book: Book) -> None:
    batch = champion.score([*book.rows, {}])
    assert set(batch.doubt_parts) == {"cut_off", "disagreement", "novelty", "missing"}
    for part in (batch.doubt, *batch.doubt_parts.values()):
        assert part.min() >= 0.0
        assert part.max() <= 1.0
        assert (batch.doubt >= part - 1e-12).all()
