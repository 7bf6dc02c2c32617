"""Which numbers of a row find its case: those of contracts in all their forms, and no mere count of lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from intake.mapped.left_out import digests_of, reference_digest
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_known_numbers import numbered
from tests.intake.test_left_out import LEASES, counts, lease, mapping
from tests.intake.test_migrations import case_of
from tests.migrated import migrate, tables_of_before

__all__ = ["arrive"]


@pytest.mark.parametrize(
    "form",
    ["LN {:04}", "（2026）沪借字第 {:04} 号", "2026.01.{:04}", "6222 0011 {:04}", "{:04}/2026", "EQ%{}", "{}", "{:05}"],
)
def test_contract_numbers_have_many_forms(arrive: Arrive, tmp_path: Path, form: str) -> None:
    def rolling(first: int, last: int) -> str:
        rows = enumerate(range(first, last + 1), 1)
        return f"No,{LEASES}\n" + "".join(f"{no},{lease(n).replace(f'EQ-{n}', form.format(n), 1)}\n" for no, n in rows)

    arrive(rolling(1, 30), "jan.csv", mapping=mapping(tmp_path, "No"))
    assert counts(arrive(rolling(3, 35), "feb.csv", mapping=mapping(tmp_path, "Contract Number"))) == (5, 28, 0, 0)


@pytest.mark.parametrize("header", ["Contract Number.", "contract_number", "CONTRACT-NUMBER:", "Contract Number*"])
def test_marks_and_case_make_no_other_column(arrive: Arrive, tmp_path: Path, header: str) -> None:
    arrive(numbered(1, 30), "jan.csv", mapping=mapping(tmp_path, "No"))
    own = mapping(tmp_path, "Contract Number")
    own.write_text(own.read_text(encoding="utf-8").replace("{column: Contract Number}", f"{{column: '{header}'}}"))
    report = arrive(numbered(3, 35).replace("Contract Number", header), "feb.csv", mapping=own)
    assert counts(report) == (5, 28, 0, 0)


def test_a_contract_that_was_taken_for_the_person_finds_its_case(arrive: Arrive, tmp_path: Path) -> None:
    own = mapping(tmp_path, "No")
    own.write_text(own.read_text(encoding="utf-8").replace("{column: Lessee ID}", "{column: Contract Number}"))
    arrive(numbered(1, 30), "jan.csv", mapping=own)
    assert counts(arrive(numbered(3, 35), "feb.csv", mapping=mapping(tmp_path, "Contract Number"))) == (5, 28, 0, 0)


def test_contracts_that_are_numbered_with_the_signing_are_known_though_most_have_no_number(
    arrive: Arrive, tmp_path: Path
) -> None:
    def rolling(first: int, last: int) -> str:
        rows = enumerate(range(first, last + 1), 1)
        told = (f"{no},{lease(n) if n % 5 < 2 else lease(n).replace(f'EQ-{n}', '', 1)}\n" for no, n in rows)
        return f"No,{LEASES}\n" + "".join(told)

    arrive(rolling(1, 30), "jan.csv", mapping=mapping(tmp_path, "No"))
    assert counts(arrive(rolling(3, 35), "feb.csv", mapping=mapping(tmp_path, "Contract Number"))) == (2, 11, 20, 0)


@pytest.mark.parametrize("header", ["No,", ""])
def test_a_number_that_a_loan_got_since_finds_its_case(arrive: Arrive, tmp_path: Path, header: str) -> None:
    def table(rows: list[str], *columns: str) -> str:
        return ",".join([*columns, LEASES.removeprefix("Contract Number,")]) + "\n" + "".join(rows)

    rest = {n: lease(n).removeprefix(f"EQ-{n},") for n in range(1, 27)}
    by_application = mapping(tmp_path, "Application No")
    if header:
        first = table([f"AP-{n},,{rest[n]}\n" for n in range(1, 21)], "Application No", "Contract Number")
    else:
        first = table([f"AP-{n},{rest[n]}\n" for n in range(1, 21)], "Application No")
    signed = [f"AP-{n},EQ-{n},{rest[n]}\n" for n in range(1, 25)]
    assert counts(arrive(first, "jan.csv", mapping=by_application)) == (20, 0, 0, 0)
    feb = table(signed, "Application No", "Contract Number")
    assert counts(arrive(feb, "feb.csv", mapping=by_application)) == (4, 20, 0, 0)
    mar = table([f"EQ-{n},{rest[n]}\n" for n in range(1, 27)], "Contract Number")
    assert counts(arrive(mar, "mar.csv", mapping=mapping(tmp_path, "Contract Number"))) == (2, 24, 0, 0)


@pytest.mark.parametrize("placeholder", ["0", "PENDING2026"])
@pytest.mark.parametrize("signed", [0, 8, 17])
def test_what_stands_for_a_number_until_the_signing_is_none(
    arrive: Arrive, tmp_path: Path, placeholder: str, signed: int
) -> None:
    rest = {n: lease(n).removeprefix(f"EQ-{n},") for n in range(1, 23)}
    header = f"Application No,{LEASES}\n"
    by_application = mapping(tmp_path, "Application No")
    jan = "".join(f"AP-{n},{f'EQ-{n}' if n <= signed else placeholder},{rest[n]}\n" for n in range(1, 21))
    assert counts(arrive(header + jan, "jan.csv", mapping=by_application)) == (20, 0, 0, 0)
    feb = "".join(f"AP-{n},EQ-{n},{rest[n]}\n" for n in range(1, 21))
    assert counts(arrive(header + feb, "feb.csv", mapping=by_application)) == (0, 20, 0, 0)
    apr = f"{LEASES}\n" + "".join(f"EQ-{n},{rest[n]}\n" for n in range(1, 23))
    assert counts(arrive(apr, "apr.csv", mapping=mapping(tmp_path, "Contract Number"))) == (2, 20, 0, 0)


def test_a_loan_that_changed_with_the_signing_is_found_by_its_number_and_refused(
    arrive: Arrive, tmp_path: Path
) -> None:
    rest = {n: lease(n).removeprefix(f"EQ-{n},") for n in range(1, 25)}
    by_application = mapping(tmp_path, "Application No")
    applied = LEASES.removeprefix("Contract Number,")
    jan = f"Application No,{applied}\n" + "".join(f"AP-{n},{rest[n]}\n" for n in range(1, 21))
    assert counts(arrive(jan, "jan.csv", mapping=by_application)) == (20, 0, 0, 0)
    less = {**rest, 7: rest[7].replace("40007", "37007")}
    feb = f"Application No,{LEASES}\n" + "".join(f"AP-{n},EQ-{n},{less[n]}\n" for n in range(1, 21))
    assert counts(arrive(feb, "feb.csv", mapping=by_application)) == (0, 19, 1, 0)
    mar = f"{LEASES}\n" + "".join(f"EQ-{n},{less[n]}\n" for n in range(1, 25))
    assert counts(arrive(mar, "mar.csv", mapping=mapping(tmp_path, "Contract Number"))) == (4, 19, 1, 0)


def test_another_loan_of_the_same_person_leaves_no_number_on_the_first(arrive: Arrive, tmp_path: Path) -> None:
    by_person = mapping(tmp_path, "Lessee ID")
    first = (
        LEASES.removeprefix("Contract Number,")
        + "\n"
        + "".join(f"L-{n},{10_000 + n},12,2025-01-05\n" for n in range(1, 21))
    )
    assert counts(arrive(first, "jan.csv", mapping=by_person)) == (20, 0, 0, 0)
    second = f"{LEASES}\n" + "".join(f"{lease(n)}\n" for n in range(1, 26))
    assert counts(arrive(second, "feb.csv", mapping=by_person)) == (5, 0, 20, 0)
    again = arrive(second + "\n", "mar.csv", mapping=mapping(tmp_path, "Contract Number"))
    assert (again.accepted, again.duplicates, again.rejected) == (20, 5, 0)


def test_several_rows_of_one_contract_keep_the_numbers_of_the_first_alone(arrive: Arrive, tmp_path: Path) -> None:
    trucks = "".join(f"{lease(1)},SN-{n}\n" for n in (1, 2, 3))
    arrive(f"{LEASES}\n{lease(1)}\n", "jan.csv", mapping=mapping(tmp_path, "Contract Number"))
    again = arrive(f"{LEASES},Serial\n{trucks}", "feb.csv", mapping=mapping(tmp_path, "Contract Number"))
    assert counts(again) == (0, 3, 0, 0)
    report = arrive(f"{LEASES},Serial\n{trucks}\n", "mar.csv", mapping=mapping(tmp_path, "Serial"))
    assert counts(report) == (2, 1, 0, 2)


@pytest.mark.parametrize("person", ["Customer ID,", ""])
def test_the_lines_of_another_list_are_other_loans(arrive: Arrive, person: str) -> None:
    def customer(number: str) -> str:
        return f"{number}," if person else ""

    rest = f"{person}Loan Amount,Term (months),Application Date\n"
    rows = [f"{n},LN-{n + 900},{customer(f'C{n}')}5000,12,2026-01-05\n" for n in range(1, 31)]
    assert counts(arrive(f"ID,Loan Number,{rest}" + "".join(rows), "a.csv", unattended=False)) == (30, 0, 0, 0)
    others = [f"{n},{customer(f'K{n}')}{5000 + 1000 * (n % 2)},12,2026-01-05\n" for n in range(1, 31)]
    assert counts(arrive(f"ID,{rest}" + "".join(others), "b.csv", unattended=False)) == (30, 0, 0, 0)


def test_somebody_else_with_the_same_number_is_asked_about(arrive: Arrive, tmp_path: Path) -> None:
    arrive(numbered(1, 30), "jan.csv", mapping=mapping(tmp_path, "No"))
    other = f"No,{LEASES}\n1,EQ-7,L-99,77000,12,2026-02-05\n"
    assert counts(arrive(other, "feb.csv", mapping=mapping(tmp_path, "Contract Number"))) == (1, 0, 0, 1)


@pytest.fixture
def before(shared_db: None) -> Iterator[Any]:
    """The tables before cases were found by numbers; afterwards as they are."""
    yield from tables_of_before([("intake", "0029_what_was_left_out")])


def test_the_cases_on_record_are_found_by_what_was_kept_of_them(before: Any) -> None:
    applicant = before.get_model("cases", "Applicant").objects.create(source="branch", external_id="P-1")
    source = before.get_model("intake", "Source").objects.create(slug="branch")
    batch = before.get_model("intake", "Batch").objects.create(source=source, kind="redis", name="loans")
    kept = [*digests_of(settings.SECRET_KEY, {"Serial": "S-1", "Contract": "C-1"}, ["Serial", "Contract"]).values()]
    keys = []
    for reference, left_out in (("007", kept), ("00A", []), ("7", [])):
        with transaction.atomic():
            case = case_of(before, reference, applicant)
        before.get_model("intake", "CaseOrigin").objects.create(case=case, batch=batch, left_out=left_out)
        keys.append(case.pk)
    executor = MigrationExecutor(connection)
    migrate(executor, executor.loader.graph.leaf_nodes("intake"))
    apps = executor.loader.project_state(executor.loader.graph.leaf_nodes()).apps
    numbers = apps.get_model("intake", "CaseNumber").objects.values_list("case", "digest")
    assert set(numbers) == {(keys[0], each) for each in (*kept, reference_digest(settings.SECRET_KEY, "7"))}
