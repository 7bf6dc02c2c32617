"""A corrected row of a table whose number has a name that nobody knows is asked about."""

from __future__ import annotations

import pytest

from cases.models import Case
from cases.states import State
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_left_out import counts

__all__ = ["arrive"]

HEADER = "Application Label,Customer,Loan Amount,Term (months),Application Date\n"


def loan(at: int, *, amount: int = 0, key: str = "RZ2026{:05d}") -> str:
    return f"{key.format(at)},C-{at % 40},{amount or 40_000 + at * 137},24,2026-0{at % 8 + 1}-{at % 27 + 1:02d}\n"


def findings() -> list[dict[str, object]]:
    return [finding for case in Case.objects.filter(state=State.NEEDS_DATA).order_by("pk") for finding in case.findings]


def test_rows_with_another_amount_under_numbers_on_record_wait_for_a_person(arrive: Arrive) -> None:
    first = arrive(HEADER + "".join(map(loan, range(60))), "monday.csv", unattended=False)
    assert counts(first) == (60, 0, 0, 0)
    second = HEADER + "".join(loan(at, amount=999_000 + at if at < 5 else 0) for at in range(70))
    report = arrive(second, "tuesday.csv", unattended=False)
    assert counts(report) == (15, 55, 0, 5)
    ref = Case.objects.order_by("pk")[0].external_ref
    asked = findings()
    assert {finding["code"] for finding in asked} == {"number_on_record"}
    assert asked[0]["params"] == {"column": "Application Label", "value": ref}
    assert asked[0]["en"] == (
        f"A case with the same number in the column “Application Label” is on record as {ref}: if it is the same loan,"
        " have this one withdrawn."
    )
    # The same list again says nothing new.
    assert counts(arrive(second, "again.csv", unattended=False)) == (0, 70, 0, 0)


@pytest.mark.parametrize("key", ["RZ2027{:05d}", ""])
def test_other_numbers_and_none_are_other_loans(arrive: Arrive, key: str) -> None:
    arrive(HEADER + "".join(map(loan, range(60))), "monday.csv", unattended=False)
    rows = "".join(loan(at, amount=999_000 + at, key=key) for at in range(60))
    assert counts(arrive(HEADER + rows, "tuesday.csv", unattended=False)) == (60, 0, 0, 0)
