"""What an applicant may be told, which way it reads, and whether the model bears it out."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scoring.ml.champion import Champion
from scoring.ml.features import FeatureTable
from scoring.ml.fidelity import Fidelity
from scoring.ml.reasons import (
    Reason,
    applicant_reasons,
    fidelity,
    is_nameable,
    reason_lists,
    reason_rows,
)
from scoring.ml.vocabulary import Label, Words
from tests.scoring.ml.conftest import Book
from tests.scoring.ml.reasoning import NORMS, basis, en, reasons, unnameable


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
