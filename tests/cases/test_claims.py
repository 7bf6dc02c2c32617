"""Being handed a case: the order, what is kept back for whom, leases, and that no case is ever held by two."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg.sql import Composed

from cases import actions
from cases.errors import CaseMoved, CaseNotFound, ClaimLost, FourEyes, NotAllowed, NothingToClaim
from cases.models import Case, Claim, User
from cases.move import Move, move_cases
from cases.states import Role
from tests import make
from tests.cases.history import everything, steps
from tests.together import at_once, locked_elsewhere, started_until_it_waits


def waiting(external_ref: str = "A-1", *, tier: int = 2, rank: float = 0.0, **changes: Any) -> Case:
    """A case in the queue at this place; without a model the machine parks what arrives with a person."""
    case, now = make.case(external_ref, **changes), timezone.now()
    place = {"queue_tier": tier, "queue_rank": rank, "queued_at": now, "due_at": now, "why": [{"code": "no_model"}]}
    with transaction.atomic():
        move_cases("park", [Move(case.pk, case.version, changes=place)])
    return make.reread(case)


def run_out(case: Case) -> Claim:
    """Let the open lease of the case end."""
    claim = Claim.objects.get(case=case, ended_at=None)
    claim.lease_until = timezone.now() - timedelta(seconds=1)
    claim.save(update_fields=["lease_until"])
    return claim


@pytest.mark.django_db
def test_cases_are_handed_out_by_tier_then_rank_then_age(reviewer: User) -> None:
    made = [
        waiting("A-1", tier=3, rank=0.1),
        waiting("A-2", tier=1, rank=0.9),
        waiting("A-3", tier=1, rank=0.2),
        waiting("A-4", tier=1, rank=0.2),
        waiting("A-5", tier=0, rank=5.0),
    ]
    given: list[str] = []
    while len(given) < len(made):
        case = actions.claim_next(by=reviewer)
        given.append(case.external_ref)
        actions.ask_information(case.pk, by=reviewer, note="pay slips, please", seen_version=case.version)
    assert given == ["A-5", "A-3", "A-4", "A-2", "A-1"]
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)


@pytest.mark.django_db
def test_a_claim_is_a_lease_with_an_event(reviewer: User) -> None:
    waiting()
    case = actions.claim_next(by=reviewer)
    claim = Claim.objects.get()
    assert (claim.case_id, claim.holder, claim.ended_at) == (case.pk, reviewer, None)
    left = claim.lease_until - timezone.now()
    assert timedelta(minutes=settings.CLAIM_LEASE_MINUTES - 1) < left <= timedelta(minutes=settings.CLAIM_LEASE_MINUTES)
    assert steps(case) == ["receive", "park", "claim"]
    event = case.events.latest("seq")
    assert event.actor == reviewer
    assert event.facts == {"lease_until": claim.lease_until.isoformat(), "why": [{"code": "no_model"}]}


@pytest.mark.django_db
def test_what_was_sent_back_to_me_comes_first_and_to_nobody_else(reviewer: User, second_reviewer: User) -> None:
    waiting("A-1", tier=0)
    mine = waiting("A-2", tier=4)
    Case.objects.filter(pk=mine.pk).update(reserved_for=reviewer)
    before = everything()
    with pytest.raises(NotAllowed, match="sent back to another reviewer"):
        actions.claim_case(mine.pk, by=second_reviewer)
    assert everything() == before
    assert actions.claim_next(by=reviewer) == mine
    assert actions.claim_next(by=second_reviewer).external_ref == "A-1"


@pytest.mark.django_db
def test_nobody_is_handed_a_case_they_entered_themselves(reviewer: User, second_reviewer: User) -> None:
    own = waiting("A-1", entered_by=reviewer)
    before = everything()
    with pytest.raises(NothingToClaim):
        actions.claim_next(by=reviewer)
    with pytest.raises(FourEyes):
        actions.claim_case(own.pk, by=reviewer)
    assert everything() == before
    assert actions.claim_next(by=second_reviewer) == own


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_who_does_not_review_is_handed_nothing(role: Role) -> None:
    case, person = waiting(), make.user("somebody", role)
    before = everything()
    with pytest.raises(NotAllowed):
        actions.claim_next(by=person)
    with pytest.raises(NotAllowed):
        actions.claim_case(case.pk, by=person)
    assert everything() == before


@pytest.mark.django_db
def test_asking_for_the_next_case_resumes_the_one_already_held(reviewer: User) -> None:
    waiting("A-1")
    waiting("A-2")
    held = actions.claim_next(by=reviewer)
    before = everything()
    assert actions.claim_next(by=reviewer) == held
    assert everything() == before


@pytest.mark.django_db
def test_a_lease_that_ran_out_is_not_resumed_but_still_counts_until_it_is_ended(reviewer: User) -> None:
    waiting("A-1")
    waiting("A-2")
    held = actions.claim_next(by=reviewer)
    run_out(held)
    assert actions.claim_next(by=reviewer).external_ref == "A-2"
    review = actions.decide_case(
        held.pk, by=reviewer, outcome="decline", reason_codes=["high_debt"], note="", seen_version=held.version
    )
    assert make.reread(held).state == "declined"
    assert review.case_id == held.pk


@pytest.mark.django_db
def test_a_case_that_is_taken_can_not_be_claimed_again(reviewer: User, second_reviewer: User) -> None:
    case = waiting()
    actions.claim_case(case.pk, by=reviewer)
    before = everything()
    for person in (reviewer, second_reviewer):
        with pytest.raises(CaseMoved):
            actions.claim_case(case.pk, by=person)
    with pytest.raises(CaseNotFound):
        actions.claim_case(case.pk + 1, by=reviewer)
    assert everything() == before


@pytest.mark.django_db
def test_a_returned_case_in_somebodys_hands_is_told_as_taken(reviewer: User, second_reviewer: User) -> None:
    case = waiting()
    Case.objects.filter(pk=case.pk).update(reserved_for=reviewer)
    actions.claim_case(case.pk, by=reviewer)
    with pytest.raises(CaseMoved):
        actions.claim_case(case.pk, by=second_reviewer)


@pytest.mark.django_db
def test_a_released_case_keeps_its_place(reviewer: User, second_reviewer: User) -> None:
    first, _second = waiting("A-1"), waiting("A-2")
    place = (first.queue_tier, first.queue_rank, first.queued_at, first.due_at, first.why)
    actions.claim_case(first.pk, by=reviewer)
    back = make.reread(actions.release_case(first.pk, by=reviewer))
    assert (back.queue_tier, back.queue_rank, back.queued_at, back.due_at, back.why) == place
    assert Claim.objects.get(case=first).ended_at is not None
    assert back.events.latest("seq").facts == {"by_lease": False}
    assert steps(back) == ["receive", "park", "claim", "release"]
    assert actions.claim_next(by=second_reviewer) == first


@pytest.mark.django_db
def test_extending_renews_the_lease_without_a_move(reviewer: User) -> None:
    case = actions.claim_case(waiting().pk, by=reviewer)
    stale = run_out(case)
    renewed = actions.extend_claim(case.pk, by=reviewer)
    assert renewed == stale
    assert renewed.lease_until > timezone.now() + timedelta(minutes=settings.CLAIM_LEASE_MINUTES - 1)
    assert Claim.objects.get().lease_until == renewed.lease_until
    assert make.reread(case).version == case.version


@pytest.mark.django_db
def test_only_who_holds_a_case_can_extend_or_release_it(reviewer: User, supervisor: User) -> None:
    case = actions.claim_case(waiting().pk, by=reviewer)
    calls: list[Callable[..., object]] = [actions.extend_claim, actions.release_case]
    before = everything()
    for call in calls:
        with pytest.raises(ClaimLost):
            call(case.pk, by=supervisor)
    assert everything() == before
    actions.release_case(case.pk, by=reviewer)
    before = everything()
    for call in calls:
        with pytest.raises(CaseMoved):
            call(case.pk, by=reviewer)
    assert everything() == before


@pytest.mark.django_db
def test_leases_that_ran_out_go_back_to_the_queue_and_the_others_stay(reviewer: User, second_reviewer: User) -> None:
    late = actions.claim_case(waiting("A-1").pk, by=reviewer)
    on_time = actions.claim_case(waiting("A-2").pk, by=second_reviewer)
    run_out(late)
    assert actions.expire_claims() == 1
    assert (make.reread(late).state, make.reread(on_time).state) == ("queued", "in_review")
    assert Claim.objects.get(case=late).ended_at is not None
    assert Claim.objects.get(case=on_time).ended_at is None
    event = late.events.latest("seq")
    assert (event.name, event.actor, event.facts) == ("release", None, {"by_lease": True})
    before = everything()
    assert actions.expire_claims() == 0
    assert everything() == before
    with pytest.raises(CaseMoved):
        actions.extend_claim(late.pk, by=reviewer)
    with pytest.raises(CaseMoved):
        actions.decide_case(
            late.pk, by=reviewer, outcome="approve", reason_codes=[], note="", seen_version=late.version + 1
        )
    assert everything() == before


@pytest.mark.django_db
def test_leases_end_a_bounded_number_at_a_time(reviewer: User) -> None:
    for number in range(3):
        run_out(actions.claim_case(waiting(f"A-{number}").pk, by=reviewer))
    assert [actions.expire_claims(limit=2) for _sweep in range(3)] == [2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_a_case_somebody_works_on_right_now_is_not_taken_away(reviewer: User) -> None:
    case = actions.claim_case(waiting().pk, by=reviewer)
    run_out(case)
    with locked_elsewhere(case.pk):
        assert actions.expire_claims() == 0
    assert make.reread(case).state == "in_review"
    assert Claim.objects.get().ended_at is None


@pytest.mark.django_db(transaction=True)
def test_a_lease_renewed_while_the_sweep_looks_at_it_is_kept(reviewer: User) -> None:
    """The extension comes between the sweep's look at the leases and its lock on the cases."""
    case = actions.claim_case(waiting().pk, by=reviewer)
    run_out(case)
    renewals: list[Future[Claim]] = []

    def renew_before_the_cases_are_locked(run: Any, statement: Any, *rest: Any) -> Any:
        # The door's own statement is composed from parts, everything else here is text.
        if not renewals and isinstance(statement, Composed) and "SKIP LOCKED" in statement.as_string():
            renew = partial(actions.extend_claim, case.pk, by=reviewer)
            renewals.append(started_until_it_waits(pool, renew, seen_from=watcher))
        return run(statement, *rest)

    with ThreadPoolExecutor(1) as pool:
        watcher = connection.copy()
        try:
            with connection.execute_wrapper(renew_before_the_cases_are_locked):
                assert actions.expire_claims() == 0
        finally:
            watcher.close()
        assert renewals[0].result(20).lease_until > timezone.now()
    assert make.reread(case).state == "in_review"
    assert Claim.objects.filter(ended_at=None, lease_until__gt=Now()).count() == 1
    assert steps(case) == ["receive", "park", "claim"]


@pytest.mark.django_db(transaction=True)
def test_reviewers_who_press_at_once_get_different_cases() -> None:
    people = [make.user(f"reviewer-{number}", Role.REVIEWER) for number in range(6)]
    made = [waiting(f"A-{number}") for number in range(4)]
    answers = at_once(*(partial(actions.claim_next, by=person) for person in people))
    got = [answer for answer in answers if isinstance(answer, Case)]
    assert sorted(case.pk for case in got) == [case.pk for case in made]
    assert [type(answer) for answer in answers if not isinstance(answer, Case)] == [NothingToClaim] * 2
    assert Claim.objects.filter(ended_at=None).count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_very_same_case_do_not_both_get_it(reviewer: User, second_reviewer: User) -> None:
    case = waiting()
    answers = at_once(
        lambda: actions.claim_case(case.pk, by=reviewer), lambda: actions.claim_case(case.pk, by=second_reviewer)
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Case", "CaseMoved"]
    assert Claim.objects.count() == 1
    assert steps(case) == ["receive", "park", "claim"]


@pytest.mark.django_db
def test_the_database_itself_knows_one_open_claim_a_case(reviewer: User, second_reviewer: User) -> None:
    case = actions.claim_case(waiting().pk, by=reviewer)
    before = everything()
    with pytest.raises(IntegrityError, match="claim_one_open_a_case"), transaction.atomic():
        Claim.objects.create(case=case, holder=second_reviewer, lease_until=timezone.now())
    assert everything() == before
