"""Which case somebody gets next: what rests, what is for supervisors, conflicts, skips, earlier views, skills."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from cases import actions, conflicts, placing
from cases.claimable import claimable_by
from cases.desk_rules import set_desk_rules
from cases.errors import BadDecision, CaseNotFound, ConflictOfInterest, NotAllowed, NothingToClaim
from cases.models import Case, Conflict, Skip, User
from cases.move import lock_case, move_case
from cases.states import Role
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy")]
WHY = "my cousin works there"


def test_a_resting_case_comes_back_by_itself(reviewer: User, supervisor: User) -> None:
    case = make.queued_case()
    until = timezone.now() + timedelta(days=1)
    placing.rest_cases([case.pk], by=supervisor, until=until, reason="waits for the branch")
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET snoozed_until = now() - interval '1 second'")
    assert actions.claim_next(by=reviewer).pk == case.pk


def test_an_escalated_case_goes_to_supervisors(reviewer: User, supervisor: User) -> None:
    case = make.claimed_case(reviewer)
    actions.release_case(case.pk, by=reviewer)
    move_case(lock_case(case.pk), "place", by=supervisor, facts={}, for_supervisor=True)
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)
    with pytest.raises(NotAllowed, match=r"^This case was escalated: a supervisor takes it\.$"):
        actions.claim_case(case.pk, by=reviewer)
    assert actions.claim_next(by=supervisor).pk == case.pk


def test_a_conflict_of_interest_keeps_the_applicants_cases_away(reviewer: User, supervisor: User) -> None:
    case = make.claimed_case(reviewer)
    stated = conflicts.state_conflict(case.pk, by=reviewer, reason=f" {WHY} ")
    assert conflicts.state_conflict(case.pk, by=reviewer, reason=WHY) == stated
    free = make.reread(case)
    assert (free.state, free.version, stated.reason) == ("queued", case.version + 1, WHY)
    event = free.events.latest("seq")
    assert (event.name, event.facts["conflict_of_interest"], event.facts["reason"]) == ("release", True, WHY)
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)
    with pytest.raises(ConflictOfInterest):
        actions.claim_case(case.pk, by=reviewer)
    with pytest.raises(NotAllowed):
        conflicts.end_conflict(stated.pk, by=reviewer)
    conflicts.end_conflict(stated.pk, by=supervisor)
    with pytest.raises(CaseNotFound):
        conflicts.end_conflict(stated.pk, by=supervisor)
    assert actions.claim_next(by=reviewer).pk == case.pk


def test_what_was_kept_for_somebody_is_free_once_they_have_a_conflict(reviewer: User, supervisor: User) -> None:
    case = make.queued_case()
    placing.hand_over_cases([case.pk], by=supervisor, to=reviewer, reason="knows the branch")
    conflicts.state_conflict(case.pk, by=reviewer, reason=WHY)
    assert make.reread(case).assigned_to is None
    mine = conflicts.state_conflict(case.pk, by=supervisor, reason=WHY)
    with pytest.raises(BadDecision, match=r"^Another supervisor ends your own conflict of interest\.$"):
        conflicts.end_conflict(mine.pk, by=supervisor)
    with pytest.raises(BadDecision):
        conflicts.state_conflict(case.pk, by=reviewer, reason="short")
    assert Conflict.objects.count() == 2


def test_a_skipped_case_is_not_offered_again_for_a_day(reviewer: User) -> None:
    case = make.queued_case()
    Skip.objects.create(case=case, person=reviewer, why="cannot_judge")
    assert list(claimable_by(reviewer)) == []
    assert actions.claim_case(case.pk, by=reviewer).pk == case.pk
    other = make.queued_case("A-2")
    Skip.objects.create(case=other, person=reviewer, why="cannot_judge", at=timezone.now() - timedelta(hours=25))
    assert list(claimable_by(reviewer)) == [other]


def test_ones_own_earlier_decision_comes_back_only_where_it_is_kept_for_one(reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    actions.sign_case(case.pk, by=supervisor, verdict="send_back", note="look at it again", seen_version=case.version)
    assert list(claimable_by(reviewer)) == [case]
    placing.free_cases([case.pk], by=supervisor, reason="somebody else looks")
    assert list(claimable_by(reviewer)) == []
    assert list(claimable_by(make.user("other", Role.REVIEWER))) == [case]


def test_skills_and_authority_narrow_what_one_gets(reviewer: User, admin: User) -> None:
    within, above = make.queued_case("A-1", amount=Decimal(5_000)), make.queued_case("A-2", amount=Decimal(90_000))
    assert list(claimable_by(reviewer, products={"credit_card"})) == []
    assert set(claimable_by(reviewer, products={"consumer"})) == {within, above}
    User.objects.filter(pk=reviewer.pk).update(authority_amount=10_000, authority_currency="USD")
    reviewer = User.objects.get(pk=reviewer.pk)
    set_desk_rules(by=admin, reason="the meeting said so", changes={"within_authority_only": True})
    assert actions.claim_next(by=reviewer).pk == within.pk
    actions.release_case(within.pk, by=reviewer)
    Case.objects.filter(pk=within.pk).update(snoozed_until=timezone.now() + timedelta(days=1))
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)
