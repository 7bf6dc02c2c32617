"""Reasons: which ones, in what order, in what words."""

import json
from dataclasses import replace

import numpy as np
import pytest

from scoring.ml.champion import Champion
from scoring.ml.features import FeatureTable
from scoring.ml.reason_choice import LEAST_CONTRIBUTION
from scoring.ml.reasons import (
    fidelity,
    reason_rows,
)
from scoring.ml.vocabulary import Label, Words
from tests.scoring.ml.conftest import Book
from tests.scoring.ml.reasoning import BASE, NORMS, asked_of, basis, basis_of, en, reasons, zh


def test_an_adverse_reason_reads_naturally_in_both_languages(table: FeatureTable) -> None:
    (reason,) = reasons(table, {"credit_utilisation": 0.4}, {"credit_utilisation": 82.0})
    assert en(table, reason) == "Revolving and instalment credit 82% used; typical 58%"
    assert zh(table, reason) == "已用额度占比 82%，通常值 58%"
    odds = np.exp(BASE)
    assert reason == {
        "code": "utilisation",
        "direction": "up",
        "contribution": 0.4,
        "pd_points": pytest.approx(100 * (odds * np.exp(0.4) / (1 + odds * np.exp(0.4)) - odds / (1 + odds))),
        "features": ("credit_utilisation",),
        "value": 82.0,
        "norm": 58.0,
    }


def test_a_favourable_reason_has_its_own_words(table: FeatureTable) -> None:
    (reason,) = reasons(table, {"credit_utilisation": -0.2}, {"credit_utilisation": 11.0})
    assert en(table, reason) == "Only 11% of revolving and instalment credit used; typical 58%"
    assert zh(table, reason) == "已用额度占比仅 11%，通常值 58%"
    assert (reason["direction"], reason["pd_points"] < 0) == ("down", True)


def test_coloured_words_are_used_where_they_are_true(table: FeatureTable) -> None:
    (up,) = reasons(table, {"annual_income": 0.1}, {"annual_income": 20000.0})
    assert en(table, up) == "Annual income only $20,000; typical $68,900"
    assert zh(table, up) == "年收入仅 $20,000，通常值 $68,900"
    (down,) = reasons(table, {"interest_rate": -0.1}, {"interest_rate": 6.5})
    assert en(table, down) == "Low interest rate of 6.5% a year; typical 11.99%"


@pytest.mark.parametrize(("part", "rate"), [(0.3, 9.0), (-0.3, 15.0), (0.3, 11.99), (-0.3, 11.99)])
def test_words_never_colour_a_fact_that_stands_on_the_other_side(table: FeatureTable, part: float, rate: float) -> None:
    (reason,) = reasons(table, {"interest_rate": part}, {"interest_rate": rate})
    assert en(table, reason) == f"Interest rate {rate:.4g}% a year; typical 11.99%"


def test_what_contributes_as_much_in_the_usual_case_is_no_reason(table: FeatureTable) -> None:
    parts, facts = (
        {"inquiries_12m": 0.3, "credit_utilisation": -0.2},
        {"inquiries_12m": 3.0, "credit_utilisation": 55.0},
    )
    codes = ["inquiries", "utilisation"]
    assert [one["code"] for one in reasons(table, parts, facts)] == codes
    for raised, lowered, left in ((0.3, -0.2, []), (0.29, -0.19, []), (0.25, -0.15, codes), (0.4, -0.3, [])):
        usual = {"inquiries_12m": raised, "credit_utilisation": lowered}
        found = reasons(table, parts, facts, usual=usual)
        assert [one["code"] for one in found] == left
        assert [one["contribution"] for one in found] == ([0.3, -0.2] if left else [])


def test_what_is_missing_is_said_to_be_missing(table: FeatureTable) -> None:
    (years,) = reasons(table, {"employment_years": 0.1}, {})
    assert en(table, years) == "Length of employment not supplied; typical 7 years"
    assert zh(table, years) == "工作年限未提供，通常值 7 年"
    assert years["value"] is None
    (proof,) = reasons(table, {"income_verified": 0.1}, {})
    assert en(table, proof) == "Income check not supplied; most common: source of income verified"
    assert zh(table, proof) == "收入核实情况未提供，最常见为已核实收入来源"
    (ratio,) = reasons(table, {"loan_to_income": 0.1}, {})
    assert en(table, ratio) == "Loan amount against annual income cannot be computed; typical 20%"


def test_what_was_given_but_is_of_no_use_is_said_so(table: FeatureTable) -> None:
    (reason,) = reasons(table, {"amount": 0.2}, {}, unreadable=("amount",))
    assert reason["given"]
    assert en(table, reason) == "Loan amount cannot be used by the model; typical $15,000"
    assert zh(table, reason) == "贷款金额模型无法使用，通常值 $15,000"


def test_a_special_value_is_no_amount_and_stands_on_no_side(table: FeatureTable) -> None:
    special = Label(-999.0, Words("no bureau record", "无征信记录"))
    features = tuple(
        replace(one, special_values=(special,)) if one.name == "inquiries_12m" else one for one in table.features
    )
    bureau = replace(table, features=features)
    for part in (0.2, -0.2):
        (reason,) = reasons(bureau, {"inquiries_12m": part}, {"inquiries_12m": -999.0})
        assert en(bureau, reason) == "Credit inquiries in 12 months: no bureau record; typical 2"
        assert zh(bureau, reason) == "近 12 个月征信查询次数：无征信记录，通常值 2"


def test_a_norm_that_training_did_not_know_is_unknown(table: FeatureTable) -> None:
    values = np.full((1, 14), 40.0)
    contributions = np.array([[0.2 if name == "credit_utilisation" else 0.0 for name in table.names]])
    norms = {**NORMS, "credit_utilisation": None}
    ((reason,),) = reason_rows(table, basis(table, contributions, values, norms=norms))
    assert en(table, reason) == "Revolving and instalment credit 40% used; typical unknown"
    assert zh(table, reason).endswith("未知")
    assert reason["norm"] is None


def test_features_of_one_meaning_make_one_reason_led_by_the_strongest(table: FeatureTable) -> None:
    facts = {"interest_rate": 20.0, "sub_grade": 20.0}
    (reason,) = reasons(table, {"interest_rate": -0.1, "sub_grade": 0.4}, facts)
    assert reason["contribution"] == pytest.approx(0.3, abs=1e-15)
    assert reason["features"] == ("sub_grade", "interest_rate")
    assert en(table, reason) == "Weak pricing grade D5; typical C1"


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
    codes = ["pricing", "delinquency", "inquiries", "utilisation", "loan_size", "employment"]
    assert [reason["code"] for reason in found] == codes
    assert [reason["direction"] for reason in found] == ["up"] * 4 + ["down"] * 2


def test_equal_reasons_stand_in_the_tables_order(table: FeatureTable) -> None:
    parts = {"credit_utilisation": 0.2, "inquiries_12m": 0.2, "interest_rate": 0.2}
    assert [reason["code"] for reason in reasons(table, parts, {})] == ["pricing", "inquiries", "utilisation"]


def test_the_last_bits_of_a_sum_swap_neither_reasons_nor_features(table: FeatureTable) -> None:
    for noise in (-1e-11, 0.0, 1e-11):
        parts = {
            "credit_utilisation": 0.2 + noise,
            "inquiries_12m": 0.2,
            "interest_rate": 0.1,
            "sub_grade": 0.1 + noise,
        }
        found = reasons(table, parts, {})
        assert [reason["code"] for reason in found] == ["pricing", "inquiries", "utilisation"]
        assert found[0]["features"] == ("interest_rate", "sub_grade")


def test_what_hardly_moves_the_odds_is_no_reason(table: FeatureTable) -> None:
    assert reasons(table, {"amount": LEAST_CONTRIBUTION / 2, "term_months": -LEAST_CONTRIBUTION / 2}, {}) == []


def test_a_row_has_the_reasons_it_would_have_alone(champion: Champion, book: Book) -> None:
    batch = champion.score([*book.rows[:60], {}])
    together = reason_rows(champion.table, basis_of(champion, batch))
    for row, found in enumerate(together):
        assert reason_rows(champion.table, basis_of(champion, batch, slice(row, row + 1))) == [found]


def test_no_rows_have_no_reasons(champion: Champion) -> None:
    batch = champion.score([])
    assert reason_rows(champion.table, basis_of(champion, batch)) == []
    assert fidelity(asked_of(champion, batch), champion.table, []) == []
    assert champion.reasons(batch) == ([], [], [])


def test_a_stored_reason_is_worded_on_reading_and_an_older_one_keeps_its_words(table: FeatureTable) -> None:
    (reason,) = reasons(table, {"interest_rate": 0.3}, {"interest_rate": 20.0})
    stored = json.loads(json.dumps(reason))
    assert "en" not in stored
    assert en(table, stored) == en(table, reason) == "High interest rate of 20% a year; typical 11.99%"
    older = reason.copy()
    older["en"], older["zh"] = "as it was said then", "当时的说法"
    assert (en(table, older), zh(table, older)) == ("as it was said then", "当时的说法")


def test_a_real_case_has_reasons_in_both_languages(champion: Champion, book: Book) -> None:
    batch = champion.score([*book.rows[:200], {}])
    found = champion.reasons(batch)
    for rows in (found.reviewer, found.cohort):
        assert any(rows)
        for reason in (reason for found in rows for reason in found):
            assert reason["direction"] == ("up" if reason["contribution"] > 0 else "down")
            for text in (en(champion.table, reason), zh(champion.table, reason)):
                assert not {"nan", "None", "{", "}"} & set(text.split())
