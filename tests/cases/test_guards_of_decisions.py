"""What the database refuses about decisions: one without a review or a signature, and facts that change behind it."""

from __future__ import annotations

import pytest
from psycopg import sql

from cases.models import Case, Review, User
from tests import make
from tests.cases.refusals import refusal_of

APPROVE = "UPDATE cases_case SET version = version + 1, state = 'approved', "


@pytest.mark.django_db
@pytest.mark.usefixtures("champion", "policy")
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("outcome = '', decided_by = 'person', decided_at = now()", "case_approved_means_approve"),
        ("outcome = 'decline', decided_by = 'person', decided_at = now()", "case_approved_means_approve"),
        ("outcome = 'approve', decided_by = '', decided_at = now()", "case_decided_or_not"),
        ("outcome = 'approve', decided_by = 'person', decided_at = NULL", "case_decided_or_not"),
    ],
)
def test_a_decided_case_says_how_when_and_by_whom(changes: str, constraint: str, reviewer: User) -> None:
    make.awaiting_case(reviewer)
    assert refusal_of(sql.SQL("{}").format(sql.SQL(APPROVE + changes)))[0] == constraint


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "features = '{}'",
        "pd = pd / 2, pd_low = 0",
        "outcome = 'decline'",
        "decided_by = 'machine'",
        "decided_at = now()",
        "applicant_id = applicant_id + 1",
        "content_hash = ''",
    ],
)
def test_the_facts_of_a_case_change_with_a_move_only(signed: tuple[Case, Review], change: str) -> None:
    constraint, message = refusal_of(sql.SQL("UPDATE cases_case SET {}").format(sql.SQL(change)))
    assert (constraint, message) == (None, f"case {signed[0].pk}: its facts change only with a move")


EVENT_SQL = "INSERT INTO cases_caseevent (case_id, seq, name, from_state, to_state, facts) VALUES "
DECIDE = APPROVE + "outcome = 'approve', decided_by = 'person', decided_at = now() WHERE id = %s; "


@pytest.mark.django_db
@pytest.mark.usefixtures("champion", "policy")
def test_a_case_that_awaits_a_signature_is_not_decided_without_one(reviewer: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    event = "(%s, %s, 'sign_approval', 'awaiting_signoff', 'approved', '{}'); SET CONSTRAINTS ALL IMMEDIATE"
    message = refusal_of(DECIDE + EVENT_SQL + event, case.pk, case.pk, case.version + 1)[1]
    assert message == f"case {case.pk} was decided without a signature"


@pytest.mark.django_db
@pytest.mark.usefixtures("champion", "policy")
def test_a_case_in_review_is_not_decided_without_a_review(reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    event = "(%s, %s, 'approve', 'in_review', 'approved', '{}'); SET CONSTRAINTS ALL IMMEDIATE"
    message = refusal_of(DECIDE + EVENT_SQL + event, case.pk, case.pk, case.version + 1)[1]
    assert message == f"case {case.pk} was decided without a review"


@pytest.mark.django_db
def test_an_event_tells_the_move_that_was_made() -> None:
    case = make.queued_case()
    ahead = EVENT_SQL + "(%s, 999, 'x', 'queued', 'approved', '{}'); SET CONSTRAINTS ALL IMMEDIATE"
    assert refusal_of(ahead, case.pk)[1] == f"case {case.pk} never had version 999"
    move = "UPDATE cases_case SET version = version + 1, state = 'withdrawn' WHERE id = %s; "
    lie = EVENT_SQL + "(%s, %s, 'withdraw', 'queued', 'approved', '{}'); SET CONSTRAINTS ALL IMMEDIATE"
    message = refusal_of(move + lie, case.pk, case.pk, case.version + 1)[1]
    assert message == f"case {case.pk} has no event for version {case.version + 1}"


@pytest.mark.django_db
@pytest.mark.usefixtures("champion", "policy")
def test_a_signature_has_one_of_two_verdicts(reviewer: User, supervisor: User) -> None:
    _case, review = make.awaiting_case(reviewer)
    statement = """INSERT INTO cases_signature (review_id, reviewer_id, signer_id, verdict, note)
        VALUES (%s, %s, %s, 'perhaps', '')"""
    assert refusal_of(statement, review.pk, reviewer.pk, supervisor.pk)[0] == "signature_verdict_known"


@pytest.mark.django_db
@pytest.mark.usefixtures("champion")
def test_a_model_version_changes_its_standing_only() -> None:
    for change in ("sha256 = ''", "metrics = '{}'", "number = 9"):
        message = refusal_of(sql.SQL("UPDATE scoring_modelversion SET {}").format(sql.SQL(change)))[1]
        assert message == "scoring_modelversion keeps what was written: UPDATE is refused"
    assert refusal_of("DELETE FROM scoring_modelversion")[1].startswith("scoring_modelversion keeps what was written")
