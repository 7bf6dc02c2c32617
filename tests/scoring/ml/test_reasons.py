"""Reasons: which ones, in what order, in what words, and whether the model bears them out."""

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.champion import Champion, ScoredBatch
from scoring.ml.features import FeatureTable
from scoring.ml.fidelity import Fidelity
from scoring.ml.reason_choice import LEAST_CONTRIBUTION
from scoring.ml.reasons import (
    Basis,
    Reason,
    applicant_reasons,
    fidelity,
    is_nameable,
    reason_lists,
    reason_rows,
    sentence_of,
)
from scoring.ml.vocabulary import Label, Words
from tests.scoring.ml.conftest import Book

FloatArray = NDArray[np.float64]

BASE = -2.0

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


def reasons(
    table: FeatureTable,
    parts: dict[str, float],
    facts: dict[str, float],
    *,
    usual: dict[str, float] | None = None,
    unreadable: tuple[str, ...] = (),
) -> list[Reason]:
    contributions = np.array([[parts.get(name, 0.0) for name in table.names]])
    values = np.array([[facts.get(name, np.nan) for name in table.names]])
    strange = np.array([[name in unreadable for name in table.names]])
    known = usual and {name: usual.get(name, 0.0) for name in table.names}
    (found,) = reason_rows(table, basis(table, contributions, values, usual=known, unreadable=strange))
    return found


def basis(
    table: FeatureTable,
    contributions: FloatArray,
    values: FloatArray,
    *,
    base: float = BASE,
    norms: Mapping[str, float | None] = NORMS,
    usual: Mapping[str, float] | None = None,
    unreadable: NDArray[np.bool_] | None = None,
) -> Basis:
    """What rows are given reasons from, all against the same norms."""
    if unreadable is None:
        unreadable = np.zeros(values.shape, dtype=np.bool_)
    known = np.tile(table.row_of(usual), (len(values), 1)) if usual else None
    return Basis(base, contributions, values, np.tile(table.row_of(norms), (len(values), 1)), known, unreadable)


def basis_of(champion: Champion, batch: ScoredBatch, rows: slice = slice(None), *, usual: bool = False) -> Basis:
    """The same for scored rows, against the population."""
    given = (batch.population.contributions[rows], batch.values[rows])
    known = champion.usual if usual else None
    return basis(
        champion.table,
        *given,
        base=batch.population.base_value,
        norms=champion.norms,
        usual=known,
        unreadable=batch.unreadable[rows],
    )


def asked_of(champion: Champion, batch: ScoredBatch) -> Fidelity:
    """The model itself, which knows nothing beforehand."""
    norms = np.tile(champion.table.row_of(champion.norms), (len(batch), 1))
    return Fidelity(champion.log_odds, batch.log_odds, batch.values, norms)


def en(table: FeatureTable, reason: Reason) -> str:
    return sentence_of(table, reason, "en")


def zh(table: FeatureTable, reason: Reason) -> str:
    return sentence_of(table, reason, "zh-hans")


def unnameable(table: FeatureTable, *names: str) -> FeatureTable:
    """The table with these features barred from what an applicant is told."""
    features = tuple(replace(one, nameable=one.name not in names) for one in table.features)
    return replace(table, features=features)


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


def told(table: FeatureTable, parts: dict[str, float], facts: dict[str, float]) -> list[Reason]:
    contributions = np.array([[parts.get(name, 0.0) for name in table.names]])
    values = np.array([[facts.get(name, np.nan) for name in table.names]])
    (found,) = applicant_reasons(table, basis(table, contributions, values))
    return found


def test_what_may_not_be_named_is_never_told_to_the_applicant_and_marked_for_the_reviewer(table: FeatureTable) -> None:
    barred = unnameable(table, "amount", "inquiries_12m")
    parts = {"amount": 0.5, "loan_to_income": 0.2, "inquiries_12m": 0.4, "credit_utilisation": 0.3}
    facts = {"amount": 30000.0, "loan_to_income": 0.5, "inquiries_12m": 9.0, "credit_utilisation": 90.0}
    found = reasons(barred, parts, facts)
    assert [(one["code"], is_nameable(barred, one)) for one in found] == [
        ("loan_size", False),
        ("inquiries", False),
        ("utilisation", True),
    ]
    assert [(one["code"], one["features"], one["contribution"]) for one in told(barred, parts, facts)] == [
        ("utilisation", ("credit_utilisation",), 0.3),
        ("loan_size", ("loan_to_income", "instalment_to_income"), 0.2),
    ]
    assert told(unnameable(table, *table.names), parts, facts) == []


def test_an_applicant_is_told_nothing_that_cannot_be_acted_on(table: FeatureTable) -> None:
    parts = {"interest_rate": 0.9, "employment_years": 0.8, "delinquencies_2y": 0.7, "accounts_delinquent_now": 0.1}
    (reason,) = told(table, parts, {"accounts_delinquent_now": 1.0})
    assert (reason["code"], reason["features"]) == ("delinquency", ("accounts_delinquent_now",))
    assert en(table, reason) == "Accounts overdue today: 1; typical 0"


def test_an_applicant_is_told_at_most_four_reasons_and_none_that_helped(table: FeatureTable) -> None:
    parts = {"term_months": 0.1, "amount": 0.2, "annual_income": 0.3, "inquiries_12m": 0.4, "credit_utilisation": 0.5}
    found = told(table, {**parts, "income_verified": -0.9}, {})
    assert [one["code"] for one in found] == ["utilisation", "inquiries", "income", "loan_size"]


SMALL_LOAN = {"amount": 3000.0, "loan_to_income": 0.04, "instalment_to_income": 0.015, "credit_utilisation": 90.0}


def test_a_low_loan_against_income_is_told_to_nobody_as_what_raised_the_risk(table: FeatureTable) -> None:
    parts = {"amount": 0.1, "loan_to_income": 0.4, "instalment_to_income": -0.2, "credit_utilisation": 0.1}
    seen = reasons(table, parts, SMALL_LOAN)
    assert [one["code"] for one in seen] == ["loan_size", "utilisation"]
    assert en(table, seen[0]) == "Loan amount is 4% of annual income; typical 20%"
    assert [one["code"] for one in told(table, parts, SMALL_LOAN)] == ["utilisation"]


def test_of_two_that_move_together_the_one_that_reads_as_the_sum_went_speaks_for_both(table: FeatureTable) -> None:
    facts = {**SMALL_LOAN, "instalment_to_income": 0.11}
    parts = {"loan_to_income": 0.4, "instalment_to_income": 0.1}
    for found in (reasons(table, parts, facts), told(table, parts, facts)):
        (reason,) = found
        assert reason["features"] == ("instalment_to_income", "loan_to_income", "amount")
        assert (reason["contribution"], reason["value"]) == (0.5, 0.11)
        assert en(table, reason) == "Instalments of this loan take 11% of income; typical 7%"
    (reason,) = reasons(table, {name: -size for name, size in parts.items()}, facts)
    assert reason["features"][0] == "loan_to_income"
    assert en(table, reason) == "Loan amount is only 4% of annual income; typical 20%"


def test_what_is_missing_or_no_amount_reads_neither_way(table: FeatureTable) -> None:
    (reason,) = told(table, {"loan_to_income": 0.4}, {"loan_to_income": np.nan})
    assert en(table, reason) == "Loan amount against annual income cannot be computed; typical 20%"
    labelled = Label(-9.0, Words("no income", "无收入"))
    features = [replace(one, special_values=(labelled,)) if one.name == "amount" else one for one in table.features]
    (reason,) = told(replace(table, features=tuple(features)), {"amount": 0.4}, {"amount": -9.0})
    assert reason["features"][0] == "amount"


def test_a_table_that_says_nothing_of_how_it_is_told_keeps_its_hash_and_its_reasons(table: FeatureTable) -> None:
    plain = replace(table, features=tuple(replace(one, told_direction=None) for one in table.features))
    assert all("told_direction" not in one for one in plain.to_dict()["features"])
    assert FeatureTable.from_dict(plain.to_dict()) == plain
    assert FeatureTable.from_dict(table.to_dict()) == table
    assert [one["features"][0] for one in told(plain, {"loan_to_income": 0.4}, SMALL_LOAN)] == ["loan_to_income"]


def test_no_applicant_of_the_book_is_told_a_reason_that_reads_the_other_way(champion: Champion, book: Book) -> None:
    batch = champion.score(book.rows)
    table, leads = champion.table, []
    sides = table.reason_groups.read.sides(batch.values, np.tile(table.row_of(champion.norms), (len(batch), 1)))
    assert sides is not None
    for row, found in enumerate(champion.reasons(batch).applicant):
        leads += [sides[row, table.names.index(reason["features"][0])] for reason in found]
    assert min(leads) == 0.0
    assert max(leads) == 1.0


def test_a_reason_is_borne_out_when_the_pd_falls_once_its_group_is_as_usual(table: FeatureTable) -> None:
    facts = {**{name: norm for name, norm in NORMS.items() if norm is not None}, "inquiries_12m": 6.0}
    values = np.array([[{**facts, "credit_utilisation": 90.0}[name] for name in table.names]])
    parts = {"inquiries_12m": 0.3, "credit_utilisation": 0.2, "employment_years": -0.2}
    found = reasons(table, parts, {**facts, "credit_utilisation": 90.0, "employment_years": 9.0})
    inquiries = table.names.index("inquiries_12m")
    asked: list[int] = []

    def only_inquiries(given: NDArray[np.float64]) -> NDArray[np.float64]:
        asked.append(len(given))
        return np.asarray(given[:, inquiries])

    assert [one["code"] for one in found] == ["inquiries", "utilisation", "employment"]
    about = Fidelity(only_inquiries, values[:, inquiries], values, table.row_of(NORMS)[None, :])
    assert fidelity(about, table, [found]) == [[True, False, True]]
    assert asked == [2]


def test_what_the_model_does_not_bear_out_gives_way_to_the_next_that_it_does(table: FeatureTable) -> None:
    parts = {
        "interest_rate": 0.9,
        "annual_income": 0.8,
        "term_months": 0.7,
        "inquiries_12m": 0.6,
        "employment_years": 0.5,
        "credit_utilisation": 0.4,
        "delinquencies_2y": 0.3,
        "income_verified": -0.2,
    }
    contributions = np.array([[parts.get(name, 0.0) for name in table.names]] * 2)
    values = np.array([[99.0 if name != "annual_income" else 1.0 for name in table.names]] * 2)
    values[1, table.names.index("term_months")] = np.nan
    counts = [table.names.index(name) for name in ("interest_rate", "employment_years", "delinquencies_2y")]
    calls: list[int] = []

    def log_odds(given: NDArray[np.float64]) -> NDArray[np.float64]:
        calls.append(len(given))
        # Only three columns count for every loan, the term where it is missing, and a lower income is safer.
        total = given[:, counts].sum(axis=1) + given[:, table.names.index("annual_income")] / 1e6
        return np.asarray(total + np.isnan(given[:, table.names.index("term_months")]))

    given = basis(table, contributions, values)
    asked = Fidelity(log_odds, log_odds(values), values, given.norms)
    calls.clear()
    found, told = reason_lists(table, given, asked, seen=slice(None), told=slice(None))
    assert [[one["code"] for one in row] for row in found] == [
        ["pricing", "employment", "delinquency", "income_proof"],
        ["pricing", "term", "employment", "delinquency", "income_proof"],
    ]
    assert [[one["code"] for one in row] for row in told] == [[], ["term"]]
    # The four strongest of both rows for either reader, who share most; then, as some fail, all others, in one call.
    assert calls == [10, 4]
    assert reason_lists(table, given, asked, seen=slice(None), told=slice(0)) == (found, [])
    assert reason_lists(table, given, asked, seen=slice(1), told=slice(1, 2)) == (found[:1], told[1:])


def test_a_group_whose_features_are_all_at_their_norms_is_no_reason(table: FeatureTable) -> None:
    values = np.array([[NORMS.get(name, np.nan) for name in table.names]], dtype=np.float64)
    (reasons,) = reason_rows(table, basis(table, np.full(values.shape, 0.5), values))
    at_norm = {code for code, columns in table.group_columns.items() if not np.isnan(values[0, columns]).any()}
    assert at_norm
    assert not at_norm & {reason["code"] for reason in reasons}
