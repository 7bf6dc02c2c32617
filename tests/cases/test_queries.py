"""Finding cases: by their name whatever somebody types, by who may see them, in the order of the queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases import actions
from cases.claimable import claimable_by
from cases.errors import CaseNotFound
from cases.models import Case, Claim, User
from cases.states import State
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "ref",
    [
        "", "CR", "CR-", "-1", "1", "cr-1", "CR1", "CR--1", "CR-+1", "CR- 1", "CR-1 ", "CR-1\n", "CR-1.0", "CR-1e0",
        "CR-0x1", "CR-1_0", "CR-١", "CR-１", "CR-²", "CR-1;--", "CR-1' OR '1'='1", "CR-%00", "CR-\x00", "CR-None",
        "CR-99999999999999999999", "CR-" + "9" * 5000, "CR-999999999999999999", "X-1", "CR-0",
    ],
)  # fmt: skip
def test_a_name_that_is_none_finds_nothing(ref: str) -> None:
    case = make.case()
    with pytest.raises(CaseNotFound):
        Case.objects.by_ref(ref.replace("1", str(case.pk)) if ref in ("1", "-1") else ref)


def test_a_case_is_found_by_its_name_within_what_is_searched(reviewer: User) -> None:
    case = make.case()
    assert Case.objects.by_ref(case.ref) == case
    assert case.ref == str(case) == f"CR-{case.pk}"
    assert Case.objects.visible_to(reviewer).by_ref(case.ref) == case
    for searched in (Case.objects.none(), Case.objects.filter(state=State.QUEUED)):
        with pytest.raises(CaseNotFound):
            searched.by_ref(case.ref)


def test_who_left_or_has_no_role_sees_no_case(reviewer: User, auditor: User, admin: User) -> None:
    case = make.case()
    for person in (reviewer, auditor, admin):
        assert list(Case.objects.visible_to(person)) == [case]
    reviewer.is_active = False
    auditor.role = "visitor"
    assert not Case.objects.visible_to(reviewer).exists()
    assert not Case.objects.visible_to(auditor).exists()


def test_what_waits_for_the_machine_is_received_or_scored(supervisor: User) -> None:
    received = make.case("A-1")
    make.case("A-2", findings=[{"feature": "annual_income", "code": "missing"}])
    assert list(Case.objects.waiting_for_machine()) == [received]
    make.run_machine()
    assert list(Case.objects.waiting_for_machine()) == []


def test_the_queue_is_read_in_one_statement(reviewer: User, django_assert_num_queries: Any) -> None:
    for number in range(5):
        make.queued_case(f"A-{number}")
    with django_assert_num_queries(1):
        rows = list(claimable_by(reviewer).select_related("applicant"))
        assert [case.applicant.external_id for case in rows] == [f"applicant of A-{number}" for number in range(5)]


def test_held_cases_are_those_under_a_running_lease_of_ones_own(reviewer: User, second_reviewer: User) -> None:
    mine, late, others = (make.queued_case(f"A-{number}") for number in range(3))
    actions.claim_case(mine.pk, by=reviewer)
    actions.claim_case(late.pk, by=reviewer)
    actions.claim_case(others.pk, by=second_reviewer)
    Claim.objects.filter(case=late).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert list(Case.objects.held_by(reviewer)) == [mine]
    assert list(Case.objects.held_by(second_reviewer)) == [others]
