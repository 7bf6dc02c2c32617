"""Reasons: which ones, in what order, in what words; and the same sums in percentage points."""

import numpy as np
import pytest

from scoring.ml.calibration import sigmoid
from scoring.ml.features import FeatureTable
from scoring.ml.pipeline import Champion
from scoring.ml.reasons import LEAST_CONTRIBUTION, Reason, pd_points, reasons_for
from tests.scoring.ml.conftest import Book

NORMS: dict[str, float | None] = {
    "amount": 15000.0,
    "term_months": 36.0,
    "interest_rate": 11.99,
    "sub_grade": 11.0,
    "annual_income": 68900.0,
    "employment_years": 7.0,
    "income_verified": 1.0,
    "delinquencies_2y": 0.0,
    "inquiries_12m": 2.0,
    "accounts_delinquent_now": 0.0,
    "open_instalment_accounts": 2.0,
    "credit_utilisation": 58.0,
    "loan_to_income": 0.2,
    "instalment_to_income": 0.07,
}


def reasons(table: FeatureTable, parts: dict[str, float], facts: dict[str, float]) -> list[Reason]:
    contributions = np.array([parts.get(name, 0.0) for name in table.names])
    values = np.array([facts.get(name, np.nan) for name in table.names])
    return reasons_for(table, contributions, values, NORMS)


def test_an_adverse_reason_reads_naturally_in_both_languages(table: FeatureTable) -> None:
    (reason,) = reasons(table, {"credit_utilisation": 0.4}, {"credit_utilisation": 82.0})
    assert reason.en == "Revolving and instalment credit 82% used; typical 58%"
    assert reason.zh == reason.sentence("zh-hans") == "已用额度占比 82%，同类中位数 58%"
    assert (reason.code, reason.direction, reason.contribution) == ("utilisation", "up", 0.4)
    assert (reason.value, reason.norm, reason.features) == (82.0, 58.0, ("credit_utilisation",))


def test_a_favourable_reason_has_its_own_words(table: FeatureTable) -> None:
    (reason,) = reasons(table, {"credit_utilisation": -0.2}, {"credit_utilisation": 11.0})
    assert reason.en == "Only 11% of revolving and instalment credit used; typical 58%"
    assert reason.zh == "已用额度占比仅 11%，同类中位数 58%"
    assert reason.direction == "down"


@pytest.mark.parametrize(("part", "rate"), [(0.3, 9.0), (-0.3, 15.0), (0.3, 11.99), (-0.3, 11.99)])
def test_words_never_colour_a_fact_that_stands_on_the_other_side(table: FeatureTable, part: float, rate: float) -> None:
    (reason,) = reasons(table, {"interest_rate": part}, {"interest_rate": rate})
    assert reason.en == f"Interest rate {rate:.4g}% a year; typical 11.99%"


def test_coloured_words_are_used_where_they_are_true(table: FeatureTable) -> None:
    (up,) = reasons(table, {"annual_income": 0.1}, {"annual_income": 20000.0})
    assert up.en == "Annual income only USD 20,000; typical USD 68,900"
    assert up.zh == "年收入仅 20,000 美元，同类中位数 68,900 美元"
    (down,) = reasons(table, {"interest_rate": -0.1}, {"interest_rate": 6.5})
    assert down.en == "Low interest rate of 6.5% a year; typical 11.99%"


def test_what_is_missing_is_said_to_be_missing(table: FeatureTable) -> None:
    (years,) = reasons(table, {"employment_years": 0.1}, {})
    assert years.en == "Length of employment not supplied; typical 7 years"
    assert years.zh == "工作年限未提供，同类中位数 7 年"
    assert years.value is None
    (proof,) = reasons(table, {"income_verified": 0.1}, {})
    assert proof.en == "Income check not supplied; most common: source of income verified"
    assert proof.zh == "收入核实情况未提供，同类最常见为已核实收入来源"
    (ratio,) = reasons(table, {"loan_to_income": 0.1}, {})
    assert ratio.en == "Loan amount against annual income cannot be computed; typical 20%"


def test_what_was_given_but_is_of_no_use_is_said_so(table: FeatureTable) -> None:
    contributions, values = np.zeros(14), np.full(14, np.nan)
    contributions[0] = 0.2
    unreadable = np.arange(14) == 0
    (reason,) = reasons_for(table, contributions, values, NORMS, unreadable)
    assert reason.en == "Loan amount cannot be used by the model; typical USD 15,000"
    assert reason.zh == "贷款金额模型无法使用，同类中位数 15,000 美元"


def test_a_norm_that_training_did_not_know_is_unknown(table: FeatureTable) -> None:
    contributions, values = np.zeros(14), np.full(14, 40.0)
    contributions[table.names.index("credit_utilisation")] = 0.2
    (reason,) = reasons_for(table, contributions, values, {**NORMS, "credit_utilisation": None})
    assert reason.en == "Revolving and instalment credit 40% used; typical unknown"
    assert reason.zh.endswith("未知")
    assert reason.norm is None


def test_features_of_one_meaning_make_one_reason_led_by_the_strongest(table: FeatureTable) -> None:
    facts = {"interest_rate": 20.0, "sub_grade": 20.0}
    (reason,) = reasons(table, {"interest_rate": -0.1, "sub_grade": 0.4}, facts)
    assert reason.contribution == pytest.approx(0.3, abs=1e-15)
    assert reason.features == ("sub_grade", "interest_rate")
    assert reason.en == "Weak pricing grade D5; typical C1"


def test_four_adverse_then_two_favourable_the_strongest_first(table: FeatureTable) -> None:
    parts = {
        "interest_rate": 0.5,
        "term_months": 0.1,
        "delinquencies_2y": 0.4,
        "inquiries_12m": 0.3,
        "credit_utilisation": 0.2,
        "annual_income": -0.1,
        "employment_years": -0.2,
        "amount": -0.3,
    }
    found = reasons(table, parts, dict.fromkeys(table.names, 1.0))
    assert [reason.code for reason in found] == [
        "pricing",
        "delinquency",
        "inquiries",
        "utilisation",
        "loan_size",
        "employment",
    ]
    assert [reason.direction for reason in found] == ["up"] * 4 + ["down"] * 2


def test_equal_reasons_stand_in_the_tables_order(table: FeatureTable) -> None:
    parts = {"credit_utilisation": 0.2, "inquiries_12m": 0.2, "interest_rate": 0.2}
    assert [reason.code for reason in reasons(table, parts, {})] == ["pricing", "inquiries", "utilisation"]


def test_what_hardly_moves_the_odds_is_no_reason(table: FeatureTable) -> None:
    assert reasons(table, {"amount": LEAST_CONTRIBUTION / 2, "term_months": -LEAST_CONTRIBUTION / 2}, {}) == []


def test_a_real_case_has_reasons_in_both_languages(champion: Champion, book: Book) -> None:
    batch = champion.score([*book.rows[:200], {}])
    for row in range(len(batch)):
        for reason in reasons_for(
            champion.table, batch.contributions[row], batch.values[row], champion.norms, batch.unreadable[row]
        ):
            assert reason.direction == ("up" if reason.contribution > 0 else "down")
            for text in (reason.en, reason.zh):
                assert not {"nan", "None", "{", "}"} & set(text.split())


def test_points_of_pd_sum_from_the_base_to_the_case(champion: Champion, book: Book) -> None:
    batch = champion.score(book.rows)
    points = pd_points(batch.base_value, batch.contributions)
    base_pd = 1 / (1 + np.exp(-batch.base_value))
    assert points.shape == batch.contributions.shape
    assert np.abs(points.sum(axis=1) - 100 * (batch.pd - base_pd)).max() < 1e-10
    assert (np.sign(points) == np.sign(batch.contributions)).all()
    assert (np.argsort(points, axis=1, kind="stable") == np.argsort(batch.contributions, axis=1, kind="stable")).all()


@pytest.mark.parametrize("total", [0.0, 1e-300, 1e-15, -1e-9, 1e-4, -3.0, 40.0, -700.0, 5000.0, -5000.0])
def test_points_of_pd_hold_for_sums_of_any_size(total: float) -> None:
    contributions = np.array([[0.7 + total, -0.7]])
    moved = contributions.sum()
    points = pd_points(-2.0, contributions)
    slope = np.exp(-2.0) / (1 + np.exp(-2.0)) ** 2
    expected = sigmoid(np.array(moved - 2.0)) - sigmoid(np.array(-2.0)) if abs(moved) > 1e-5 else slope * moved
    assert points.sum() == pytest.approx(100 * expected, abs=1e-8)
    assert np.isfinite(points).all()
