"""`POST /outcomes`: how loans went, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.models import Case
from learning.models import Label
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.api.calls import Caller, codes, ndjson, problem


@pytest.fixture
def loan(champion: ModelVersion, policy: Policy) -> Case:
    """A loan the machine granted two years ago."""
    made = make.case("L-1", applied_at=timezone.now() - timedelta(days=730))
    make.run_machine()
    granted = make.reread(made)
    assert granted.state == "approved"
    return granted


def outcome(case: Case, *, days: int = 400, bad: bool = False, **changes: Any) -> dict[str, Any]:
    """What is seen `days` after the application."""
    seen = (case.applied_at + timedelta(days=days)).isoformat()
    return {"case_ref": case.ref, "observed_at": seen, "bad": bad, **changes}


def test_an_outcome_becomes_a_label_with_its_sender(outcomes: Caller, loan: Case) -> None:
    response = outcomes.post("/outcomes", [outcome(loan, bad=True)])
    assert (response.status_code, response.json()) == (200, {"accepted": 1, "duplicates": 0, "rejected": []})
    label = Label.objects.get()
    assert (label.case, label.source, label.is_bad, label.given_by) == (loan, "outcome", True, "core-banking")
    assert label.observed_at == loan.applied_at + timedelta(days=400)


def test_the_lenders_own_reference_names_the_case_too(outcomes: Caller, loan: Case) -> None:
    row = {"external_ref": "L-1", "observed_at": "2026-01-05T09:30:00+08:00", "bad": False}
    other = {**row, "observed_at": "2026-02-05T09:30:00+08:00", "source": "branch-los", "case_ref": None}
    assert outcomes.post("/outcomes", [row, other]).json()["accepted"] == 2
    assert Label.objects.filter(case=loan).count() == 2


def test_a_reference_of_two_sources_needs_the_source(outcomes: Caller, loan: Case) -> None:
    make.case("L-1", source="web")
    row = {"external_ref": "L-1", "observed_at": "2026-01-05T09:30:00+08:00", "bad": False}
    answer = outcomes.post("/outcomes", [row, {**row, "source": "branch-los"}]).json()
    assert answer["accepted"] == 1
    assert [(each["index"], codes(each["errors"])) for each in answer["rejected"]] == [
        (0, {"external_ref": "several_cases"})
    ]


def test_each_row_is_accepted_known_or_rejected_by_itself(outcomes: Caller, loan: Case) -> None:
    waiting = make.case("L-2")
    first = outcome(loan)
    rows = [
        first,
        first,
        {**first, "bad": True},
        outcome(waiting, days=0),
        {**first, "case_ref": "CR-0"},
        {"colour": "red"},
        "text",
        outcome(loan, days=500, bad=True),
    ]
    answer = outcomes.post("/outcomes", rows).json()
    assert (answer["accepted"], answer["duplicates"]) == (2, 1)
    assert [(each["index"], codes(each["errors"])) for each in answer["rejected"]] == [
        (2, {"bad": "other_outcome"}),
        (3, {"bad": "no_loan"}),
        (4, {"case_ref": "unknown_case"}),
        (5, {"colour": "unknown_field", "case_ref": "required", "observed_at": "required", "bad": "required"}),
        (6, {"": "not_an_object"}),
    ]
    assert list(Label.objects.order_by("observed_at").values_list("is_bad", flat=True)) == [False, True]


def test_a_moment_in_a_zone_that_the_database_refuses_is_the_same_moment(outcomes: Caller, loan: Case) -> None:
    at = datetime.fromisoformat(outcome(loan)["observed_at"])
    far = at.astimezone(timezone.get_fixed_timezone(-20 * 60)).isoformat()
    assert outcomes.post("/outcomes", [{**outcome(loan), "observed_at": far}]).json()["accepted"] == 1
    assert Label.objects.get().observed_at == at


def test_the_same_batch_twice_adds_nothing(outcomes: Caller, loan: Case) -> None:
    rows = [outcome(loan, days=days) for days in (380, 390, 400)]
    assert outcomes.post("/outcomes", rows).json()["accepted"] == 3
    again = outcomes.post("/outcomes", raw=ndjson(rows), content_type="application/x-ndjson").json()
    assert again == {"accepted": 0, "duplicates": 3, "rejected": []}
    assert Label.objects.count() == 3


def test_an_outcome_seen_before_the_loan_matures_says_so(outcomes: Caller, loan: Case) -> None:
    outcomes.post("/outcomes", [outcome(loan, days=100), outcome(loan, days=200, bad=True)])
    assert list(Label.objects.order_by("observed_at").values_list("source", "is_bad")) == [
        ("immature_good", False), ("early_bad", True),
    ]  # fmt: skip


def test_more_than_10000_outcomes_answer_413(outcomes: Caller, loan: Case) -> None:
    problem(outcomes.post("/outcomes", [outcome(loan), *[{}] * 10_000]), 413)
    assert Label.objects.count() == 0


def test_the_number_of_queries_does_not_grow_with_the_rows(
    outcomes: Caller, loan: Case, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {"external_ref": "L-1", "observed_at": (start + timedelta(hours=hour)).isoformat(), "bad": False}
        for hour in range(300)
    ]
    with django_assert_max_num_queries(12):
        assert outcomes.post("/outcomes", rows).json()["accepted"] == 300
