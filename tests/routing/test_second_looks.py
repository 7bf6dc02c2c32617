"""Drawing second looks: by a draw that can be repeated, once a decision, among released decisions of people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cases.claiming import end_claim, lock_held
from cases.deciding import decided_now
from cases.draws import draw
from cases.models import Review, SecondLook, User
from cases.move import move_case
from routing.models import Policy
from routing.second_looks import SECOND_LOOK, draw_second_looks
from tests import make

pytestmark = pytest.mark.usefixtures("released_at_once")


@pytest.fixture
def ground(champion: object, admin: User, supervisor: User) -> Policy:
    return make.policy(admin, supervisor, audit_share=1.0)


def decided(by: User, external_ref: str, **changes: Any) -> Review:
    """A decision with its moments as the desk would have written them at another time."""
    held = make.claimed_case(by, external_ref, key_customer=False)
    with transaction.atomic():
        case, claim = lock_held(held.pk, by=by, seen_version=held.version)
        review = Review.objects.create(
            case=case,
            reviewer=by,
            outcome="approve",
            is_override=False,
            seen_version=case.version,
            claimed_at=claim.claimed_at,
        )
        end_claim(claim)
        move_case(case, "approve", by=by, facts={}, **{**decided_now("approve"), **changes})
    return review


def test_decisions_are_drawn_once_with_the_probability_that_they_had(
    ground: Policy, reviewer: User, admin: User
) -> None:
    make.desk_rules(admin, second_look_share=0.4)
    reviews = [make.decide(make.claimed_case(reviewer, f"A-{n}", key_customer=False), reviewer) for n in range(12)]
    keys = {review: f"branch-los/{review.case.external_ref}/{review.seen_version}" for review in reviews}
    drawn = {review.pk for review in reviews if draw(ground.audit_secret, SECOND_LOOK, keys[review]) < 0.4}
    assert 0 < len(drawn) < 12
    assert draw_second_looks() == len(drawn)
    found = SecondLook.objects.filter(looker=None, reviewer=reviewer, probability=0.4)
    assert set(found.values_list("review", "case")) == {
        (review.pk, review.case_id) for review in reviews if review.pk in drawn
    }
    assert draw_second_looks() == 0
    assert SecondLook.objects.count() == len(drawn)


def test_what_is_not_released_not_of_a_person_or_long_ago_is_not_drawn(
    ground: Policy, reviewer: User, admin: User
) -> None:
    make.desk_rules(admin, second_look_share=1.0)
    now = timezone.now()
    decided(reviewer, "A-1", released_at=now + timedelta(seconds=30))
    make.awaiting_case(reviewer, "A-2")
    decided(reviewer, "A-3", decided_at=now - timedelta(days=4), released_at=now - timedelta(days=4))
    make.queued_case("A-4")
    assert draw_second_looks() == 0
    released = decided(reviewer, "A-5", released_at=now)
    assert draw_second_looks() == 1
    assert SecondLook.objects.get().review == released


def test_a_desk_without_second_looks_draws_none(ground: Policy, reviewer: User, admin: User) -> None:
    make.desk_rules(admin, second_look_share=0.0)
    make.decide(make.claimed_case(reviewer, key_customer=False), reviewer)
    assert draw_second_looks() == 0
    assert not SecondLook.objects.exists()
