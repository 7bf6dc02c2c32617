"""Repayment month by month, from the API and files to labels: bad, good, not known; restated, never overwritten."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Case
from learning.actions import ObservedOutcome, record_outcomes
from learning.from_repayment import label_repayment
from learning.labels import window_of
from learning.models import Label
from portfolio.models import Loan, RepaymentMonth
from portfolio.months import Month, first_bad, is_known_good
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.api.calls import Caller
from tests.api.conftest import outcomes

__all__ = ["outcomes"]


@pytest.fixture
def loans(champion: ModelVersion, policy: Policy) -> list[Case]:
    """Two loans of two years ago and one of four months ago, all granted by the machine."""
    make.cases(2, applied_at=timezone.now() - timedelta(days=730))
    make.case("young", applied_at=timezone.now() - timedelta(days=120))
    make.run_machine()
    return list(Case.objects.order_by("pk"))


def day(case: Case, days: int) -> str:
    return (timezone.localtime(case.applied_at) + timedelta(days=days)).date().isoformat()


def month(case: Case, days: int, dpd: int = 0, **more: Any) -> dict[str, Any]:
    return {"loan_ref": case.ref, "as_of": day(case, days), "dpd": dpd, **more}


def year(case: Case, bad_from: int = 9999) -> list[dict[str, Any]]:
    """Thirteen months, from `bad_from` days on ninety days past due."""
    return [month(case, days, 90 if days >= bad_from else 0) for days in range(30, 400, 30)]


def labels() -> list[tuple[int, str, bool | None, str]]:
    told = Label.objects.order_by("pk").values_list("case", "source", "is_bad", "given_by")
    return [(case, source, bad, by) for case, source, bad, by in told]


def test_months_become_matured_outcomes_and_early_bads(outcomes: Caller, loans: list[Case]) -> None:
    good, bad, young = loans
    sent = [*year(good), *year(bad, bad_from=200), month(young, 60, 0), month(young, 90, 95)]
    answer = outcomes.post("/performance", sent).json()
    assert (answer["accepted"], answer["duplicates"], answer["rejected"]) == (28, 0, [])
    assert outcomes.post("/performance", sent).json()["duplicates"] == 28
    assert (label_repayment(), label_repayment()) == (3, 0)
    assert sorted(labels()) == [
        (good.pk, "outcome", False, "portfolio"),
        (bad.pk, "outcome", True, "portfolio"),
        (young.pk, "early_bad", True, "portfolio"),
    ]
    label = Label.objects.get(case=good)
    assert (label.maturity, label.observed_at) == (1.0, good.applied_at + window_of(good.term_months))
    # What is not over yet is looked at again when it is.
    due = dict(Loan.objects.values_list("case", "look_at"))
    assert due == {good.pk: None, bad.pk: None, young.pk: young.applied_at + window_of(young.term_months)}
    over = due[young.pk]
    assert over is not None
    assert label_repayment(now=over) == 1
    assert labels()[-1] == (young.pk, "outcome", True, "portfolio")


def test_restated_months_restate_the_outcome_and_nothing_is_overwritten(outcomes: Caller, loans: list[Case]) -> None:
    loan = loans[0]
    outcomes.post("/performance", year(loan))
    label_repayment()
    outcomes.post("/performance", [month(loan, 180, 120)])
    assert (label_repayment(), RepaymentMonth.objects.filter(as_of=day(loan, 180)).count()) == (1, 2)
    assert [(source, bad) for _case, source, bad, _by in labels()] == [("outcome", False), ("outcome", True)]
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        RepaymentMonth.objects.update(dpd=0)


def test_what_somebody_told_of_a_loan_stands_and_a_gap_says_nothing(outcomes: Caller, loans: list[Case]) -> None:
    told, gap = loans[:2]
    record_outcomes([ObservedOutcome(told.pk, told.applied_at + timedelta(days=500), True)], given_by="core")
    outcomes.post("/performance", [*year(told), *year(gap)[:4], *year(gap)[8:]])
    assert (label_repayment(), labels()) == (0, [(told.pk, "outcome", True, "core")])


def test_rows_that_are_wrong_are_told_with_their_fields_and_harm_no_other(outcomes: Caller, loans: list[Case]) -> None:
    loan = loans[0]
    make.case("asked", applied_at=timezone.now() - timedelta(days=9))
    rows = [
        month(loan, 30),
        {"loan_ref": "nobody", "as_of": day(loan, 30), "dpd": 0},
        month(loan, -30),
        month(loan, 800),
        {**month(loan, 30), "dpd": 1.5, "balance": "much"},
        {**month(loan, 30), "dpd": -1, "late": True},
        {"loan_ref": "asked", "as_of": timezone.localdate().isoformat(), "dpd": 0},
        "row",
        {**month(loan, 30), "loan_ref": "\ud83d", "source": "a\x00"},
    ]
    answer = outcomes.post("/performance", rows).json()
    told = [(each["index"], [(one["field"], one["code"]) for one in each["errors"]]) for each in answer["rejected"]]
    assert (answer["accepted"], told) == (1, [
        (1, [("loan_ref", "unknown_case")]),
        (2, [("as_of", "before_application")]),
        (3, [("as_of", "in_the_future")]),
        (4, [("dpd", "not_an_integer"), ("balance", "not_a_number")]),
        (5, [("late", "unknown_field"), ("dpd", "out_of_range")]),
        (6, [("loan_ref", "no_loan")]),
        (7, [("", "not_an_object")]),
        (8, [("loan_ref", "forbidden_character"), ("source", "forbidden_character")]),
    ])  # fmt: skip


def test_a_file_of_months_is_recorded_row_by_row(
    loans: list[Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "months.csv"
    lines = ["loan_ref,as_of,dpd,balance", f"B-0,{day(loans[0], 30)},0,90.5", f"B-1,{day(loans[1], 30)},late,",
             f"{loans[1].ref},{day(loans[1], 60)},31,"]  # fmt: skip
    path.write_text("\n".join(lines), encoding="utf-8")
    call_command("import_performance", str(path), "--source", "branch-los", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["accepted"], told["rejected"], told["errors"][0]["row"]) == (3, 2, 1, 3)
    assert told["errors"][0]["errors"][0]["field"] == "dpd"
    path.write_text("a,b\n1,2", encoding="utf-8")
    with pytest.raises(CommandError, match="needs the columns as_of, dpd, loan_ref"):
        call_command("import_performance", str(path), "--source", "branch-los")


def test_good_is_known_where_all_the_window_was_told_or_the_loan_is_paid() -> None:
    since, until = date(2025, 1, 15), date(2026, 1, 15)
    months = [Month(since + timedelta(days=days), 0) for days in range(30, 361, 30)]
    assert is_known_good(months, since, until)
    assert not is_known_good(months[:9], since, until)
    assert is_known_good([*months[:8], Month(date(2025, 10, 1), 0, is_paid=True)], since, until)
    assert not is_known_good([], since, until)
    assert not is_known_good([*months, Month(date(2025, 6, 2), 90)], since, until)
    # What came behind the window says nothing of it.
    assert first_bad([Month(date(2026, 2, 1), 200)], until) is None
