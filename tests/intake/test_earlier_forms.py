"""Loans without a number are known when their days and amounts come in another form together with a new column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import pytest

from cases.models import Case
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_left_out import counts

__all__ = ["arrive"]

ROWS: Final = range(1, 21)
DAYS: Final[dict[str, Callable[[date], str]]] = {
    "2026-01-13": "{:%Y-%m-%d}".format,
    "13/01/2026": "{:%d/%m/%Y}".format,
    "01/13/2026": "{:%m/%d/%Y}".format,
    "13.01.2026": "{:%d.%m.%Y}".format,
}


@pytest.mark.parametrize("then", DAYS)
@pytest.mark.parametrize("now", DAYS)
def test_days_in_another_form_beside_a_number_of_the_loan_are_the_days_of_before(
    arrive: Arrive, then: str, now: str
) -> None:
    def table(form: str, number: str) -> str:
        rows = [
            f"{f'LN-{n + 700},' if number else ''}C{n * 7 + 100},{5_000 + 137 * n},12,{DAYS[form](date(2026, 1, n))}\n"
            for n in ROWS
        ]
        return f"{number}Customer ID,Loan Amount,Term (months),Application Date\n" + "".join(rows)

    assert counts(arrive(table(then, ""), "jan.csv", unattended=False)) == (20, 0, 0, 0)
    assert counts(arrive(table(now, "Loan No,"), "feb.csv", unattended=False)) == (0, 20, 0, 0)
    assert Case.objects.count() == 20


def test_amounts_in_another_form_beside_a_number_of_the_loan_are_those_of_before(arrive: Arrive) -> None:
    def table(mark: str, number: str) -> str:
        rows = [
            f"{f'LN-{n + 700};' if number else ''}C{n * 7 + 100};{5_000 + 137 * n}{mark}5{n % 10};12;2026-01-{n:02d}\n"
            for n in ROWS
        ]
        return f"{number}Customer ID;Loan Amount;Term (months);Application Date\n" + "".join(rows)

    assert counts(arrive(table(".", ""), "jan.csv", unattended=False)) == (20, 0, 0, 0)
    assert counts(arrive(table(",", "Loan No;"), "feb.csv", unattended=False)) == (0, 20, 0, 0)
    amounts = [f"{5_000 + 137 * n}.5{n % 10}" for n in ROWS]
    assert [str(each) for each in Case.objects.order_by("pk").values_list("amount", flat=True)] == amounts
