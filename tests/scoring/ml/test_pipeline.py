"""Training: sameness, the cohort, what is measured, edges and refusals."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scoring.ml.artefact import champion_bytes
from scoring.ml.champion import Champion
from scoring.ml.economics import Economics
from scoring.ml.errors import TrainingError
from scoring.ml.features import FeatureTable
from scoring.ml.pipeline import just_approved, train_champion
from scoring.ml.tables.infer import infer_table
from tests.scoring.ml.conftest import Book, make_book

QUICK = "logistic_regression"


def test_training_twice_gives_the_same_champion_to_the_byte(table: FeatureTable) -> None:
    small = make_book(300, seed=7)
    one, two = (train_champion(table, small.rows, y) for y in (small.y, small.y.tolist()))
    assert champion_bytes(one) == champion_bytes(two)


def test_another_seed_gives_another_champion(table: FeatureTable) -> None:
    small = make_book(300, seed=7)
    one, two = (train_champion(table, small.rows, small.y, recipe=QUICK, seed=seed) for seed in (0, 1))
    assert one.metrics["auc"] != two.metrics["auc"]


def test_it_learns_the_rule_by_which_the_book_was_made(champion: Champion) -> None:
    fresh = make_book(3000, seed=99)
    batch = champion.score(fresh.rows)
    assert champion.metrics["auc"] > 0.7
    assert batch.pd.mean() == pytest.approx(fresh.y.mean(), abs=0.03)
    assert champion.metrics["ece"] < 0.05
    assert champion.metrics["rows"] == 2000


def test_a_blend_names_its_members_and_their_weights(champion: Champion) -> None:
    assert champion.recipe["name"] == "blend"
    assert champion.recipe["members"] == {member.name: member.weight for member in champion.blend.members}
    assert len(champion.blend.members) >= 2
    assert sum(champion.recipe["members"].values()) > 0.5


@pytest.mark.parametrize("recipe", ["logistic_regression", "gradient_boosting"])
def test_a_model_alone_gets_a_second_opinion_that_moves_no_score(table: FeatureTable, recipe: str) -> None:
    small = make_book(300, seed=5)
    champion = train_champion(table, small.rows, small.y, recipe=recipe)
    alone, beside = champion.blend.members
    assert (alone.name, alone.weight, beside.weight) == (recipe, 1.0, 0.0)
    assert beside.name != recipe
    batch = champion.score(small.rows)
    assert (batch.log_odds == champion.calibration.apply(alone.form.log_odds(batch.values))).all()
    assert batch.residual.max() <= 1e-9


def test_norms_are_medians_and_most_common_categories(champion: Champion, book: Book, table: FeatureTable) -> None:
    rates: list[Any] = [row["interest_rate"] for row in book.rows]
    assert champion.norms["interest_rate"] == np.median(rates)
    proofs = [str(row["income_verified"]) for row in book.rows]
    codes = table.by_name["income_verified"].codes
    assert champion.norms["income_verified"] == codes[max(set(proofs), key=proofs.count)]
    assert sum(champion.weights.values()) == pytest.approx(1.0, abs=1e-12)
    known = [row["employment_years"] is not None for row in book.rows]
    assert champion.supplied["employment_years"] == np.mean(known)


def test_special_values_are_no_part_of_a_norm_unless_nothing_else_is_known() -> None:
    random = np.random.default_rng(1)
    late, other = random.integers(0, 61, 400).astype(float), random.normal(size=400)
    late[:200] = -999.0
    y = (random.random(400) < np.where(late < 0, 0.15, 0.4)).astype(np.int64)
    inferred = infer_table({"late": late.tolist(), "other": other.tolist(), "y": y.tolist()}, target="y")
    assert inferred.table.columns.specials[inferred.table.names.index("late")] == (-999.0,)
    rows = [{"late": one, "other": two} for one, two in zip(late, other, strict=True)]
    trained = train_champion(inferred.table, rows, y, recipe=QUICK)
    assert trained.norms == {"late": np.median(late[200:]), "other": np.median(other)}
    none = train_champion(inferred.table, [{**row, "late": -999.0} for row in rows], y, recipe=QUICK)
    assert none.norms["late"] == none.cohort_norms["late"] == -999.0
    missing = train_champion(inferred.table, [{**row, "late": None} for row in rows], y, recipe=QUICK)
    assert missing.norms["late"] is missing.cohort_norms["late"] is None


def test_the_cohort_is_the_repaid_loans_just_below_the_cut_off(table: FeatureTable) -> None:
    one_price = replace(table, economics=Economics(loss_given_default=0.6, margin=0.1))
    line = one_price.economics.product_cut_off
    random = np.random.default_rng(0)
    pd = random.uniform(0.001, 0.5, 4000)
    y = (random.random(4000) < pd).astype(np.int64)
    cohort = just_approved(one_price, np.full((4000, len(table.names)), np.nan), np.log(pd / (1 - pd)), y)
    below = (y == 0) & (pd < line)
    assert len(cohort) == round(0.05 * (y == 0).sum() - 0.5)
    assert (y[cohort] == 0).all()
    assert pd[cohort].max() < line
    assert pd[cohort].min() >= pd[below & ~np.isin(np.arange(4000), cohort)].max()


def test_each_loan_of_the_cohort_is_below_the_cut_off_of_its_own_price(table: FeatureTable) -> None:
    economics = Economics(loss_given_default=0.6, margin=0.1, rate="interest_rate", term="term_months")
    priced, values = replace(table, economics=economics), np.full((400, len(table.names)), np.nan)
    values[:, table.names.index("term_months")] = 12.0
    values[:, table.names.index("interest_rate")] = np.tile([6.0, 24.0], 200)
    # The cut-offs are 0.051 and 0.178: at a PD of 10 % only the dearer loans are approved.
    log_odds = np.full(400, np.log(0.1 / 0.9))
    cohort = just_approved(priced, values, log_odds, np.zeros(400, dtype=np.int64))
    assert cohort.tolist() == list(range(1, 200, 2))


def test_where_no_loan_is_below_the_cut_off_the_safest_repaid_ones_are_the_cohort(table: FeatureTable) -> None:
    log_odds = np.linspace(0.0, 3.0, 500)
    y = np.tile([0, 1], 250)
    values = np.full((500, len(table.names)), np.nan)
    assert just_approved(table, values, log_odds, y).tolist() == list(range(0, 200, 2))


def test_progress_is_told_to_the_end(table: FeatureTable) -> None:
    told: list[tuple[int, int, str]] = []
    small = make_book(200, seed=1)
    train_champion(
        table, small.rows, small.y, recipe=QUICK, progress=lambda done, total, what: told.append((done, total, what))
    )
    assert [done for done, _, _ in told] == list(range(1, 15))
    assert {total for _, total, _ in told} == {14}


def test_a_feature_that_no_loan_has_does_no_harm(table: FeatureTable) -> None:
    small = make_book(300, seed=3)
    rows = [{**row, "credit_utilisation": None} for row in small.rows]
    champion = train_champion(table, rows, small.y)
    assert champion.norms["credit_utilisation"] is None
    assert champion.ranges["credit_utilisation"] is None
    assert champion.quantiles["credit_utilisation"] is None
    assert champion.score(small.rows).residual.max() <= 1e-9


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


def test_the_cohort_has_norms_of_its_own(table: FeatureTable, champion: Champion, book: Book) -> None:
    values = table.matrix(book.rows)
    assert set(champion.cohort_norms) == set(table.names)
    rates = values[:, table.names.index("interest_rate")]
    # Just below the cut-off stand loans that are dearer or cheaper than the book, and never all of it.
    assert champion.cohort_norms["interest_rate"] != champion.norms["interest_rate"]
    assert rates.min() < float(champion.cohort_norms["interest_rate"] or 0.0) < rates.max()
