"""The person who is signed in, with the pen they hold, in one statement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.backends import PersonBackend
from cases.models import Delegation, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("starts", "ends", "ended", "counts"),
    [(-1, 1, False, True), (1, 2, False, False), (-2, -1, False, False), (-1, 1, True, False)],
)
def test_a_pen_counts_between_its_moments_until_it_is_ended(
    starts: int, ends: int, ended: bool, counts: bool, reviewer: User, supervisor: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    now = timezone.now()
    Delegation.objects.create(
        giver=supervisor, holder=reviewer, starts_at=now + timedelta(days=starts), ends_at=now + timedelta(days=ends),
        reason="holiday", ended_at=now if ended else None,
    )  # fmt: skip
    expected = supervisor.pk if counts else None
    assert User.objects.get(pk=reviewer.pk).signs_for_id == expected
    with django_assert_num_queries(1):
        found = PersonBackend().get_user(reviewer.pk)
        assert found is not None
        assert found.signs_for_id == expected


def test_whoever_left_is_not_signed_in_and_lends_no_pen(reviewer: User, supervisor: User) -> None:
    now = timezone.now()
    Delegation.objects.create(
        giver=supervisor,
        holder=reviewer,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        reason="x",
    )
    User.objects.filter(pk=supervisor.pk).update(is_active=False)
    found = PersonBackend().get_user(reviewer.pk)
    assert found is not None
    assert found.signs_for_id is None
    assert PersonBackend().get_user(supervisor.pk) is None
    assert PersonBackend().get_user(0) is None
