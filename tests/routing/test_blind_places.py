"""Place and due time of a blind case say nothing of its score, those of cases that waited before included."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from cases.desk_rules import working_hours
from cases.models import Case, User
from cases.placing import rest_cases
from cases.working_time import add_working_hours
from routing.table.tables import Cell, Row
from scoring.models import ModelVersion
from tests import make
from tests.routing.test_opinion_first import RISKY

LARGE = Row("large", {"amount": Cell(">", (50_000.0,))}, {"way": "review", "sla_hours": 4.0}, "Large.", "大额。")


@pytest.fixture
def hurried(champion: ModelVersion, admin: User, supervisor: User) -> None:
    """A policy that gives hours of their own to what it says of the score, and to large amounts."""
    rules = make.terms().rules
    rows = [
        replace(row, outputs={**row.outputs, "sla_hours": 1.0}) if "band" in dict(row.used) else row
        for row in rules.rows
    ]
    make.policy(admin, supervisor, audit_share=1.0, rules=replace(rules, rows=(*rows, LARGE)))


def hours_of(case: Case, hours: float) -> bool:
    assert case.queued_at
    return case.due_at == add_working_hours(case.queued_at, hours, working_hours())


@pytest.mark.usefixtures("hurried")
def test_the_hours_of_a_row_about_the_score_do_not_count_for_a_blind_case(admin: User) -> None:
    usual = make.terms().sla_hours
    risky = make.queued_case("H-1", key_customer=False, features=RISKY)
    assert hours_of(risky, 1.0)
    make.desk_rules(admin, opinion_share=1.0)
    blind = make.queued_case("H-2", key_customer=False, features=RISKY)
    clear = make.queued_case("H-3", key_customer=False)
    assert (blind.opinion_first, clear.opinion_first) == (True, True)
    assert hours_of(blind, usual)
    assert hours_of(clear, usual)
    # What stands in the file may be told.
    assert hours_of(make.queued_case("H-4", amount="60000.00", key_customer=False, features=RISKY), 4.0)


@pytest.mark.usefixtures("hurried")
def test_blind_cases_of_before_are_placed_anew_and_nothing_else_is(admin: User, supervisor: User) -> None:
    open_case = make.queued_case("B-0", key_customer=False, features=RISKY)
    make.desk_rules(admin, opinion_share=1.0)
    right, old, rested = (make.queued_case(f"B-{n}", key_customer=False, features=RISKY) for n in (1, 2, 3))
    rest_cases([rested.pk], by=supervisor, until=timezone.now() + timedelta(days=1), reason="a reason for the test")
    told = {"queue_tier": 1, "queue_rank": -7.5, "due_at": old.queued_at}
    Case.objects.filter(pk__in=[open_case.pk, old.pk, rested.pk]).update(**told)
    for moved in (1, 0):
        out = StringIO()
        call_command("place_blind_cases", "--json", stdout=out)
        assert {**json.loads(out.getvalue()), "seconds": 0} == {"looked_at": 2, "moved": moved, "seconds": 0}
    placed = make.reread(old)
    assert (placed.queue_tier, placed.queue_rank) == (right.queue_tier, right.queue_rank)
    assert hours_of(placed, make.terms().sla_hours)
    assert placed.version == old.version
    for kept in (open_case, rested):
        assert make.reread(kept).queue_rank == -7.5
