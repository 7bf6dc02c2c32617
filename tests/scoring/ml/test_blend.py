"""The blend: weights learned on unseen loans, members left out, honest views of every row."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from scoring.ml.estimators.blend import SHARE_OF_DISTRUST, BlendRisk, fit_weights, shared, trust
from scoring.ml.estimators.boosting import GradientBoostingRisk
from scoring.ml.estimators.linear import LogisticRegressionRisk
from scoring.ml.estimators.logistic import LogisticFit
from scoring.ml.estimators.risk_classifier import RiskClassifier
from scoring.ml.estimators.scorecard import ScorecardRisk
from tests.scoring.ml.recipe_data import COLUMNS, make_loans

LOANS = make_loans(1200)
MEMBERS: list[tuple[str, RiskClassifier]] = [
    ("scorecard", ScorecardRisk()),
    ("logistic_regression", LogisticRegressionRisk()),
    ("gradient_boosting", GradientBoostingRisk(n_estimators=40)),
]
PLAIN = "logistic_regression"


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int, str]]:
    return []


@pytest.fixture(scope="module")
def blend(told: list[tuple[int, int, str]]) -> BlendRisk:
    blend = BlendRisk(
        MEMBERS,
        categorical=COLUMNS.categorical,
        monotone_constraints=COLUMNS.directions,
        special_values=COLUMNS.specials,
        random_state=0,
    )
    return blend.fit(LOANS.values, LOANS.y, progress=lambda *step: told.append(step))


def test_progress_is_told_after_every_fit(blend: BlendRisk, told: list[tuple[int, int, str]]) -> None:
    assert [done for done, _, _ in told] == list(range(1, 19))
    assert {total for _, total, _ in told} == {18}
    assert told[-1] == (18, 18, "gradient_boosting")


def test_all_candidates_are_kept_and_only_the_weighed_are_scored(blend: BlendRisk) -> None:
    assert blend.member_names_ == ("scorecard", "logistic_regression", "gradient_boosting")
    assert tuple(blend.member_forms_) == blend.member_names_
    weighed = {name: weight for name, weight in zip(blend.member_names_, blend.weights_, strict=True) if weight > 0}
    assert {member.name: member.weight for member in blend.form_.members} == weighed


def test_each_row_is_seen_by_members_and_weights_of_other_folds(blend: BlendRisk) -> None:
    assert np.bincount(blend.fold_of_).tolist() == [240] * 5
    here = blend.fold_of_ == 2
    others = LogisticRegressionRisk(
        categorical=COLUMNS.categorical,
        monotone_constraints=COLUMNS.directions,
        special_values=COLUMNS.specials,
    ).fit(LOANS.values[~here], LOANS.y[~here])
    assert blend.member_out_of_fold_[here, 1].tolist() == others.decision_function(LOANS.values[here]).tolist()
    weighed = fit_weights(blend.member_out_of_fold_[~here], LOANS.y[~here].astype(float), np.full(3, 1 / 3))
    assert blend.out_of_fold_[here].tolist() == weighed.log_odds(blend.member_out_of_fold_[here]).tolist()


def test_what_it_expects_of_itself_is_what_new_loans_show(blend: BlendRisk) -> None:
    new = make_loans(5000, seed=9)
    expected = roc_auc_score(LOANS.y, blend.out_of_fold_)
    assert roc_auc_score(new.y, blend.decision_function(new.values)) == pytest.approx(expected, abs=0.03)


def test_a_member_of_noise_is_left_out_and_a_good_one_taken() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=6000)
    bad = (random.random(6000) < 1 / (1 + np.exp(-truth))).astype(np.float64)
    noise = random.normal(size=6000)
    fit = fit_weights(np.column_stack([truth, noise, -truth]), bad, np.full(3, 1 / 3))
    assert fit.weights[0] == pytest.approx(1.0, abs=0.15)
    assert fit.weights[1:].tolist() == [0.0, 0.0]


def test_few_loans_leave_the_weights_near_the_prior() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=30)
    bad = (random.random(30) < 1 / (1 + np.exp(-truth))).astype(np.float64)
    members = np.column_stack([truth, truth + random.normal(0, 0.3, 30)])
    assert fit_weights(members, bad, np.full(2, 0.5)).weights == pytest.approx([0.5, 0.5], abs=0.2)


def test_where_no_member_is_of_use_the_usual_weights_stay() -> None:
    truth = np.linspace(-3, 3, 400)
    bad = (truth > 0).astype(np.float64)
    fit = fit_weights(np.column_stack([-truth, -2 * truth]), bad, np.full(2, 0.5))
    assert (fit.weights.tolist(), fit.intercept) == ([0.5, 0.5], 0.0)


def test_a_blend_is_trusted_as_far_as_its_gain_exceeds_its_standard_error() -> None:
    good = np.zeros(4)

    def of_losses(*losses: float) -> NDArray[np.float64]:
        """Log-odds at which goods have these losses."""
        found: NDArray[np.float64] = np.log(np.expm1(np.array(losses)))
        return found

    plain = of_losses(2.0, 2.0, 2.0, 2.0)
    # Gains 1, 1, 0, 0 have mean 0.5 and standard error 0.25: two errors, one of which is asked for.
    assert trust(of_losses(1.0, 1.0, 2.0, 2.0), plain, good) == pytest.approx(0.84134, abs=1e-5)
    assert trust(of_losses(1.0, 3.0, 1.0, 3.0), plain, good) == pytest.approx(0.15866, abs=1e-5)
    assert trust(plain, plain, good) == 1.0


def test_the_plain_member_gets_its_share_unless_that_is_little_and_all_it_would_have() -> None:
    fit = LogisticFit(np.array([0.6, 0.5, 0.0]), -0.2)
    half = shared(fit, 1, 0.5)
    assert (half.weights.tolist(), half.intercept) == ([0.3, 0.75, 0.0], -0.1)
    assert shared(fit, 2, 0.1).weights == pytest.approx([0.54, 0.45, 0.1])
    assert shared(fit, 2, 0.05) is fit


def both(amounts: NDArray[np.float64], log_odds: NDArray[np.float64]) -> tuple[BlendRisk, BlendRisk]:
    """Blends that have to better the regression, and that do not, on the same outcomes."""
    y = (np.random.default_rng(1).random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))).astype(np.int64)
    one, other = (BlendRisk(MEMBERS, plain=plain, random_state=0).fit(amounts, y) for plain in (PLAIN, None))
    return one, other


def test_a_sum_of_smooth_effects_is_mostly_left_to_the_plain_member() -> None:
    random = np.random.default_rng(0)
    amounts = random.normal(size=(2000, 20))
    one, other = both(amounts, amounts @ random.normal(scale=0.25, size=20) - 1.5)
    assert one.weights_[1] > other.weights_[1] + 0.1
    assert one.weights_[[0, 2]].sum() < other.weights_[[0, 2]].sum() / 2


def test_where_amounts_interact_the_plain_member_gets_nothing_for_itself() -> None:
    amounts = np.random.default_rng(0).normal(size=(2000, 6))
    one, other = both(amounts, 2 * amounts[:, 0] * amounts[:, 1] - 1.0)
    assert one.form_.to_dict() == other.form_.to_dict()
    assert one.out_of_fold_.tolist() == other.out_of_fold_.tolist()


def test_the_share_of_the_plain_member_is_judged_without_the_fold_that_it_is_used_on() -> None:
    random = np.random.default_rng(0)
    amounts = random.normal(size=(600, 8))
    bad = (random.random(600) < 1 / (1 + np.exp(1.0 - amounts @ random.normal(scale=0.3, size=8)))).astype(np.float64)
    blend = BlendRisk(MEMBERS, plain=PLAIN, random_state=0).fit(amounts, bad)
    seen, prior, others = blend.member_out_of_fold_, np.full(3, 1 / 3), blend.fold_of_ != 2
    blended = np.empty(600)
    for fold in (0, 1, 3, 4):
        here = blend.fold_of_ == fold
        fit = fit_weights(seen[others & ~here], bad[others & ~here], prior)
        blended[here] = fit.log_odds(seen[here])
    share = SHARE_OF_DISTRUST * (1 - trust(blended[others], seen[others, 1], bad[others]))
    fit = shared(fit_weights(seen[others], bad[others], prior), 1, share)
    assert blend.out_of_fold_[~others].tolist() == fit.log_odds(seen[~others]).tolist()
