"""Somebody who borrows the same amount again has another loan, where no number and no day tells loans apart."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cases.models import Case
from intake.models import RejectedRow
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_left_out import counts

__all__ = ["arrive"]

BORROWERS = "Customer ID,Name,Loan Amount,Term (months)"


def borrowers(numbers: Iterable[int], more: str = "", cell: str = "") -> str:
    rows = (
        f"C{n * 7 + 100},Ann Lee{n},{1000 * (n % 5 + 1)},{6 * (n % 2 + 1)}{cell and f',{cell.format(n % 27 + 1)}'}\n"
        for n in numbers
    )
    return f"{BORROWERS}{more and f',{more}'}\n" + "".join(rows)


@pytest.mark.parametrize(
    ("more", "cell"),
    [("", ""), ("Application Date", "2026-01"), ("Application Month", "2026-01"), ("Birth Date", "1990-01-{:02}")],
)
def test_the_second_loan_of_a_borrower_is_asked_about(arrive: Arrive, more: str, cell: str) -> None:
    jan = borrowers(range(1, 31), more, cell)
    assert counts(arrive(jan, "jan.csv", unattended=False)) == (30, 0, 0, 0)
    before = list(Case.objects.order_by("pk").values())
    feb = borrowers([*range(31, 56), 3, 7, 11, 19, 20], more, cell)
    assert counts(arrive(feb, "feb.csv", unattended=False)) == (25, 0, 5, 0)
    assert list(Case.objects.order_by("pk").values())[:30] == before
    rejected = RejectedRow.objects.order_by("row_number")
    assert [each.row_number for each in rejected] == [27, 28, 29, 30, 31]
    assert {error["code"] for each in rejected for error in each.errors} == {"equal_row_before"}
    assert rejected[0].errors[0]["en"].startswith("An equal row came before in jan.csv,")


def test_a_day_tells_the_loans_of_a_borrower_apart(arrive: Arrive) -> None:
    jan = borrowers(range(1, 31), "Application Date", "2026-01-{:02}")
    assert counts(arrive(jan, "jan.csv", unattended=False)) == (30, 0, 0, 0)
    again = borrowers([*range(31, 56), 3, 7], "Application Date", "2026-01-{:02}")
    assert counts(arrive(again, "feb.csv", unattended=False)) == (25, 2, 0, 0)


def test_a_number_of_the_loan_that_is_read_as_a_feature_does_so_too(arrive: Arrive) -> None:
    def signed(numbers: Iterable[int]) -> str:
        return "".join(
            f"{row},{'Agreement' if not at else 'HT-' + row.split(',')[0][1:]}\n"
            for at, row in enumerate(borrowers(numbers).splitlines())
        )

    assert counts(arrive(signed(range(1, 31)), "jan.csv", unattended=False)) == (30, 0, 0, 0)
    assert counts(arrive(signed([*range(31, 56), 3, 7]), "feb.csv", unattended=False)) == (25, 2, 0, 0)


def test_lists_that_hold_the_loans_of_before_stay_known(arrive: Arrive) -> None:
    assert counts(arrive(borrowers(range(1, 31)), "jan.csv", unattended=False)) == (30, 0, 0, 0)
    # The same again in another order, a part of it, a longer one, and the new ones of that beside a few of the first.
    assert counts(arrive(borrowers(range(30, 0, -1)), "again.csv", unattended=False)) == (0, 30, 0, 0)
    assert counts(arrive(borrowers(range(5, 20)), "part.csv", unattended=False)) == (0, 15, 0, 0)
    assert counts(arrive(borrowers(range(1, 41)), "feb.csv", unattended=False)) == (10, 30, 0, 0)
    assert counts(arrive(borrowers(range(1, 46)), "mar.csv", unattended=False)) == (5, 40, 0, 0)
    assert counts(arrive(borrowers(range(25, 48)), "apr.csv", unattended=False)) == (2, 21, 0, 0)


def test_a_second_loan_beside_the_first_comes_in(arrive: Arrive) -> None:
    assert counts(arrive(borrowers(range(1, 31)), "jan.csv", unattended=False)) == (30, 0, 0, 0)
    assert counts(arrive(borrowers([*range(1, 36), 3, 7]), "feb.csv", unattended=False)) == (7, 30, 0, 0)
