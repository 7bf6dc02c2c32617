"""A case opened again is another person's to decide: whoever decided it before gets it by no way."""

from __future__ import annotations

import pytest
from psycopg import sql

from cases import actions, placing
from cases.claimable import barred_among, claimable_by
from cases.deciding_in_bulk import BulkItem, decide_in_bulk
from cases.errors import BadDecision, FourEyes
from cases.models import Case, Review, User
from cases.passing_on import people_for, transfer_case
from cases.placing import Placed
from cases.reopening import answer_reopening, ask_reopening
from cases.states import Role
from cases.takeover import take_over_case
from cases.taking_back import take_back
from tests import make
from tests.cases.history import everything
from tests.cases.refusals import refusal_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy")]
WHY = "the pay slips turned out to be forged"
SIGNED_BEFORE = r"^You signed a decision on this case or let it be opened again: another person must decide it now\.$"
BEFORE = r"^You decided this case before: another person must decide it now\.$"


def opened_again(decider: User, asker: User, supervisor: User) -> Case:
    held = make.claimed_case(decider, key_customer=False, currency="EUR")
    make.decide(held, decider, outcome="decline")
    asked = ask_reopening(held.pk, by=asker, reason=WHY)
    answer_reopening(asked.pk, by=supervisor, verdict="approve", note="")
    case = make.reread(held)
    assert case.state == "queued"
    return case


@pytest.mark.usefixtures("released_at_once")
def test_whoever_decided_a_case_gets_it_by_no_way_once_it_is_open_again(
    reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    case = opened_again(reviewer, second_reviewer, supervisor)
    assert list(claimable_by(reviewer)) == []
    reviewer.may_decide_in_bulk = True
    reviewer.save()
    before = everything()
    with pytest.raises(FourEyes, match=BEFORE):
        actions.claim_case(case.pk, by=reviewer)
    item = BulkItem(case.pk, case.version)
    (result,) = decide_in_bulk([item], by=reviewer, outcome="decline", reason_codes=["high_debt"], note="a long note")
    assert result.refusal != ""
    assert placing.hand_over_cases([case.pk], by=supervisor, to=reviewer, reason=WHY) == [
        Placed(case.pk, "This person decided the case before.")
    ]
    assert everything() == before
    held = actions.claim_case(case.pk, by=second_reviewer)
    assert set(people_for(held, by=second_reviewer)) == set()
    with pytest.raises(BadDecision, match=r"^Choose a person who may review this case\.$"):
        transfer_case(
            held.pk, by=second_reviewer, to_id=reviewer.pk, note="you know it well", seen_version=held.version
        )


@pytest.mark.usefixtures("released_at_once")
def test_a_supervisor_does_not_take_over_what_they_decided_before(
    reviewer: User, supervisor: User, second_reviewer: User
) -> None:
    boss = make.user("boss", Role.SUPERVISOR, authority=100_000)
    case = opened_again(supervisor, second_reviewer, boss)
    actions.claim_case(case.pk, by=reviewer)
    before = everything()
    with pytest.raises(FourEyes, match=BEFORE):
        take_over_case(case.pk, by=supervisor, reason="The reviewer is ill.")
    assert everything() == before
    third = make.user("third", Role.SUPERVISOR, authority=100_000)
    take_over_case(case.pk, by=third, reason="The reviewer is ill.")


def test_what_was_sent_back_to_one_is_ones_own_until_it_is_freed(reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    actions.sign_case(case.pk, by=supervisor, verdict="send_back", note="look at it again", seen_version=case.version)
    actions.claim_case(case.pk, by=reviewer)
    actions.release_case(case.pk, by=reviewer)
    placing.free_cases([case.pk], by=supervisor, reason="somebody else looks")
    with pytest.raises(FourEyes, match=BEFORE):
        actions.claim_case(case.pk, by=reviewer)


def test_a_decision_that_was_taken_back_bars_nobody(reviewer: User) -> None:
    case = make.claimed_case(reviewer, key_customer=False, currency="EUR")
    make.decide(case, reviewer, outcome="decline")
    take_back(case.pk, by=reviewer, seen_version=make.reread(case).version)
    actions.release_case(case.pk, by=reviewer)
    assert list(claimable_by(reviewer)) == [case]
    assert actions.claim_case(case.pk, by=reviewer) == case


@pytest.mark.usefixtures("released_at_once")
def test_who_signed_a_decision_or_let_it_be_opened_again_does_not_decide_the_case_anew(
    reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    boss = make.user("boss", Role.SUPERVISOR, authority=100_000)
    case, _review = make.awaiting_case(reviewer)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    asked = ask_reopening(case.pk, by=second_reviewer, reason=WHY)
    answer_reopening(asked.pk, by=boss, verdict="approve", note="")
    before = everything()
    for person in (supervisor, boss):
        assert list(claimable_by(person)) == []
        assert barred_among([case.pk], person) == {case.pk}
        with pytest.raises(FourEyes, match=SIGNED_BEFORE):
            actions.claim_case(case.pk, by=person)
        assert placing.hand_over_cases([case.pk], by=supervisor, to=person, reason=WHY) == [
            Placed(case.pk, "This person signed a decision on the case or let it be opened again.")
        ]
    assert everything() == before
    held = actions.claim_case(case.pk, by=second_reviewer)
    assert set(people_for(held, by=second_reviewer)) == set()
    for person in (supervisor, boss):
        with pytest.raises(FourEyes, match=SIGNED_BEFORE):
            take_over_case(case.pk, by=person, reason="The reviewer is ill.")
    review = make.decide(held, second_reviewer, outcome="decline")
    # Past the product's own doors the database refuses it.
    copied = [f.column for f in Review._meta.fields if f.column not in ("id", "reviewer_id", "seen_version", "at")]
    columns = sql.SQL(", ").join([sql.Identifier(str(column)) for column in copied])
    again = sql.SQL(
        "INSERT INTO cases_review ({}, reviewer_id, seen_version) SELECT {}, %s, 99 FROM cases_review WHERE id = %s"
    ).format(columns, columns)
    for person in (supervisor, boss):
        said = f"case {case.pk} is decided by somebody who signed it or opened it again"
        assert refusal_of(again, person.pk, review.pk) == (None, said)
