"""Every real table at hand: each row becomes a valid case or has its reasons, and the same file the same cases."""

import json
from collections import Counter
from pathlib import Path

import pytest

from intake.mapped.submission import Submission
from intake.reading.parse import Table, open_table
from intake.reading.rows import read_rows, sample_rows
from intake.recognition.mapping import CaseMapping, infer_mapping, load_mapping, read_mapping
from tests.intake.places import MAPPINGS, NOW, SAMPLE, existing_tables, name_of

SHIPPED = {
    "lending_club": "lending_club_2016",
    "lending_club_2016": "lending_club_2016",
    "lending_club_2018": "lending_club_2018",
    "german": "german_credit",
    "taiwan": "taiwan_cards",
    "sba": "sba_loans",
}
# What a lender would add for tables without a recognisable amount.
WRITTEN: dict[str, dict[str, object]] = {
    "boston_underwriters": {
        "amount": {"column": "loanamt", "scale": 1000},
        "term_months": {"column": "term", "scale": 1},
    },
    "hmda": {"amount": {"constant": 100000}},
    "pakdd2009": {"amount": {"constant": 1000}},
    "china_sme": {"amount": {"constant": 1000000}, "industry": {"column": "industry_inferred"}},
    "corporate_rating": {"amount": {"constant": 1}, "applied_at": {"column": "Date", "format": "%m/%d/%Y"}},
    "credit_data": {"amount": {"column": "Amount"}, "term_months": {"column": "Time"}},
    "drift_car_loans": {"amount": {"column": "car_value"}, "applied_at": {"column": "timestamp"}},
    "human_overrides": {"amount": {"constant": 1}},
    "lending_club_2007_2010": {"amount": {"column": "installment", "scale": 36}},
    "card_months": {"amount": {"constant": 5000}},
}
ROWS = 1_500


def folder_of(path: Path) -> str:
    return path.name.removesuffix(".csv.gz") if path.parent == SAMPLE else path.parent.name


def mapping_for(path: Path, table: Table) -> CaseMapping:
    folder = folder_of(path)
    if folder in SHIPPED:
        return load_mapping(MAPPINGS / f"{SHIPPED[folder]}.yaml")
    if path.name != "data.csv.gz" or folder not in WRITTEN:
        return infer_mapping(table.columns, sample_rows(table), name_of(path))
    fields = {
        "external_ref": {"row_hash": True},
        "product": {"constant": "other"},
        "currency": {"constant": "USD"},
        "term_months": {"default": 12},
        "applied_at": {"import_time": True},
        "applicant.id": {"derive": "applicant_reference"},
    }
    return read_mapping({"source": folder, "fields": {**fields, **WRITTEN[folder]}, "rest_as_features": True})


def judged(path: Path, mapping: CaseMapping) -> tuple[list[tuple[str, str]], Counter[tuple[str, str]], int]:
    """References and hashes of the valid rows, the reasons of the others by column and code, and the number of rows."""
    valid: list[tuple[str, str]] = []
    reasons: Counter[tuple[str, str]] = Counter()
    count = 0
    for row in read_rows(open_table(path), mapping, now=NOW):
        count += 1
        assert (row.submission is None) == bool(row.errors)
        if isinstance(row.submission, Submission):
            valid.append((row.submission.external_ref, row.submission.content_hash))
        for error in row.errors:
            reasons[error.field, error.code] += 1
            assert json.dumps(error.as_dict())
        if count >= ROWS:
            break
    return valid, reasons, count


@pytest.mark.parametrize("path", existing_tables(), ids=name_of)
def test_a_real_table_is_read_through_its_mapping_twice_alike(path: Path) -> None:
    mapping = mapping_for(path, open_table(path))
    valid, reasons, count = judged(path, mapping)
    assert judged(path, mapping) == (valid, reasons, count)
    assert len({reference for reference, _ in valid}) == len(valid)
    if folder_of(path) in {**SHIPPED, **WRITTEN} and path.name != "credit_record.csv.gz":
        is_plain = path.name in ("data.csv.gz", f"{folder_of(path)}.csv.gz")
        assert not is_plain or len(valid) >= 0.99 * count, reasons


@pytest.mark.parametrize("path", existing_tables(), ids=name_of)
def test_a_real_table_without_a_mapping_never_turns_an_outcome_into_a_feature(path: Path) -> None:
    table = open_table(path)
    mapping = infer_mapping(table.columns, sample_rows(table), name_of(path))
    late = {"Class", "loan_status", "balance", "paid_total", "target", "default", "bad", "mis_status", "chg_off_date"}
    late |= {
        "default_next_month",
        "not.fully.paid",
        "repaid",
        "y_pred",
        "deny",
        "action",
        "approve",
        "ever60",
        "Status",
    }
    assert not mapping.used_columns & late
    valid, reasons, count = judged(path, mapping)
    assert len(valid) == count or reasons


def test_the_sample_is_whole_and_its_two_tables_meet_in_the_same_features() -> None:
    features: list[set[str]] = []
    for year, rows, bad in ((2016, 9_857, 517), (2018, 10_000, 73)):
        table = open_table(SAMPLE / f"lending_club_{year}.csv.gz")
        mapping = load_mapping(MAPPINGS / f"lending_club_{year}.yaml")
        read = list(read_rows(table, mapping, now=NOW))
        assert len(read) == rows
        assert all(row.submission for row in read)
        assert sum(row.outcome.bad for row in read if row.outcome) == bad
        assert sum(row.outcome is not None for row in read) == rows
        assert {row.outcome.mature for row in read if row.outcome} == {year == 2016}
        cases = [row.submission for row in read if row.submission]
        assert len({case.external_ref for case in cases}) == rows
        assert 0.01 < sum(case.applicant.key_customer for case in cases) / rows < 0.03
        assert {case.applied_at.year for case in cases} == {year}
        assert {"applicant.name", "applied_at", "applicant.id"} <= set(cases[0].derived)
        grades = {case.features["sub_grade"] for case in cases}
        assert grades <= set(range(1, 36))
        features.append(set(cases[0].features))
    assert features[0] < features[1]
    assert features[1] - features[0] == {"purpose", "home_ownership", "job_title", "debt_to_income"}


def test_the_sample_is_small_and_its_licences_lie_beside_it() -> None:
    files = sorted(SAMPLE.glob("*.csv.gz"))
    assert sum(path.stat().st_size for path in files) < 1_500_000
    for path in files:
        assert (SAMPLE / f"LICENSE-{path.name.removesuffix('.csv.gz')}.txt").is_file()
