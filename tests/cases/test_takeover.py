"""Taking over: a supervisor gets what another holds or what is kept for another, with a reason; nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases import actions
from cases.errors import BadDecision, CaseMoved, CaseNotFound, ClaimLost, FourEyes, NotAllowed, StaleCase
from cases.models import Case, Claim, User
from cases.states import Role, State
from cases.takeover import take_over_case
from tests import make
from tests.cases.history import everything, steps
from tests.together import at_once

pytestmark = pytest.mark.django_db
REASON = "The reviewer is ill this week."


def returned(reviewer: User, supervisor: User, external_ref: str = "A-1") -> Case:
    """A case that waits for the reviewer it was sent back to."""
    case, _review = make.awaiting_case(reviewer, external_ref)
    actions.sign_case(
        case.pk, by=supervisor, verdict="send_back", note="Please add the pay slips.", seen_version=case.version
    )
    return make.reread(case)


@pytest.fixture
def boss(db: None) -> User:
    return make.user("boss", Role.SUPERVISOR, authority=100_000)


def test_a_held_case_is_released_and_claimed_in_one_act(reviewer: User, supervisor: User) -> None:
    case = make.claimed_case(reviewer)
    first = Claim.objects.get()
    taken = take_over_case(case.pk, by=supervisor, reason=f"  {REASON} ")
    assert (taken.state, taken.version) == (State.IN_REVIEW, case.version + 2)
    assert steps(case)[-2:] == ["release", "claim"]
    release, claim = case.events.order_by("-seq")[:2][::-1]
    assert (release.actor, release.facts) == (
        supervisor,
        {"reason": REASON, "by_lease": False, "taken_from": reviewer.pk},
    )
    assert (claim.actor, claim.facts["reason"], claim.facts["taken_over"]) == (supervisor, REASON, True)
    first.refresh_from_db()
    assert first.ended_at is not None
    now = Claim.objects.get(ended_at=None)
    assert (now.case_id, now.holder) == (case.pk, supervisor)
    assert timedelta(minutes=14) < now.lease_until - timezone.now() <= timedelta(minutes=15)


def test_who_lost_the_case_is_told_so_whatever_they_send(reviewer: User, supervisor: User) -> None:
    case = make.claimed_case(reviewer)
    taken = take_over_case(case.pk, by=supervisor, reason=REASON)
    before = everything()
    for version in (case.version, taken.version):
        with pytest.raises(ClaimLost):
            actions.decide_case(
                case.pk, by=reviewer, outcome="decline", reason_codes=["high_debt"], note="", seen_version=version
            )
        with pytest.raises(ClaimLost):
            actions.ask_information(case.pk, by=reviewer, note="three pay slips", seen_version=version)
    for act in (actions.extend_claim, actions.release_case):
        with pytest.raises(ClaimLost):
            act(case.pk, by=reviewer)
    with pytest.raises(StaleCase):
        actions.decide_case(
            case.pk, by=supervisor, outcome="decline", reason_codes=["high_debt"], note="", seen_version=case.version
        )
    assert everything() == before
    actions.decide_case(
        case.pk, by=supervisor, outcome="decline", reason_codes=["high_debt"], note="", seen_version=taken.version
    )


def test_a_case_kept_for_somebody_is_claimed_and_kept_for_nobody_any_more(
    reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    case = returned(reviewer, supervisor)
    assert (case.state, case.reserved_for) == (State.QUEUED, reviewer)
    taken = take_over_case(case.pk, by=supervisor, reason=REASON)
    assert (taken.state, taken.version, make.reread(case).reserved_for) == (State.IN_REVIEW, case.version + 1, None)
    event = case.events.latest("seq")
    assert (event.name, event.actor, event.facts["reason"]) == ("claim", supervisor, REASON)
    assert Claim.objects.get(ended_at=None).holder == supervisor
    actions.release_case(case.pk, by=supervisor)
    assert actions.claim_case(case.pk, by=second_reviewer).state == State.IN_REVIEW


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, Role.AUDITOR])
def test_only_a_supervisor_takes_over(role: Role, reviewer: User) -> None:
    case, other = make.claimed_case(reviewer), make.user("other", role, authority=100_000)
    before = everything()
    with pytest.raises(NotAllowed):
        take_over_case(case.pk, by=other, reason=REASON)
    assert everything() == before


def test_a_supervisor_who_left_takes_nothing_over(reviewer: User, supervisor: User) -> None:
    case = make.claimed_case(reviewer)
    supervisor.is_active = False
    before = everything()
    with pytest.raises(NotAllowed):
        take_over_case(case.pk, by=supervisor, reason=REASON)
    assert everything() == before


@pytest.mark.parametrize("reason", ["", "too short", "   short    ", "x" * 4001])
def test_a_reason_is_needed_and_not_a_novel(reason: str, reviewer: User, supervisor: User) -> None:
    case = make.claimed_case(reviewer)
    before = everything()
    with pytest.raises(BadDecision) as refusal:
        take_over_case(case.pk, by=supervisor, reason=reason)
    assert refusal.value.field == "reason"
    assert everything() == before


def test_nobody_takes_over_a_case_they_entered(reviewer: User, supervisor: User) -> None:
    case = make.claimed_case(reviewer, entered_by=supervisor)
    before = everything()
    with pytest.raises(FourEyes):
        take_over_case(case.pk, by=supervisor, reason=REASON)
    assert everything() == before


def test_what_nobody_else_has_is_not_taken_over(reviewer: User, supervisor: User, boss: User) -> None:
    free = make.queued_case("A-1")
    own = make.claimed_case(supervisor, "A-2")
    awaiting, _review = make.awaiting_case(reviewer, "A-3")
    kept = returned(boss, supervisor, "A-4")
    before = everything()
    for case, person in ((free, supervisor), (own, supervisor), (awaiting, supervisor), (kept, boss)):
        with pytest.raises(CaseMoved):
            take_over_case(case.pk, by=person, reason=REASON)
    with pytest.raises(CaseNotFound):
        take_over_case(kept.pk + 1, by=supervisor, reason=REASON)
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_two_supervisors_and_the_holder_at_once_leave_one_holder(reviewer: User, supervisor: User, boss: User) -> None:
    case = make.claimed_case(reviewer)
    at_once(
        lambda: take_over_case(case.pk, by=supervisor, reason=REASON),
        lambda: take_over_case(case.pk, by=boss, reason=REASON),
    )
    last = Claim.objects.get(ended_at=None)
    assert last.holder in (supervisor, boss)
    assert steps(case)[-5:] == ["claim", "release", "claim", "release", "claim"]
