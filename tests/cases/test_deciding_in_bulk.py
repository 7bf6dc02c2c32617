"""Deciding several clear cases at once: who may, which cases stay out and why, and that each has its own history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cases import actions
from cases.conflicts import state_conflict
from cases.deciding_in_bulk import BulkItem, BulkResult, decide_in_bulk
from cases.desk_rules import set_desk_rules
from cases.errors import BadDecision, NotAllowed
from cases.models import Case, Review, User
from tests import make
from tests.cases.history import everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "uncertain")]


@pytest.fixture
def uncertain(champion: Any, admin: User, supervisor: User) -> None:
    """Every case waits with the advice to approve, and the desk lets dollars be decided in bulk."""
    make.policy(admin, supervisor, **make.UNCERTAIN)
    set_desk_rules(
        by=admin, reason="for these tests", changes={"bulk_currency": "USD", "bulk_most": 3, "opinion_share": 0.0}
    )


@pytest.fixture
def bulk_reviewer(reviewer: User) -> User:
    reviewer.may_decide_in_bulk = True
    reviewer.save(update_fields=["may_decide_in_bulk"])
    return reviewer


def waiting(external_ref: str, **changes: Any) -> Case:
    return make.queued_case(external_ref, key_customer=changes.pop("key_customer", False), **changes)


def items(*cases: Case) -> list[BulkItem]:
    return [BulkItem(case.pk, case.version) for case in cases]


def approve(by: User, *cases: Case, **changes: Any) -> list[BulkResult]:
    said = {"outcome": "approve", "reason_codes": [], "note": "", **changes}
    return decide_in_bulk(items(*cases), by=by, **said)


def test_each_case_is_decided_with_the_events_of_a_single_decision(bulk_reviewer: User) -> None:
    first, second, alone = waiting("A-1"), waiting("A-2"), waiting("A-3")
    held = actions.claim_case(alone.pk, by=bulk_reviewer)
    actions.decide_case(
        held.pk, by=bulk_reviewer, outcome="approve", reason_codes=[], note="", seen_version=held.version
    )
    assert approve(bulk_reviewer, first, second) == [
        BulkResult(first.pk, version=first.version + 2),
        BulkResult(second.pk, version=second.version + 2),
    ]
    told = [
        [(event.name, event.actor, sorted(event.facts)) for event in case.events.order_by("seq")]
        for case in (first, second, alone)
    ]
    assert told[0] == told[1] == told[2]
    assert [make.reread(case).state for case in (first, second)] == ["approved", "approved"]


def test_what_is_not_plainly_alike_is_left_as_it_is_and_says_why(bulk_reviewer: User, reviewer: User) -> None:
    large, key = waiting("A-1", amount=Decimal(10_001)), waiting("A-2", key_customer=True)
    euro = waiting("A-3", currency="EUR")
    found = approve(bulk_reviewer, large, key, euro)
    assert [each.refusal for each in found] == [
        "Its amount is above the limit of bulk decisions.",
        "It is of a key customer.",
        "Its amount is in another currency than the limit of bulk decisions.",
    ]
    cousin = waiting("A-5")
    state_conflict(cousin.pk, by=bulk_reviewer, reason="They are my cousin.")
    assert [each.refusal for each in approve(bulk_reviewer, cousin)] == ["It is not yours to decide."]
    against = approve(bulk_reviewer, waiting("A-4"), outcome="decline", reason_codes=["high_debt"], note="")
    assert [each.refusal for each in against] == ["The advice does not say so."]
    assert Review.objects.count() == 0


def test_what_was_drawn_to_be_looked_at_is_not_decided_unseen(
    bulk_reviewer: User, admin: User, supervisor: User
) -> None:
    make.policy(admin, supervisor, audit_share=1.0)
    drawn = waiting("A-1")
    assert drawn.why[0]["code"] == "audit"
    assert [each.refusal for each in approve(bulk_reviewer, drawn)] == ["It waits because somebody must look at it."]
    assert (make.reread(drawn).version, Review.objects.count()) == (drawn.version, 0)


def test_a_case_that_somebody_changed_since_it_was_seen_stays_in_the_queue(
    bulk_reviewer: User, supervisor: User
) -> None:
    case = waiting("A-1")
    held = actions.claim_case(case.pk, by=supervisor)
    actions.release_case(held.pk, by=supervisor)
    stale = approve(bulk_reviewer, case)
    assert [each.refusal for each in stale] == [
        "The case has changed since you opened it. Look at it again before you decide."
    ]
    assert (make.reread(case).state, Review.objects.count()) == ("queued", 0)


def test_without_the_right_or_beyond_the_limits_nothing_is_decided(reviewer: User, supervisor: User) -> None:
    cases = [waiting(f"A-{number}") for number in range(4)]
    before = everything()
    with pytest.raises(NotAllowed, match=r"^You may not decide in bulk: an administrator gives this right"):
        approve(reviewer, cases[0])
    reviewer.may_decide_in_bulk = True
    for chosen, changes, field in (
        ([], {}, "refs"), (cases, {}, "refs"), (cases[:1], {"outcome": "watch"}, "outcome"),
        (cases[:1], {"note": "x" * 4001}, "note"),
    ):  # fmt: skip
        with pytest.raises(BadDecision) as refusal:
            approve(reviewer, *chosen, **changes)
        assert refusal.value.field == field
    assert everything() == before
