"""A file that waits for its first look, read anew under another mapping: history, references that change hands, rows
that stand twice, rows that only the right reference tells apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from cases.models import Case, User
from cases.states import Role
from intake.models import CaseOrigin, FirstRows, ReadingLook
from intake.signing.first_look import confirm_reading
from scoring.actions import take_chunk
from tests import make
from tests.intake.test_first_look import LOANS, RIGHT, WRONG, WRONG_ROWS, Arrive, arrive

__all__ = ["arrive"]

BOOK = RIGHT.replace("Guarantor No", "Loan No") + "decided: approved\n"


def test_a_book_of_decided_loans_that_waited_is_history_and_no_work_for_the_machine(
    arrive: Arrive, tmp_path: Path
) -> None:
    arrive(WRONG + WRONG_ROWS)
    book = tmp_path / "book.yaml"
    book.write_text(BOOK, encoding="utf-8")
    assert arrive(WRONG + WRONG_ROWS, mapping=book).accepted == 2
    told = set(Case.objects.values_list("state", "outcome", "decided_by"))
    assert told == {("approved", "approve", "lender")}
    names = [event.name for event in Case.objects.get(external_ref="L-1").events.all()]
    assert names == ["receive", "hold", "resubmit", "record_approved"]
    assert take_chunk("worker", attempts=0, size=10) == []


@pytest.mark.parametrize("shift", [1, -1, 0])
def test_references_that_were_those_of_other_rows_change_hands_and_no_row_comes_twice(
    arrive: Arrive, tmp_path: Path, shift: int
) -> None:
    """Of two running numbers the wrong one was taken; with `shift` 0 each row has the number of its mirror."""
    count = 1_200
    numbers = [number + shift if shift else count + 1 - number for number in range(1, count + 1)]
    rows = [f"{own},{number},C-{number},{1_000 + number},12,2026-01-05" for number, own in enumerate(numbers, 1)]
    text = WRONG + "\n".join(rows) + "\n"
    assert arrive(text).held == count
    before = dict(Case.objects.values_list("external_ref", "pk"))
    right = tmp_path / "right.yaml"
    right.write_text(RIGHT, encoding="utf-8")
    report = arrive(text, mapping=right)
    assert (report.accepted, report.rejected, Case.objects.count()) == (count, 0, count)
    now = {ref: (pk, int(amount)) for ref, pk, amount in Case.objects.values_list("external_ref", "pk", "amount")}
    assert now == {str(own): (before[str(n)], 1_000 + n) for n, own in enumerate(numbers, 1)}
    assert set(Case.objects.values_list("state", flat=True)) == {"received"}


def test_the_rows_of_a_reading_that_waits_are_kept_whatever_comes_since(arrive: Arrive) -> None:
    rows = [f"L-{number},C-{number},G-{number},5000,24,2026-01-05" for number in range(1_200)]
    arrive(LOANS + "\n".join(rows) + "\n")
    others = [row.replace("L-", "M-") for row in rows]
    arrive(LOANS.replace("Loan Amount", "Loan Amount (USD)") + "\n".join(others) + "\n", "other.csv")
    arrive(LOANS.replace("Loan Amount", "Loan Amount (USD)") + others[0].replace("M-0", "M-X") + "\n", "more.csv")
    kept = FirstRows.objects.order_by("batch").values_list("batch__mapping__number", "batch__name")
    assert list(kept) == [(1, "loans.csv"), (2, "other.csv"), (3, "more.csv")]
    ReadingLook.objects.filter(version__number=1).update(
        looked_by=make.user("boss", Role.SUPERVISOR), looked_at=timezone.now()
    )
    arrive(LOANS.replace("Loan Amount", "Loan Amount (USD)") + others[1].replace("M-1", "M-Y") + "\n", "last.csv")
    assert not FirstRows.objects.filter(batch__name="loans.csv").exists()


TWICE = "Loan No,Contract No,Customer No,Loan Amount,Term (months),Application Date\n" + "".join(
    f"L-{n},K-90{n},C-{n},{4_000 + n}000,24,2026-01-05\n" for n in (1, 2, 2, 3)
)
FLEET = "Contract Number,Serial Number,Lessee ID,Financed Amount (USD),Term (months),Application Date\n" + "".join(
    f"EQ-100{n // 4},SN-{n},L-{n // 4},{40 + n // 4}000,36,2026-01-0{1 + n // 4}\n" for n in (1, 2, 3, 4, 8)
)


def by_column(tmp_path: Path, reference: str, amount: str, applicant: str, term: str = "Term (months)") -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(
        f"""
fields:
  external_ref: {{column: {reference}}}
  product: {{constant: equipment}}
  amount: {{column: {amount}}}
  currency: {{constant: USD}}
  term_months: {{column: {term}}}
  applied_at: {{column: Application Date}}
  applicant.id: {{column: {applicant}}}
""",
        encoding="utf-8",
    )
    return path


def references() -> list[str]:
    return list(Case.objects.order_by("external_ref").values_list("external_ref", flat=True))


def test_a_row_that_stands_twice_comes_once(arrive: Arrive, tmp_path: Path) -> None:
    first = arrive(TWICE)
    assert (first.accepted, first.duplicates) == (3, 1)
    report = arrive(TWICE, mapping=by_column(tmp_path, "Contract No", "Loan Amount", "Customer No"))
    assert (report.accepted, report.duplicates, report.rejected) == (3, 1, 0)
    assert references() == ["K-901", "K-902", "K-903"]


def test_equal_rows_that_only_the_right_reference_tells_apart_all_come(arrive: Arrive, tmp_path: Path) -> None:
    first = arrive(FLEET)
    assert (first.accepted, first.duplicates) == (3, 2)
    own = by_column(tmp_path, "Serial Number", "Financed Amount (USD)", "Lessee ID")
    report = arrive(FLEET, mapping=own)
    assert (report.accepted, report.duplicates, report.rejected) == (5, 0, 0)
    assert references() == ["SN-1", "SN-2", "SN-3", "SN-4", "SN-8"]
    assert set(Case.objects.values_list("state", flat=True)) == {"received"}


def test_where_the_first_reading_was_confirmed_a_person_says_whether_they_are_news(
    arrive: Arrive, tmp_path: Path, supervisor: User
) -> None:
    arrive(FLEET)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    own = by_column(tmp_path, "Serial Number", "Financed Amount (USD)", "Lessee ID")
    report = arrive(FLEET, mapping=own)
    assert (report.accepted, report.duplicates, report.held) == (2, 3, 2)
    held = Case.objects.filter(state="needs_data").order_by("external_ref")
    assert [case.external_ref for case in held] == ["SN-2", "SN-3"]
    assert {finding["code"] for case in held for finding in case.findings} == {"equal_but_number"}


def confirmed_by_contract(arrive: Arrive, tmp_path: Path, text: str) -> Path:
    """The file is taken in by a mapping that has the contract as reference; the mapping of the serial numbers."""
    arrive(text, mapping=by_column(tmp_path, "Contract Number", "Financed Amount (USD)", "Lessee ID"))
    return by_column(tmp_path, "Serial Number", "Financed Amount (USD)", "Lessee ID")


def of_contract(contract: int, serial: int) -> str:
    return f"EQ-{contract},SN-{serial:04},L-{contract},{40 + contract}000,36,2026-01-05\n"


def test_an_equal_row_behind_the_border_of_a_chunk_is_asked_about(arrive: Arrive, tmp_path: Path) -> None:
    """Three trucks of a contract: that of the contract 334 are the rows 999, 1,000 and 1,001."""
    heads, count = FLEET.splitlines(keepends=True)[0], 1_200
    text = heads + "".join(of_contract((n + 1) // 3 + 1, n) for n in range(1, count + 1))
    report = arrive(text, mapping=confirmed_by_contract(arrive, tmp_path, text))
    contracts = Case.objects.filter(external_ref__startswith="EQ-").count()
    assert (report.duplicates, report.held, report.rejected) == (contracts, count - contracts, 0)
    held = Case.objects.filter(external_ref__startswith="SN-")
    assert set(held.values_list("state", flat=True)) == {"needs_data"}
    assert Case.objects.count() == count
    again = arrive(text, "again.csv", mapping=tmp_path / "own.yaml")
    assert (again.duplicates, again.accepted, Case.objects.count()) == (count, 0, count)


def test_an_equal_row_that_comes_alone_in_a_later_file_is_asked_about(arrive: Arrive, tmp_path: Path) -> None:
    heads = FLEET.splitlines(keepends=True)[0]
    own = confirmed_by_contract(arrive, tmp_path, heads + of_contract(1, 1) + of_contract(2, 2))
    report = arrive(heads + of_contract(1, 7) + of_contract(2, 2) + of_contract(3, 3), "later.csv", mapping=own)
    assert (report.accepted, report.duplicates, report.held) == (2, 1, 1)
    assert references() == ["EQ-1", "EQ-2", "SN-0003", "SN-0007"]
    (finding,) = Case.objects.get(external_ref="SN-0007").findings
    assert (finding["code"], finding["params"]) == ("equal_but_number", {"value": "EQ-1"})


def test_of_cases_from_before_that_was_kept_only_rows_that_stand_together_are_asked_about(
    arrive: Arrive, tmp_path: Path
) -> None:
    heads = FLEET.splitlines(keepends=True)[0]
    own = confirmed_by_contract(arrive, tmp_path, heads + of_contract(1, 1))
    CaseOrigin.objects.update(left_out=[])
    report = arrive(heads + of_contract(1, 1) + of_contract(1, 7), "later.csv", mapping=own)
    assert (report.duplicates, report.held) == (1, 1)
    assert references() == ["EQ-1", "SN-0007"]
