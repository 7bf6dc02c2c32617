"""Decisions that nobody signs in time go back to their reviewer, counted in working hours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from cases import actions
from cases.desk_rules import set_desk_rules
from cases.expiring import OFFICE, expire_signoffs, working_time
from cases.models import Case, DeskRules, Signature, User
from cases.signoff import awaiting_signature
from tests import make
from tests.cases.history import everything, steps
from tests.cases.signing import sign
from tests.together import at_once


def expire() -> int:
    """What the sweep does thirty days from now."""
    return expire_signoffs(now=timezone.now() + timedelta(days=30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-26T10:00", "2026-11-26T12:30", 2.5),
        ("2026-11-26T17:00", "2026-11-27T10:00", 2),  # over night
        ("2026-11-27T17:00", "2026-11-30T10:00", 2),  # over the weekend
        ("2026-11-28T10:00", "2026-11-29T15:00", 0),  # Saturday and Sunday
        ("2026-09-30T17:00", "2026-10-08T10:00", 2),  # over the National Day week
        ("2026-02-14T09:00", "2026-02-14T18:00", 9),  # a Saturday that makes up for a holiday
        ("2026-11-26T12:30", "2026-11-26T10:00", 0),
    ],
)
def test_time_counts_in_office_hours_of_working_days(start: str, end: str, hours: float) -> None:
    assert working_time(at(start), at(end), DeskRules()) == timedelta(hours=hours)


@pytest.fixture
def awaiting(db: None, champion: object, policy: object, reviewer: User) -> Case:
    return make.awaiting_case(reviewer)[0]


def test_a_decision_that_nobody_signed_returns_on_top_with_the_reason(
    awaiting: Case, reviewer: User, supervisor: User
) -> None:
    assert expire_signoffs() == 0
    assert expire() == 1
    back = make.reread(awaiting)
    assert (back.state, back.reserved_for, back.queue_tier, back.queue_rank) == ("queued", reviewer, 0, 0.0)
    assert (back.why, back.due_at) == ([{"code": "signoff_expired", "params": {}}], awaiting.due_at)
    event = awaiting.events.latest("seq")
    assert (event.name, event.actor, event.facts) == (
        "expire_signoff", None, {"review": awaiting.reviews.get().pk, "hours": 18},
    )  # fmt: skip
    assert list(awaiting_signature(supervisor)) == []
    held = actions.claim_next(by=reviewer)
    assert held == awaiting
    make.decide(held, reviewer)
    assert expire_signoffs() == 0
    assert steps(awaiting)[3:] == ["claim", "ask_signature", "expire_signoff", "claim", "ask_signature"]


def test_before_its_time_nothing_moves_and_the_hours_are_a_rule_of_the_desk(
    awaiting: Case, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = timedelta(hours=17, minutes=59)
    monkeypatch.setattr("cases.expiring.working_time", lambda start, end, rules: spent)
    before = everything()
    assert expire() == 0
    assert everything() == before
    set_desk_rules(by=admin, reason="fewer hours to sign", changes={"signoff_expiry_hours": 17})
    assert expire() == 1


@pytest.mark.django_db(transaction=True)
def test_a_signature_and_the_end_of_the_waiting_at_once_move_the_case_once(awaiting: Case, supervisor: User) -> None:

    def signs() -> Signature:
        return actions.sign_case(awaiting.pk, by=supervisor, verdict="confirm", note="", seen_version=awaiting.version)

    signed, expired = at_once(signs, expire)
    state = make.reread(awaiting).state
    assert (state, isinstance(signed, Signature), expired) in [("approved", True, 0), ("queued", False, 1)]
    assert steps(awaiting)[-1] == ("sign_approval" if state == "approved" else "expire_signoff")


def test_a_signature_that_came_first_stays(awaiting: Case, supervisor: User) -> None:
    sign(awaiting, supervisor)
    assert expire() == 0
    assert make.reread(awaiting).state == "approved"
