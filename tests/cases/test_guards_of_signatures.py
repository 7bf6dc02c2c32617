"""What the database refuses about signatures: too few, the wrong ones, and what the policy said rewritten."""

from __future__ import annotations

from typing import Any

import pytest

from cases import actions
from cases.conflicts import end_conflict, state_conflict
from cases.models import Case, Review, User
from cases.states import Role
from tests import make
from tests.cases.refusals import attempt, refusal_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy")]
TWO = make.signing(approve=2)
SIGN = """INSERT INTO cases_signature (review_id, reviewer_id, signer_id, verdict, note)
    VALUES (%(review)s, %(reviewer)s, %(signer)s, %(verdict)s, ''); """
EVENT = """INSERT INTO cases_caseevent (case_id, seq, name, from_state, to_state, facts)
    SELECT id, version, 'x', %(from)s, state, '{}' FROM cases_case WHERE id = %(case)s; """
DECIDE = """UPDATE cases_case SET version = version + 1, state = 'approved', outcome = 'approve',
    decided_by = 'person', decided_at = now() WHERE id = %(case)s; """
COUNTERSIGN = "UPDATE cases_case SET version = version + 1 WHERE id = %(case)s; "


@pytest.fixture
def second_supervisor() -> User:
    return make.user("second_supervisor", Role.SUPERVISOR, authority=100_000)


def refused(
    statement: str, case: Case, review: Review, signer: User, *, verdict: str = "confirm"
) -> tuple[str | None, str]:
    return refusal_of(statement, **given(case, review, signer, verdict=verdict))


def given(case: Case, review: Review, signer: User, *, verdict: str = "confirm") -> dict[str, object]:
    return {
        "case": case.pk,
        "from": "awaiting_signoff",
        "review": review.pk,
        "reviewer": review.reviewer_id,
        "signer": signer.pk,
        "verdict": verdict,
    }


def countersigned(by: User, supervisor: User, **changes: Any) -> tuple[Case, Review]:
    case, review = make.awaiting_case(by, signing=TWO, **changes)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    return make.reread(case), review


def test_one_signature_of_two_decides_nothing(reviewer: User, supervisor: User) -> None:
    case, review = make.awaiting_case(reviewer, signing=TWO)
    without = f"case {case.pk} was decided without a signature"
    assert refused(DECIDE + EVENT, case, review, supervisor) == (None, without)
    assert refused(SIGN + DECIDE + EVENT, case, review, supervisor) == (None, without)


def test_the_second_decision_needs_a_second_person(reviewer: User, supervisor: User, second_supervisor: User) -> None:
    case, review = countersigned(reviewer, supervisor)
    without = f"case {case.pk} was decided without a signature"
    assert refused(DECIDE + EVENT, case, review, supervisor) == (None, without)
    assert refused(SIGN + DECIDE + EVENT, case, review, second_supervisor, verdict="send_back") == (None, without)
    assert refused(SIGN + DECIDE + EVENT, case, review, supervisor)[0] == "signature_once_a_person"
    assert refused(SIGN + DECIDE + EVENT, case, review, reviewer)[0] == "signature_four_eyes"
    attempt(SIGN + DECIDE + EVENT, **given(case, review, second_supervisor))
    assert make.reread(case).state == "approved"


def test_who_entered_the_case_does_not_count_as_one_of_the_two(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, review = countersigned(reviewer, supervisor, entered_by=second_supervisor)
    without = f"case {case.pk} was decided without a signature"
    assert refused(SIGN + DECIDE + EVENT, case, review, second_supervisor) == (None, without)


def test_a_case_is_countersigned_with_a_signature_and_before_the_last_one_only(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, review = make.awaiting_case(reviewer, signing=TWO)
    without = f"case {case.pk} was countersigned without a signature"
    assert refused(COUNTERSIGN + EVENT, case, review, supervisor) == (None, without)
    case, review = countersigned(reviewer, supervisor, external_ref="A-2")
    without = f"case {case.pk} was countersigned without a signature"
    assert refused(SIGN + COUNTERSIGN + EVENT, case, review, second_supervisor) == (None, without)
    case, review = make.awaiting_case(reviewer, "A-3")
    without = f"case {case.pk} was countersigned without a signature"
    assert refused(SIGN + COUNTERSIGN + EVENT, case, review, second_supervisor) == (None, without)


def test_signatures_of_the_decision_before_do_not_count(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, _first = countersigned(reviewer, supervisor)
    actions.sign_case(
        case.pk, by=second_supervisor, verdict="send_back", note="look at it again", seen_version=case.version
    )
    held = actions.claim_next(by=reviewer)
    review = actions.decide_case(
        held.pk, by=reviewer, outcome="approve", reason_codes=["low_burden"], note="", seen_version=held.version
    )
    without = f"case {case.pk} was decided without a signature"
    assert refused(SIGN + DECIDE + EVENT, case, review, second_supervisor) == (None, without)
    again = make.reread(case)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=again.version)
    attempt(SIGN + DECIDE + EVENT, **given(case, review, second_supervisor))
    assert make.reread(case).state == "approved"


def test_a_decision_is_sent_back_once(reviewer: User, supervisor: User, second_supervisor: User) -> None:
    case, review = make.awaiting_case(reviewer, signing=TWO)
    actions.sign_case(case.pk, by=supervisor, verdict="send_back", note="look at it again", seen_version=case.version)
    found = refused(SIGN, case, review, second_supervisor, verdict="send_back")
    assert found[0] == "signature_sent_back_once"


REVIEW = """INSERT INTO cases_review (case_id, reviewer_id, outcome, advice, is_override, reason_codes, note,
    signature_reasons, signatures_needed, seen_version, claimed_at)
    SELECT id, %(signer)s, 'approve', '', false, '{{}}', '', '{{{reasons}}}', {needed}, version, now()
    FROM cases_case WHERE id = %(case)s; """


@pytest.mark.parametrize(("reasons", "needed"), [("key_customer", 0), ("", 1), ("key_customer", 3)])
def test_a_review_needs_signatures_for_a_reason_and_two_at_most(reasons: str, needed: int, reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    statement = REVIEW.format(reasons=reasons, needed=needed)
    found = refusal_of(statement, case=case.pk, signer=reviewer.pk)
    assert found[0] == "review_signed_for_a_reason"


@pytest.mark.parametrize(("asked", "needed"), [(1, 0), (2, 0)])
def test_a_case_is_not_decided_alone_where_the_policy_asks_for_signatures(
    asked: int, needed: int, reviewer: User
) -> None:
    case = make.claimed_case(reviewer, signing=make.signing(approve=asked))
    decide = REVIEW.format(reasons="", needed=needed) + DECIDE + EVENT
    found = refusal_of(decide, **{"case": case.pk, "signer": reviewer.pk, "from": "in_review"})
    assert found == (None, f"case {case.pk} was decided without a review")


def test_a_review_that_needs_fewer_than_the_policy_says_is_not_enough(reviewer: User, supervisor: User) -> None:
    case = make.claimed_case(reviewer, signing=TWO)
    ask = "UPDATE cases_case SET version = version + 1, state = 'awaiting_signoff' WHERE id = %(case)s; "
    values = {"case": case.pk, "signer": reviewer.pk, "from": "in_review"}
    attempt(REVIEW.format(reasons="key_customer", needed=1) + ask + EVENT, **values)
    without = f"case {case.pk} was decided without a signature"
    assert refused(SIGN + DECIDE + EVENT, case, Review.objects.get(), supervisor) == (None, without)


@pytest.mark.parametrize("change", ["SET signing = '{}'", "SET entered_by_id = NULL"])
def test_what_signatures_rest_on_changes_with_a_move_only(change: str, reviewer: User, supervisor: User) -> None:
    case, review = make.awaiting_case(reviewer, signing=TWO, entered_by=supervisor)
    found = refused("UPDATE cases_case " + change, case, review, supervisor)
    assert found == (None, f"case {case.pk}: its facts change only with a move")


def test_nobody_with_a_conflict_of_interest_signs_or_decides(
    reviewer: User, second_reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, review = make.awaiting_case(reviewer)
    conflict = state_conflict(case.pk, by=supervisor, reason="the applicant is my cousin")
    apart = f"case {case.pk} is judged by somebody with a conflict of interest"
    assert refused(SIGN + DECIDE + EVENT, case, review, supervisor) == (None, apart)
    assert refused(SIGN, case, review, supervisor, verdict="send_back") == (None, apart)
    for_the_giver = SIGN.replace("note)", "note, on_behalf_of_id)").replace("'')", f"'', {supervisor.pk})")
    assert refused(for_the_giver, case, review, second_reviewer) == (None, apart)
    decides = """INSERT INTO cases_review (case_id, reviewer_id, outcome, advice, is_override, reason_codes, note,
        signature_reasons, seen_version, claimed_at)
        VALUES (%(case)s, %(signer)s, 'approve', '', false, '{}', '', '{}', 99, now())"""
    assert refused(decides, case, review, supervisor) == (None, apart)
    end_conflict(conflict.pk, by=second_supervisor)
    attempt(SIGN + DECIDE + EVENT, **given(case, review, supervisor))
    assert make.reread(case).state == "approved"
