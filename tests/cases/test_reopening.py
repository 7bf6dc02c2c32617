"""Opening a decided case again: one asks, another answers, and the history tells both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases import actions
from cases.conflicts import state_conflict
from cases.errors import BadDecision, CaseMoved, CaseNotFound, ConflictOfInterest, FourEyes, NotAllowed
from cases.models import Case, Reopening, User
from cases.move import lock_case
from cases.reopening import AskedAlready, NotReleased, answer_reopening, ask_reopening
from cases.states import Role
from tests import make
from tests.cases.history import everything, steps
from tests.cases.refusals import ALL, refusal_of
from tests.together import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy", "released_at_once")]
WHY = "the pay slips turned out to be forged"
TABLES = ("cases_case", "cases_caseevent", "cases_reopening")


@pytest.fixture
def decided(champion: object, policy: object, reviewer: User) -> Case:
    held = make.claimed_case(reviewer, key_customer=False, currency="EUR")
    make.decide(held, reviewer, outcome="decline")
    case = make.reread(held)
    assert case.state == "declined"
    return case


def test_a_case_is_opened_again_by_another_person_and_waits_on_top(
    decided: Case, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    asked = ask_reopening(decided.pk, by=reviewer, reason=f" {WHY} ")
    assert (asked.case_version, asked.asked_by, asked.reason, asked.verdict) == (decided.version, reviewer, WHY, "")
    assert make.reread(decided).version == decided.version
    answered = answer_reopening(asked.pk, by=supervisor, verdict="approve", note="agreed")
    assert (answered.answered_by, answered.verdict, answered.note) == (supervisor, "approve", "agreed")
    assert answered.answered_at is not None
    case = make.reread(decided)
    assert (case.state, case.outcome, case.decided_by, case.decided_at, case.released_at) == (
        "queued",
        "",
        "",
        None,
        None,
    )
    assert (case.queue_tier, case.queue_rank, case.reserved_for, case.assigned_to) == (0, 0.0, None, None)
    assert (case.why, case.opinion_first) == ([{"code": "reopened", "params": {"reason": WHY}}], decided.opinion_first)
    assert case.due_at is not None
    assert case.due_at > timezone.now() + timedelta(minutes=59)
    event = case.events.latest("seq")
    assert (event.name, event.actor, event.facts) == (
        "reopen",
        supervisor,
        {
            "reopening": asked.pk,
            "asked_by": "reviewer",
            "asked_by_id": reviewer.pk,
            "outcome_before": "decline",
            "reason": WHY,
            "note": "agreed",
        },
    )
    make.decide(actions.claim_case(case.pk, by=second_reviewer), second_reviewer, outcome="decline")
    assert steps(decided)[3:] == ["claim", "decline", "reopen", "claim", "decline"]


def test_a_refusal_says_why_and_the_decision_stands(decided: Case, reviewer: User, supervisor: User) -> None:
    asked = ask_reopening(decided.pk, by=reviewer, reason=WHY)
    with pytest.raises(BadDecision) as refusal:
        answer_reopening(asked.pk, by=supervisor, verdict="refuse", note="no")
    assert refusal.value.field == "note"
    answer_reopening(asked.pk, by=supervisor, verdict="refuse", note="the slips were checked twice")
    assert (make.reread(decided).state, make.reread(decided).version) == ("declined", decided.version)
    again = ask_reopening(decided.pk, by=supervisor, reason=WHY)
    assert Reopening.objects.filter(case=decided).count() == 2
    with pytest.raises(CaseMoved):
        answer_reopening(asked.pk, by=supervisor, verdict="approve", note="")
    assert Reopening.objects.get(pk=again.pk).verdict == ""


def test_nobody_answers_their_own_request(decided: Case, supervisor: User) -> None:
    asked = ask_reopening(decided.pk, by=supervisor, reason=WHY)
    before = everything(*TABLES)
    for verdict in ("approve", "refuse"):
        with pytest.raises(FourEyes, match=r"^You asked for it yourself: another person must answer\.$"):
            answer_reopening(asked.pk, by=supervisor, verdict=verdict, note="a note of some length")
    assert everything(*TABLES) == before


def test_a_conflict_of_interest_keeps_the_answer_from_a_person(decided: Case, reviewer: User, supervisor: User) -> None:
    asked = ask_reopening(decided.pk, by=reviewer, reason=WHY)
    state_conflict(decided.pk, by=supervisor, reason="the applicant is my cousin")
    before = everything(*ALL)
    for verdict in ("approve", "refuse"):
        with pytest.raises(ConflictOfInterest, match=r"^A conflict of interest with this applicant is stated for you"):
            answer_reopening(asked.pk, by=supervisor, verdict=verdict, note="a note of some length")
    answers = """UPDATE cases_reopening SET verdict = 'refuse', answered_by_id = %(by)s, answered_at = now()
        WHERE id = %(asked)s"""
    refused = refusal_of(answers, by=supervisor.pk, asked=asked.pk)
    assert refused == (None, f"case {decided.pk} is judged by somebody with a conflict of interest")
    assert everything(*ALL) == before
    other = make.user("other", Role.SUPERVISOR)
    assert answer_reopening(asked.pk, by=other, verdict="refuse", note="a note of some length").answered_by == other


def test_who_may_ask_and_answer_and_what_is_incomplete(
    decided: Case, reviewer: User, second_reviewer: User, supervisor: User, admin: User, auditor: User
) -> None:
    for person in (admin, auditor):
        with pytest.raises(NotAllowed):
            ask_reopening(decided.pk, by=person, reason=WHY)
    with pytest.raises(BadDecision) as refusal:
        ask_reopening(decided.pk, by=reviewer, reason="brief")
    assert refusal.value.field == "reason"
    asked = ask_reopening(decided.pk, by=reviewer, reason=WHY)
    before = everything(*TABLES)
    with pytest.raises(AskedAlready):
        ask_reopening(decided.pk, by=second_reviewer, reason=WHY)
    for person in (second_reviewer, admin, auditor):
        with pytest.raises(NotAllowed):
            answer_reopening(asked.pk, by=person, verdict="approve", note="")
    with pytest.raises(BadDecision):
        answer_reopening(asked.pk, by=supervisor, verdict="", note="")
    with pytest.raises(CaseNotFound):
        answer_reopening(0, by=supervisor, verdict="approve", note="")
    assert everything(*TABLES) == before


def test_what_is_not_decided_here_for_good_is_not_opened_again(reviewer: User, supervisor: User) -> None:
    waiting = make.queued_case("A-1")
    awaiting, _review = make.awaiting_case(reviewer, "A-2")
    for case in (waiting, awaiting):
        with pytest.raises(CaseMoved):
            ask_reopening(case.pk, by=supervisor, reason=WHY)
    assert Reopening.objects.count() == 0


def test_a_decision_that_can_still_be_taken_back_is_not_opened_again(reviewer: User, supervisor: User) -> None:
    held = make.claimed_case(reviewer, key_customer=False, currency="EUR")
    make.decide(held, reviewer, outcome="decline")
    case = make.reread(held)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cases.reopening.lock_case", lambda key: _unreleased(lock_case(key)))
        with pytest.raises(NotReleased):
            ask_reopening(case.pk, by=supervisor, reason=WHY)
    assert Reopening.objects.count() == 0


def _unreleased(case: Case) -> Case:
    case.released_at = timezone.now() + timedelta(seconds=30)
    return case


def test_what_the_machine_decided_is_opened_again_too(reviewer: User, supervisor: User) -> None:
    case = make.case("M-1")
    make.run_machine()
    asked = ask_reopening(case.pk, by=reviewer, reason=WHY)
    answer_reopening(asked.pk, by=supervisor, verdict="approve", note="")
    opened = make.reread(case)
    assert (opened.state, opened.queue_tier, opened.outcome) == ("queued", 0, "")
    assert opened.due_at is not None
    assert opened.due_at > timezone.now() + timedelta(hours=23)


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_open_once(decided: Case, reviewer: User, supervisor: User) -> None:
    another = make.user("another", Role.SUPERVISOR)
    asked = ask_reopening(decided.pk, by=reviewer, reason=WHY)
    answers = at_once(*[
        lambda who=who, verdict=verdict: answer_reopening(asked.pk, by=who, verdict=verdict, note="a note of length")
        for who, verdict in ((supervisor, "approve"), (another, "refuse"))
    ])  # fmt: skip
    assert sorted(type(answer).__name__ for answer in answers) == ["CaseMoved", "Reopening"]
    stored = Reopening.objects.get()
    assert make.reread(decided).state == ("queued" if stored.verdict == "approve" else "declined")


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_are_one(decided: Case, reviewer: User, second_reviewer: User) -> None:
    answers = at_once(
        *[lambda who=who: ask_reopening(decided.pk, by=who, reason=WHY) for who in (reviewer, second_reviewer)]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["AskedAlready", "Reopening"]
    assert Reopening.objects.count() == 1
