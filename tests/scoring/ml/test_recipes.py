"""Every recipe: scikit-learn's own checks, directions, missing and special values, sameness of what is stored."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import estimator_checks_generator

from scoring.ml.columns import Columns
from scoring.ml.estimators.blend import BlendRisk
from scoring.ml.estimators.boosting import GradientBoostingRisk, HistGradientBoostingRisk, XGBoostRisk
from scoring.ml.estimators.forests import DecisionTreeRisk, RandomForestRisk
from scoring.ml.estimators.linear import LogisticRegressionRisk
from scoring.ml.estimators.risk_classifier import RiskClassifier
from scoring.ml.estimators.scorecard import ScorecardRisk
from scoring.ml.forms import form_from_dict
from scoring.ml.recipes import RECIPES, make_recipe
from tests.scoring.ml.recipe_data import COLUMNS, NO_RECORD, Loans, make_loans

# The checks learn from a few dozen rows, on which the defaults (50 rows a leaf) rightly refuse to split.
BOOSTED: dict[str, Any] = {"n_estimators": 20, "learning_rate": 0.3, "min_rows_a_leaf": 1, "reg_lambda": 0.1}
SMALL: list[RiskClassifier] = [
    ScorecardRisk(),
    LogisticRegressionRisk(),
    DecisionTreeRisk(min_rows_a_leaf=1),
    RandomForestRisk(n_estimators=10, min_rows_a_leaf=1),
    GradientBoostingRisk(**BOOSTED, feature_fraction=1.0),
    HistGradientBoostingRisk(**BOOSTED),
    XGBoostRisk(**BOOSTED),
    BlendRisk([("logistic_regression", LogisticRegressionRisk()), ("decision_tree", DecisionTreeRisk())]),
]
# The array API is for arrays on other devices than NumPy's; no library here has a use for it. That a weight of two is
# the row twice can hold only where nothing is drawn of the rows: no folds, no samples, no bins by rows; scikit-learn
# leaves this check out for its own forest and histogram boosting too.
DRAWS = (ScorecardRisk, RandomForestRisk, GradientBoostingRisk, HistGradientBoostingRisk, XGBoostRisk, BlendRisk)


def applies(estimator: object, check: object) -> bool:
    is_of_rows = "sample_weight_equivalence" in str(check) and isinstance(estimator, DRAWS)
    return "array_api" not in str(check) and not is_of_rows


CHECKS = [
    pytest.param(estimator, check, id=f"{type(estimator).__name__}-{getattr(check, 'func', check).__name__}-{place}")
    for one in SMALL
    for place, (estimator, check) in enumerate(estimator_checks_generator(one))
    if applies(estimator, check)
]
SINGLE = [name for name in RECIPES if name != "blend"]


@pytest.fixture(scope="module")
def loans() -> Loans:
    return make_loans(1500)


@pytest.fixture(scope="module")
def trained(loans: Loans) -> dict[str, RiskClassifier]:
    bads = int(loans.y.sum())
    return {
        name: make_recipe(name, COLUMNS, seed=3, rows=len(loans.y), bads=bads).fit(loans.values, loans.y)
        for name in SINGLE
    }


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_it_is_a_scikit_learn_classifier(estimator: Any, check: Any) -> None:
    """Each of scikit-learn's checks raises AssertionError by itself."""
    check(estimator)


@pytest.mark.parametrize("name", SINGLE)
def test_it_ranks_new_loans_well(name: str, trained: dict[str, RiskClassifier]) -> None:
    new = make_loans(3000, seed=1)
    least = {"decision_tree": 0.68, "xgboost": 0.72}.get(name, 0.74)
    assert roc_auc_score(new.y, trained[name].decision_function(new.values)) > least


@pytest.mark.parametrize("name", SINGLE)
def test_a_move_in_a_risky_direction_never_lowers_the_risk(name: str, trained: dict[str, RiskClassifier]) -> None:
    rows = make_loans(50, seed=2).values
    for column, way in enumerate(COLUMNS.directions):
        if way:
            values = rows[:, column][~np.isnan(rows[:, column]) & (rows[:, column] != NO_RECORD)]
            steps = np.repeat(rows, 40, axis=0)
            steps[:, column] = np.tile(np.linspace(values.min(), values.max(), 40), len(rows))
            moved = way * np.diff(trained[name].decision_function(steps).reshape(-1, 40), axis=1)
            assert moved.min() >= -1e-12


@pytest.mark.parametrize("name", [name for name in SINGLE if name != "decision_tree"])
def test_a_special_value_is_not_read_as_a_very_small_amount(name: str, trained: dict[str, RiskClassifier]) -> None:
    """Fewer months since a default are riskier, and no default at all is safest: only a special value can tell."""
    rows = make_loans(200, seed=2).values
    never, lately = rows.copy(), rows.copy()
    never[:, 3], lately[:, 3] = NO_RECORD, 2.0
    model = trained[name]
    assert model.decision_function(never).mean() < model.decision_function(lately).mean() - 0.2


@pytest.mark.parametrize("name", SINGLE)
def test_a_missing_value_that_training_never_saw_is_close_to_the_usual(
    name: str, trained: dict[str, RiskClassifier]
) -> None:
    rows = make_loans(200, seed=2).values
    withheld, typical = rows.copy(), rows.copy()
    withheld[:, 0] = np.nan
    typical[:, 0] = np.quantile(make_loans(1500).values[:, 0], 0.5, method="inverted_cdf")
    model = trained[name]
    assert np.abs(model.decision_function(withheld) - model.decision_function(typical)).max() < 0.5


@pytest.mark.parametrize("name", SINGLE)
def test_a_category_that_training_never_saw_and_an_empty_column_do_no_harm(name: str, loans: Loans) -> None:
    values = loans.values[:300].copy()
    values[:, 4] = np.nan
    model = make_recipe(name, COLUMNS, seed=0, rows=300, bads=int(loans.y[:300].sum())).fit(values, loans.y[:300])
    strange = values[:5].copy()
    strange[:, 2] = 17.0
    assert np.isfinite(model.decision_function(strange)).all()
    strange[:, :] = np.nan
    assert np.isfinite(model.decision_function(strange)).all()


@pytest.mark.parametrize("name", list(RECIPES))
@pytest.mark.parametrize("amount", [1e39, 1e300, -1e300])
def test_one_amount_beyond_float32_stops_no_training(name: str, amount: float, loans: Loans) -> None:
    values, y = loans.values[:600].copy(), loans.y[:600]
    place = COLUMNS.categorical.index(False)
    values[7, place] = amount
    model = make_recipe(name, COLUMNS, seed=0, rows=len(y), bads=int(y.sum())).fit(values, y)
    assert np.isfinite(model.decision_function(values)).all()
    assert values[7, place] == amount


@pytest.mark.parametrize("name", SINGLE)
def test_what_is_stored_scores_the_same_bits_alone_and_in_a_batch(
    name: str, trained: dict[str, RiskClassifier], loans: Loans
) -> None:
    stored = form_from_dict(trained[name].form_.to_dict())
    together = trained[name].decision_function(loans.values[:64])
    alone = [stored.log_odds(loans.values[row : row + 1])[0] for row in range(64)]
    assert together.tolist() == alone


@pytest.mark.parametrize("name", SINGLE)
def test_two_runs_learn_the_same_model(name: str, loans: Loans) -> None:
    recipe = make_recipe(name, COLUMNS, seed=5, rows=300, bads=90)
    one, two = (clone(recipe).fit(loans.values[:300], loans.y[:300]).form_.to_dict() for _ in range(2))
    assert one == two


def test_contributions_add_up_for_every_recipe(trained: dict[str, RiskClassifier], loans: Loans) -> None:
    for name, model in trained.items():
        form = model.form_.with_cohort(loans.values[:200])
        for baseline in ("population", "cohort"):
            told = form.base_value(baseline) + form.explain(loans.values[:50], baseline).sum(axis=1)
            assert np.abs(told - form.log_odds(loans.values[:50])).max() < 1e-9, (name, baseline)


def test_constraints_of_another_width_are_refused(loans: Loans) -> None:
    with pytest.raises(ValueError, match="monotone_constraints has 2 entries, X has 5 features"):
        ScorecardRisk(monotone_constraints=[1, 0]).fit(loans.values, loans.y)


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (LogisticRegressionRisk(monotone_constraints=[0, 2, 0, -1, 0]), r"must be -1, 0 or 1, got \[2\]"),
        (GradientBoostingRisk(categories="names"), "categories must be one of rates, codes, got 'names'"),  # type: ignore[arg-type]
    ],
)
def test_a_parameter_that_means_nothing_is_refused(estimator: RiskClassifier, words: str, loans: Loans) -> None:
    with pytest.raises(ValueError, match=words):
        estimator.fit(loans.values, loans.y)


def test_a_recipe_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="no recipe oracle; there are scorecard, logistic_regression"):
        make_recipe("oracle", Columns.plain(3), seed=0, rows=100, bads=20)


def test_every_recipe_has_words_in_both_languages() -> None:
    assert all(words.en and words.zh for words in RECIPES.values())


def test_the_blend_holds_every_other_recipe() -> None:
    blend = make_recipe("blend", COLUMNS, seed=0, rows=1000, bads=100)
    assert isinstance(blend, BlendRisk)
    assert [name for name, _ in blend.estimators] == SINGLE
    assert blend.monotone_constraints == COLUMNS.directions


def test_more_bads_buy_more_leaves() -> None:
    sizes = [(1000, 50), (10_000, 3000), (100_000, 50_000)]
    leaves = [make_recipe("gradient_boosting", COLUMNS, seed=0, rows=n, bads=b).max_leaves for n, b in sizes]
    assert leaves == [4, 14, 31]
