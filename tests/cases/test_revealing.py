"""Having names and numbers shown: for a purpose, for a while, each time kept, and never more than anybody reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cases import revealing
from cases.errors import BadDecision, NotAllowed, TooManyReveals
from cases.models import Case, Reveal, User
from cases.revealing import reveal_applicant
from tests import make
from tests.cases.refusals import refusal_of
from tests.together import at_once


@pytest.fixture
def case(db: None) -> Case:
    return make.case()


def test_each_time_is_kept_with_its_purpose_and_end_and_moves_nothing(case: Case, auditor: User, admin: User) -> None:
    make.desk_rules(admin, reveal_minutes=5)
    shown = reveal_applicant(case.pk, by=auditor, why="audit")
    assert (shown.case, shown.person, shown.why) == (case, auditor, "audit")
    assert shown.until - shown.at == timedelta(minutes=5)
    assert make.reread(case).version == case.version
    # Asked again while it is open, it is the same; for somebody else it is another.
    assert reveal_applicant(case.pk, by=auditor, why="fraud") == shown
    assert reveal_applicant(case.pk, by=admin, why="contact") != shown
    assert Reveal.objects.count() == 2


def test_no_purpose_no_job_and_too_many_are_refused_and_nothing_is_shown(
    case: Case, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadDecision, match="Choose what you need them for") as refused:
        reveal_applicant(case.pk, by=reviewer, why="curiosity")
    assert refused.value.field == "why"
    monkeypatch.setattr(revealing, "MOST_AN_HOUR", 1)
    reveal_applicant(case.pk, by=reviewer, why="contact")
    with pytest.raises(TooManyReveals):
        reveal_applicant(make.case("A-2").pk, by=reviewer, why="contact")
    reviewer.is_active = False
    with pytest.raises(NotAllowed):
        reveal_applicant(case.pk, by=reviewer, why="contact")
    assert Reveal.objects.count() == 1


def test_the_database_lets_nobody_change_or_forget_one(case: Case, reviewer: User) -> None:
    shown = reveal_applicant(case.pk, by=reviewer, why="identity")
    for statement in ("UPDATE cases_reveal SET why = 'audit'", "DELETE FROM cases_reveal"):
        assert "cases_reveal keeps what was written" in refusal_of(statement)[1], statement
    with pytest.raises(IntegrityError, match="reveal_lasts_a_while"), transaction.atomic():
        Reveal.objects.create(case=case, person=reviewer, why="audit", at=shown.at, until=shown.at)
    assert list(Reveal.objects.values_list("why", flat=True)) == ["identity"]


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_kept_once(reviewer: User) -> None:
    case = make.case()
    first, second = at_once(*[lambda: reveal_applicant(case.pk, by=reviewer, why="fraud")] * 2)
    assert first == second == Reveal.objects.get()
