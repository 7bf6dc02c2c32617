"""Pausing and leaving: asking for information, receiving it, and taking a case back for the lender."""

from __future__ import annotations

import pytest

from cases import actions
from cases.desk_rules import working_hours
from cases.errors import BadDecision, CaseMoved, ClaimLost, NotAllowed, StaleCase
from cases.models import Case, Claim, User
from cases.states import Role
from cases.working_time import working_seconds
from tests import make
from tests.cases.history import everything

pytestmark = pytest.mark.django_db
NOTE = "checked the pay slips"


def taken(by: User, external_ref: str = "A-1") -> Case:
    """A case that `by` holds, at version 3; without a model the machine parks what arrives with a person."""
    return make.claimed_case(by, external_ref)


def test_asking_for_information_stops_the_clock(reviewer: User, second_reviewer: User) -> None:
    case = taken(reviewer)
    asked = actions.ask_information(case.pk, by=reviewer, note=" the last two pay slips ", seen_version=3)
    stored = make.reread(asked)
    assert (stored.state, stored.reserved_for) == ("waiting_info", reviewer)
    assert stored.events.latest("seq").facts == {"note": "the last two pay slips"}
    assert Claim.objects.get().ended_at is not None
    before = everything()
    with pytest.raises(CaseMoved):
        actions.claim_case(case.pk, by=second_reviewer)
    with pytest.raises(CaseMoved):
        actions.ask_information(case.pk, by=reviewer, note=NOTE, seen_version=4)
    assert everything() == before


def test_asking_needs_a_note_the_claim_and_the_present_version(reviewer: User, second_reviewer: User) -> None:
    case = taken(reviewer)
    before = everything()
    with pytest.raises(BadDecision) as refusal:
        actions.ask_information(case.pk, by=reviewer, note="docs", seen_version=3)
    assert refusal.value.field == "note"
    with pytest.raises(ClaimLost):
        actions.ask_information(case.pk, by=second_reviewer, note=NOTE, seen_version=3)
    with pytest.raises(StaleCase):
        actions.ask_information(case.pk, by=reviewer, note=NOTE, seen_version=2)
    assert everything() == before


def test_information_that_arrives_brings_the_case_back_on_top_and_extends_its_time(
    reviewer: User, second_reviewer: User
) -> None:
    case = taken(reviewer)
    desk = working_hours()
    assert case.due_at is not None
    actions.ask_information(case.pk, by=reviewer, note=NOTE, seen_version=3)
    asked_at = case.events.latest("seq").at
    back = actions.receive_information(case.pk, by=second_reviewer, note=" slips are in the file ")
    assert (back.state, back.queue_tier, back.queue_rank) == ("queued", 0, 0.0)
    assert (back.reserved_for, back.why) == (reviewer, [{"code": "information_arrived", "params": {}}])
    assert back.due_at is not None
    assert back.queued_at is not None
    left = working_seconds(asked_at, case.due_at, desk)
    assert working_seconds(back.queued_at, back.due_at, desk) == pytest.approx(left, abs=1)
    facts = back.events.latest("seq").facts
    assert facts == {
        "note": "slips are in the file",
        "waited_seconds": int(working_seconds(asked_at, back.queued_at, desk)),
    }
    assert actions.claim_next(by=reviewer) == case


def test_information_nobody_waits_for_is_refused(reviewer: User, auditor: User) -> None:
    case = taken(reviewer)
    before = everything()
    with pytest.raises(CaseMoved):
        actions.receive_information(case.pk, by=reviewer, note="")
    assert everything() == before
    actions.ask_information(case.pk, by=reviewer, note=NOTE, seen_version=3)
    before = everything()
    with pytest.raises(NotAllowed):
        actions.receive_information(case.pk, by=auditor, note="")
    assert everything() == before


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN])
def test_a_case_is_taken_back_for_the_lender_with_a_reason(role: Role) -> None:
    case, person = make.queued_case(), make.user("somebody", role)
    actions.withdraw_case(case.pk, by=person, note=" the customer changed their mind ")
    ended = make.reread(case)
    assert (ended.state, ended.outcome, ended.decided_by, ended.decided_at) == ("withdrawn", "", "", None)
    event = ended.events.latest("seq")
    assert (event.name, event.actor, event.facts) == ("withdraw", person, {"note": "the customer changed their mind"})


def test_taking_back_is_refused_without_reason_right_or_place(reviewer: User, supervisor: User) -> None:
    case, held = make.queued_case(), taken(reviewer, "A-2")
    before = everything()
    with pytest.raises(BadDecision) as refusal:
        actions.withdraw_case(case.pk, by=supervisor, note="no")
    assert refusal.value.field == "note"
    with pytest.raises(NotAllowed):
        actions.withdraw_case(case.pk, by=reviewer, note=NOTE)
    with pytest.raises(CaseMoved):
        actions.withdraw_case(held.pk, by=supervisor, note=NOTE)
    assert everything() == before
