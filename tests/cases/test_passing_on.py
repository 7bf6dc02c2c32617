"""Letting go of a case without deciding it: to a supervisor, to somebody by name, until later, or not to me."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from cases import actions
from cases.claimable import claimable_by
from cases.errors import BadDecision, ClaimLost, NotAllowed, NothingToClaim, StaleCase
from cases.models import AskedSigner, Case, Claim, Conflict, Skip, User
from cases.passing_on import escalate_case, people_for, skip_case, snooze_case, transfer_case
from cases.states import Role, State
from tests import make
from tests.cases.history import everything, steps

pytestmark = pytest.mark.django_db
NOTE = "Two firms of one owner."


def held_by(by: User, external_ref: str = "A-1", **changes: Any) -> Case:
    return make.claimed_case(by, external_ref, **{"key_customer": False, **changes})


def test_an_escalated_case_is_on_top_for_supervisors_only(reviewer: User, supervisor: User) -> None:
    case = held_by(reviewer)
    escalate_case(case.pk, by=reviewer, note=f" {NOTE} ", seen_version=case.version)
    stored = make.reread(case)
    assert (stored.state, stored.for_supervisor, stored.queue_tier, stored.queue_rank) == (State.QUEUED, True, 0, 0.0)
    assert stored.why == [{"code": "escalated", "params": {"person": "reviewer", "note": NOTE}}]
    assert (steps(case)[-1], case.events.latest("seq").facts) == ("escalate", {"note": NOTE})
    assert not Claim.objects.filter(ended_at=None).exists()
    with pytest.raises(NotAllowed, match="escalated"):
        actions.claim_case(case.pk, by=reviewer)
    taken = actions.claim_case(case.pk, by=supervisor)
    with pytest.raises(BadDecision, match="You are a supervisor"):
        escalate_case(case.pk, by=supervisor, note=NOTE, seen_version=taken.version)
    transfer_case(case.pk, by=supervisor, to_id=reviewer.pk, note=NOTE, seen_version=taken.version)
    assert make.reread(case).for_supervisor is False
    assert actions.claim_case(case.pk, by=reviewer).state == State.IN_REVIEW


def test_a_transferred_case_is_kept_for_its_person(reviewer: User, second_reviewer: User, supervisor: User) -> None:
    case = held_by(reviewer)
    transfer_case(case.pk, by=reviewer, to_id=second_reviewer.pk, note=NOTE, seen_version=case.version)
    stored = make.reread(case)
    assert (stored.state, stored.reserved_for, stored.queue_tier) == (State.QUEUED, second_reviewer, 0)
    assert stored.why == [{"code": "transferred", "params": {"person": "reviewer", "note": NOTE}}]
    assert case.events.latest("seq").facts == {
        "note": NOTE, "to": second_reviewer.pk, "to_name": "second_reviewer",
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.claim_case(case.pk, by=reviewer)
    assert actions.claim_next(by=second_reviewer).pk == case.pk


def test_a_case_is_transferred_only_to_who_may_look_at_it(
    reviewer: User, second_reviewer: User, supervisor: User, admin: User
) -> None:
    case = held_by(reviewer, entered_by=supervisor)
    gone, kin = make.user("gone", Role.REVIEWER), make.user("kin", Role.REVIEWER)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    Conflict.objects.create(person=kin, applicant=case.applicant, reason="A brother.", stated_by=supervisor)
    assert list(people_for(case, by=reviewer)) == [second_reviewer]
    before = everything()
    for to_id in (None, -1, reviewer.pk, supervisor.pk, admin.pk, gone.pk, kin.pk):
        with pytest.raises(BadDecision) as refusal:
            transfer_case(case.pk, by=reviewer, to_id=to_id, note=NOTE, seen_version=case.version)
        assert refusal.value.field == "to"
    assert everything() == before


def test_a_case_that_was_set_aside_comes_back_to_who_did_so(reviewer: User) -> None:
    case = held_by(reviewer)
    place = (case.queue_tier, case.queue_rank, case.due_at, case.why)
    until = timezone.now() + timedelta(days=2)
    snooze_case(case.pk, by=reviewer, until=until, note=NOTE, seen_version=case.version)
    stored = make.reread(case)
    assert (stored.state, stored.reserved_for, stored.snoozed_until) == (State.QUEUED, reviewer, until)
    assert (stored.queue_tier, stored.queue_rank, stored.due_at, stored.why) == place
    assert case.events.latest("seq").facts == {"note": NOTE, "until": until.isoformat()}


def test_what_was_passed_on_is_not_offered_again_to_who_did_so(
    reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    up, later, not_me = (held_by(reviewer, f"A-{number}") for number in range(3))
    escalate_case(up.pk, by=reviewer, note=NOTE, seen_version=up.version)
    until = timezone.now() + timedelta(days=2)
    snooze_case(later.pk, by=reviewer, until=until, note=NOTE, seen_version=later.version)
    skip_case(not_me.pk, by=reviewer, why="language", note="", seen_version=not_me.version)
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)
    assert list(claimable_by(second_reviewer)) == [not_me]
    assert list(claimable_by(supervisor)) == [up, not_me]


@pytest.mark.parametrize("days", [-1, 0, 30.01])
def test_a_case_rests_for_thirty_days_at_most_and_not_in_the_past(days: float, reviewer: User) -> None:
    case = held_by(reviewer)
    before = everything()
    with pytest.raises(BadDecision) as refusal:
        snooze_case(
            case.pk, by=reviewer, until=timezone.now() + timedelta(days=days), note=NOTE, seen_version=case.version
        )
    assert refusal.value.field == "until"
    assert everything() == before


def test_a_skipped_case_is_at_its_place_for_others_and_the_skip_is_kept(
    reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    case = held_by(reviewer)
    transfer_case(case.pk, by=reviewer, to_id=second_reviewer.pk, note=NOTE, seen_version=case.version)
    mine = actions.claim_case(case.pk, by=second_reviewer)
    skip_case(mine.pk, by=second_reviewer, why="language", note="", seen_version=mine.version)
    stored, skip = make.reread(case), Skip.objects.get()
    assert (stored.state, stored.reserved_for, stored.queue_tier) == (State.QUEUED, None, 0)
    assert (skip.case_id, skip.person, skip.why, skip.note) == (case.pk, second_reviewer, "language", "")
    assert case.events.latest("seq").facts == {"why_skipped": "language", "note": ""}
    with pytest.raises(IntegrityError, match="keeps what was written"):
        skip.delete()


def test_a_reason_is_needed_and_a_lost_or_changed_case_is_not_passed_on(reviewer: User, second_reviewer: User) -> None:
    case = held_by(reviewer)
    later, version = timezone.now() + timedelta(days=1), case.version
    before = everything()
    refused: list[tuple[str, Any]] = [
        ("note", lambda: escalate_case(case.pk, by=reviewer, note="so", seen_version=version)),
        ("note", lambda: transfer_case(case.pk, by=reviewer, to_id=1, note="so", seen_version=version)),
        ("note", lambda: snooze_case(case.pk, by=reviewer, until=later, note="", seen_version=version)),
        ("why", lambda: skip_case(case.pk, by=reviewer, why="tired", note=NOTE, seen_version=version)),
        ("note", lambda: skip_case(case.pk, by=reviewer, why="other", note="so", seen_version=version)),
    ]
    for field, act in refused:
        with pytest.raises(BadDecision) as refusal:
            act()
        assert refusal.value.field == field
    with pytest.raises(ClaimLost):
        escalate_case(case.pk, by=second_reviewer, note=NOTE, seen_version=version)
    with pytest.raises(StaleCase):
        skip_case(case.pk, by=reviewer, why="language", note="", seen_version=version - 1)
    assert everything() == before
    assert Skip.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_reviewer_asks_somebody_to_sign_and_the_decision_waits_for_that_person(
    reviewer: User, supervisor: User
) -> None:
    case, other = held_by(reviewer), make.user("boss", Role.SUPERVISOR, authority=100_000)
    review = actions.decide_case(
        case.pk, by=reviewer, outcome="approve", reason_codes=[], note=NOTE, seen_version=case.version,
        signer_id=supervisor.pk,
    )  # fmt: skip
    assert (review.signature_reasons, review.signatures_needed) == (["asked_by_reviewer"], 1)
    asked = AskedSigner.objects.get()
    assert (asked.review, asked.signer, asked.asked_by, asked.reason) == (review, supervisor, reviewer, NOTE)
    waiting = make.reread(case)
    assert waiting.state == State.AWAITING_SIGNOFF
    actions.sign_case(case.pk, by=other, verdict="confirm", note="", seen_version=waiting.version)
    assert make.reread(case).state == State.AWAITING_SIGNOFF
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=waiting.version + 1)
    assert make.reread(case).state == State.APPROVED


def test_nobody_is_asked_to_sign_who_may_not(reviewer: User, second_reviewer: User, supervisor: User) -> None:
    case = held_by(reviewer, entered_by=supervisor)
    before = everything()
    for signer_id in (reviewer.pk, second_reviewer.pk, supervisor.pk, -1):
        with pytest.raises(BadDecision) as refusal:
            actions.decide_case(
                case.pk, by=reviewer, outcome="approve", reason_codes=[], note=NOTE, seen_version=case.version,
                signer_id=signer_id,
            )  # fmt: skip
        assert refusal.value.field == "signer"
    assert everything() == before
    assert AskedSigner.objects.count() == 0
