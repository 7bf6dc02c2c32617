"""A row that agrees with a case on record in all but its number is asked about where no number tells them apart."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from cases.models import Case
from cases.states import State
from intake.models import RejectedRow
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_left_out import counts

__all__ = ["arrive"]

HEADER: Final = "Customer ID,Loan Amount,Term (months),Application Date"


def loan(n: int) -> str:
    return f"C{n + 100},{5_000 + 137 * n},12,2026-01-{n % 27 + 1:02d}"


def table(first: int, last: int, *, front: str = "", behind: str = "", own: str = "", cell: str = "") -> str:
    """Loans of customers, with a column in front and one behind, in whose cells {} is the number of the row."""
    rows = (f"{own.format(n)}{loan(n)}{cell.format(n)}\n" for n in range(first, last + 1))
    return f"{front}{HEADER}{behind}\n" + "".join(rows)


def held(code: str = "alike_on_record") -> int:
    cases = Case.objects.filter(state=State.NEEDS_DATA)
    return sum(any(found["code"] == code for found in case.findings) for case in cases)


@pytest.mark.parametrize("header", ["Days Since Application", "Branch Code", "Credit Score"])
def test_without_numbers_a_loan_whose_row_changed_is_asked_about(arrive: Arrive, header: str) -> None:
    arrive(table(1, 20, behind=f",{header}", cell=",4{}"), "jan.csv", unattended=False)
    report = arrive(table(1, 25, behind=f",{header}", cell=",7{}"), "feb.csv", unattended=False)
    assert counts(report) == (25, 0, 0, 20)
    case = Case.objects.filter(state=State.NEEDS_DATA).order_by("pk")[0]
    first = Case.objects.order_by("pk")[0]
    (finding,) = case.findings
    assert (finding["code"], finding["params"]) == ("alike_on_record", {"value": first.external_ref})
    assert finding["en"] == (
        f"A case of the same applicant, product, day, amount and term is on record as {first.external_ref}, and no"
        " number that both have tells them apart: if it is the same, have this one withdrawn."
    )


def test_one_row_that_was_corrected_is_asked_about_and_the_others_are_known(arrive: Arrive) -> None:
    first = table(1, 20, behind=",Annual Income", cell=",{}000")
    arrive(first, "jan.csv", unattended=False)
    report = arrive(first.replace(",7000\n", ",70000\n"), "feb.csv", unattended=False)
    assert (counts(report), held()) == ((1, 19, 0, 1), 1)


def test_an_export_by_another_number_is_asked_about(arrive: Arrive) -> None:
    arrive(table(1, 20, front="Application No,", own="AP-{},"), "jan.csv", unattended=False)
    report = arrive(table(1, 25, front="Contract No,", own="HT-3{},"), "feb.csv", unattended=False)
    assert (counts(report), held()) == ((25, 0, 0, 20), 20)


def test_another_number_in_the_same_column_is_another_loan(arrive: Arrive) -> None:
    arrive(table(1, 20, front="Contract No,", own="HT-3{},"), "jan.csv", unattended=False)
    report = arrive(table(1, 20, front="Contract No,", own="HT-4{},"), "feb.csv", unattended=False)
    assert counts(report) == (20, 0, 0, 0)


def test_other_days_amounts_and_terms_are_other_loans(arrive: Arrive) -> None:
    arrive(f"{HEADER}\n{loan(1)}\n{loan(2)}\n{loan(3)}\n", "jan.csv", unattended=False)
    others = [loan(1).replace("5137", "5138"), loan(2).replace(",12,", ",24,"), loan(3).replace("-01-", "-02-")]
    report = arrive("\n".join([HEADER, *others, ""]), "feb.csv", unattended=False)
    assert counts(report) == (3, 0, 0, 0)


def test_equal_rows_of_one_file_are_loans_of_their_own(arrive: Arrive) -> None:
    assert counts(arrive(f"{HEADER}\n" + f"{loan(1)}\n" * 3, "jan.csv", unattended=False)) == (3, 0, 0, 0)


def test_of_a_book_of_decided_loans_they_are_refused(arrive: Arrive, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "fields:\n  external_ref: {row_hash: values}\n  product: {constant: consumer}\n"
        "  amount: {column: Loan Amount}\n"
        "  currency: {constant: CNY}\n  term_months: {column: Term (months)}\n"
        "  applied_at: {column: Application Date}\n  applicant.id: {column: Customer ID}\n"
        "rest_as_features: true\ndecided: approved\n",
        encoding="utf-8",
    )
    arrive(table(1, 20, behind=",Branch", cell=",4{}"), "jan.csv", mapping=own)
    report = arrive(table(1, 25, behind=",Branch", cell=",7{}"), "feb.csv", mapping=own)
    assert (counts(report), Case.objects.count()) == ((5, 0, 20, 0), 25)
    codes = {error["code"] for row in RejectedRow.objects.all() for error in row.errors}
    assert codes == {"alike_on_record"}
