"""The economic cut-off by hand, and against decisions that are worth taking."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.ml.economics import Economics
from scoring.ml.errors import FeatureTableError

PLAIN = Economics(loss_given_default=0.55, margin=0.10)
PRICED = Economics(loss_given_default=0.55, margin=0.10, rate="interest_rate", funding_rate=3.0, term="term_months")


def test_the_cut_off_is_margin_over_margin_and_loss() -> None:
    assert PLAIN.cut_off(3).tolist() == pytest.approx([0.1 / 0.65] * 3)
    assert PLAIN.product_cut_off == pytest.approx(0.1 / 0.65)


def test_at_the_cut_off_approving_costs_what_declining_costs() -> None:
    exposure = np.array([1000.0, 250000.0])
    cut_off, margins = PLAIN.cut_off(2), PLAIN.margins(2)
    approve, decline = PLAIN.cost_of_approval(cut_off, exposure), PLAIN.cost_of_decline(cut_off, margins, exposure)
    assert approve.tolist() == pytest.approx(decline.tolist())
    assert approve.tolist() == pytest.approx((0.1 / 0.65 * 0.55 * exposure).tolist())
    assert PLAIN.cost_of_approval(cut_off / 2, exposure)[0] < PLAIN.cost_of_decline(cut_off / 2, margins, exposure)[0]


def test_a_loans_own_price_makes_its_margin() -> None:
    columns = {"interest_rate": np.array([15.0, 15.0]), "term_months": np.array([36.0, 60.0])}
    # 12 points over funding for an average life of 37 / 24 and 61 / 24 years.
    assert PRICED.inputs() == ("interest_rate", "term_months")
    assert PRICED.margins(2, columns).tolist() == pytest.approx([0.185, 0.305])
    assert PRICED.cut_off(2, columns).tolist() == pytest.approx([0.185 / 0.735, 0.305 / 0.855])


def test_the_average_life_is_that_of_equal_monthly_parts() -> None:
    term = 36
    outstanding = [1 - month / term for month in range(term)]
    interest = sum(outstanding) * 0.12 / 12
    columns = {"interest_rate": np.array([15.0]), "term_months": np.array([float(term)])}
    assert PRICED.margins(1, columns)[0] == pytest.approx(interest)


@pytest.mark.parametrize(("term", "horizon", "months"), [(36, 12, 12), (6, 12, 6), (36, 36, 36)])
def test_only_what_is_earned_while_a_bad_loan_would_show_is_set_against_the_pd(
    term: int, horizon: int, months: int
) -> None:
    outstanding = [1 - month / term for month in range(months)]
    columns = {"interest_rate": np.array([15.0]), "term_months": np.array([float(term)])}
    priced = replace(PRICED, horizon=horizon)
    assert priced.margins(1, columns)[0] == pytest.approx(sum(outstanding) * 0.12 / 12)
    assert Economics.from_dict(priced.to_dict()) == priced
    assert "horizon" not in PRICED.to_dict()


def test_a_rate_below_the_cost_of_funds_earns_nothing_and_approves_nobody() -> None:
    columns = {"interest_rate": np.array([2.0]), "term_months": np.array([36.0])}
    assert PRICED.cut_off(1, columns).tolist() == [0.0]


@pytest.mark.parametrize(("rate", "term"), [(np.nan, 36.0), (15.0, np.nan), (15.0, 0.0), (15.0, np.inf), (1e9, 36.0)])
def test_without_a_usable_price_the_products_margin_holds(rate: float, term: float) -> None:
    columns = {"interest_rate": np.array([rate, 15.0]), "term_months": np.array([term, 36.0])}
    assert PRICED.margins(2, columns).tolist() == pytest.approx([0.10, 0.185])


def test_without_the_columns_the_products_margin_holds() -> None:
    assert PRICED.margins(2).tolist() == [0.10, 0.10]
    assert PRICED.margins(2, {"interest_rate": np.array([15.0, 15.0])}).tolist() == [0.10, 0.10]
    assert PLAIN.inputs() == ()


def test_stored_economics_come_back() -> None:
    assert Economics.from_dict(PRICED.to_dict()) == PRICED
    assert Economics.from_dict({"loss_given_default": 1, "margin": 0}).product_cut_off == 0.0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"margin": 0.1}, "Economics: loss_given_default is missing."),
        ({"loss_given_default": 0.5}, "Economics: margin is missing."),
        (
            {"loss_given_default": 0.5, "margin": 0.1, "rate": "a", "term": "b", "horizon": 0},
            "Economics: horizon is a number of months from 1 to 600.",
        ),
        (
            {"loss_given_default": 0.5, "margin": 0.1, "horizon": 12},
            "Economics: horizon is of no use without rate and term.",
        ),
        ({"loss_given_default": 55, "margin": 0.1}, "Economics: loss_given_default is a number from 0 to 1."),
        ({"loss_given_default": 0, "margin": 0.1}, "Economics: loss_given_default is above 0:"),
        ({"loss_given_default": 0.5, "margin": "ten"}, "Economics: margin is a number from 0 to 10."),
        ({"loss_given_default": 0.5, "margin": float("nan")}, "Economics: margin is a number from 0 to 10."),
        ({"loss_given_default": True, "margin": 0.1}, "Economics: loss_given_default is a number from 0 to 1."),
        ({"loss_given_default": 0.5, "margin": 0.1, "rate": "r"}, "Economics: rate and term are given together"),
        ({"loss_given_default": 0.5, "margin": 0.1, "funding_rate": 1e6}, "Economics: funding_rate is a number"),
        ({"loss_given_default": 0.5, "margin": 0.1, "lgd": 0.4}, "Economics: lgd is not known."),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_in_both_languages(content: dict[str, object], sentence: str) -> None:
    with pytest.raises(FeatureTableError) as refused:
        Economics.from_dict(content)
    assert refused.value.sentence("en").startswith(sentence)
    assert refused.value.sentence("zh-hans").startswith("经济参数：")
