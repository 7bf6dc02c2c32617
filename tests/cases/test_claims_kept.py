"""Cases that are kept for somebody, and somebody who presses twice."""

from __future__ import annotations

from functools import partial

import pytest

from cases import actions
from cases.errors import NotAllowed
from cases.models import Case, Claim, User
from cases.states import Role
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.together import at_once


def test_a_case_kept_for_somebody_who_left_is_free_again(
    champion: ModelVersion, policy: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer)
    actions.sign_case(case.pk, by=supervisor, verdict="send_back", note="look at it again", seen_version=case.version)
    with pytest.raises(NotAllowed):
        actions.claim_case(case.pk, by=second_reviewer)
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    assert actions.claim_next(by=second_reviewer).pk == case.pk


@pytest.mark.django_db(transaction=True)
def test_one_reviewer_who_presses_twice_at_once_gets_one_case() -> None:
    person = make.user("reviewer", Role.REVIEWER)
    make.cases(3)
    make.run_machine()
    first, second = at_once(*(partial(actions.claim_next, by=person) for _press in range(2)))
    assert isinstance(first, Case)
    assert isinstance(second, Case)
    assert first.pk == second.pk
    assert Claim.objects.count() == 1
