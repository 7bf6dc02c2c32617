"""A conflict of interest keeps a person from signing, as it keeps them from reviewing: with any pen, in any list."""

from __future__ import annotations

import pytest

from cases import actions
from cases.conflicts import end_conflict, state_conflict
from cases.deciding import signers_for_decision
from cases.delegating import end_delegation
from cases.errors import ConflictOfInterest
from cases.models import Case, Delegation, User
from cases.signers import Signers, signers_for
from cases.signoff import awaiting_signature, signatures_left
from cases.states import Role
from tests import make
from tests.cases.history import everything, steps
from tests.cases.signing import pen, sign

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy")]
NOTE = "look at the income again"


@pytest.fixture
def second_supervisor() -> User:
    return make.user("second_supervisor", Role.SUPERVISOR, authority=100_000)


def test_a_conflict_of_interest_keeps_the_pen_away_and_its_end_brings_it_back(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer)
    conflict = state_conflict(case.pk, by=supervisor, reason="the applicant is my cousin")
    before = everything()
    for verdict in ("confirm", "send_back"):
        with pytest.raises(ConflictOfInterest, match=r"^A conflict of interest with this applicant is stated"):
            sign(case, supervisor, verdict, NOTE)
    with pytest.raises(ConflictOfInterest):
        actions.revise_decision(
            case.pk, by=supervisor, outcome="decline", reason_codes=["high_debt"], note=NOTE, seen_version=case.version
        )
    assert everything() == before
    assert list(awaiting_signature(supervisor)) == []
    assert list(awaiting_signature(second_supervisor)) == [case]
    around = Signers.read(case, case.reviews.get())
    assert signers_for(around, by=reviewer) == [second_supervisor]
    # In another decision on the same applicant it holds too.
    assert supervisor not in signers_for_decision(case, "approve", by=reviewer)
    end_conflict(conflict.pk, by=second_supervisor)
    assert list(awaiting_signature(supervisor)) == [case]
    sign(case, supervisor)
    assert make.reread(case).state == "approved"


def test_who_signs_for_somebody_with_a_conflict_of_interest_is_refused_too(
    reviewer: User, second_reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer)
    pen(supervisor, second_reviewer)
    assert list(awaiting_signature(second_reviewer)) == [case]
    state_conflict(case.pk, by=supervisor, reason="the applicant is my cousin")
    before = everything()
    with pytest.raises(ConflictOfInterest, match=r"^You would sign for supervisor, for whom a conflict of interest"):
        sign(case, second_reviewer)
    assert everything() == before
    assert list(awaiting_signature(second_reviewer)) == []
    # Whose own pen is good is not kept away by the pen they hold besides.
    end_delegation(Delegation.objects.get().pk, by=supervisor)
    pen(supervisor, second_supervisor)
    assert list(awaiting_signature(second_supervisor)) == [case]
    assert sign(case, second_supervisor).on_behalf_of is None


# What a decision needs is looked at when each act ends.
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_signer_asked_by_name_who_states_a_conflict_of_interest(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, review = make.awaiting_case(reviewer)
    ask(case, second_supervisor, by=reviewer)
    state_conflict(case.pk, by=second_supervisor, reason="the applicant is my cousin")
    event = case.events.latest("seq")
    assert (event.name, event.actor, event.facts) == (
        "excuse_signer",
        second_supervisor,
        {"review": review.pk, "excused_signer": "second_supervisor", "excused_signer_id": second_supervisor.pk,
         "reason": "the applicant is my cousin", "conflict_of_interest": True},
    )  # fmt: skip
    assert list(awaiting_signature(supervisor)) == [case]
    # Said twice, it is told once.
    state_conflict(case.pk, by=second_supervisor, reason="the applicant is my cousin")
    sign(case, supervisor)
    assert make.reread(case).state == "approved"
    assert steps(case)[4:] == ["ask_signature", "ask_signer", "excuse_signer", "sign_approval"]


@pytest.mark.django_db(transaction=True)
def test_where_the_last_one_asked_is_excused_somebody_else_signs_though_the_conflict_has_ended(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    third = make.user("third", Role.SUPERVISOR, authority=100_000)
    case, review = make.awaiting_case(reviewer)
    ask(case, second_supervisor, by=reviewer)
    sign(case, supervisor)
    assert make.reread(case).state == "awaiting_signoff"
    # On another case of the same applicant, from which they do not see this one.
    other = make.queued_case("A-2", applicant_ref="applicant of A-1")
    conflict = state_conflict(other.pk, by=second_supervisor, reason="the applicant is my cousin")
    end_conflict(conflict.pk, by=third)
    assert steps(case)[-1] == "excuse_signer"
    assert signatures_left(review, [supervisor.pk], []) == 1
    assert make.reread(case).state == "awaiting_signoff"
    sign(case, third)
    assert make.reread(case).state == "approved"


def ask(case: Case, signer: User, *, by: User) -> None:
    version = make.reread(case).version
    actions.ask_signer(case.pk, by=by, signer_id=signer.pk, reason="she knows the group", seen_version=version)
