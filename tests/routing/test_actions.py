"""Drafting, publishing and applying a policy: four eyes, one in force, and people wherever it cannot be applied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.errors import CaseMoved, FourEyes, NotAllowed
from cases.models import Case, CaseEvent, User
from cases.states import Role
from riskreview import sample
from routing.actions import active_policy, draft_policy, publish_policy, route_scored_cases
from routing.models import Policy, Route
from routing.policy import audit_draw
from scoring.actions import score_waiting_cases
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.together import together


def draft(by: User, **changes: Any) -> Policy:
    return draft_policy("consumer", by=by, terms=replace(sample.TERMS, **changes))


def scored(external_ref: str = "A-1", **changes: Any) -> Case:
    case = make.case(external_ref, **changes)
    score_waiting_cases("tests")
    return make.reread(case)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR])
def test_only_an_admin_drafts(db: None, role: Role) -> None:
    with pytest.raises(NotAllowed):
        draft(make.user("somebody", role))
    assert Policy.objects.count() == 0


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_neither_reviewer_nor_auditor_publishes(admin: User, role: Role) -> None:
    made = draft(admin)
    with pytest.raises(NotAllowed):
        publish_policy(made.pk, by=make.user("somebody", role))
    assert active_policy("consumer") is None


def test_nobody_publishes_their_own_draft(admin: User) -> None:
    made = draft(admin)
    with pytest.raises(FourEyes, match="nobody publishes their own draft"):
        publish_policy(made.pk, by=admin)
    assert Policy.objects.get().status == "draft"
    with pytest.raises(IntegrityError, match="policy_four_eyes"), transaction.atomic():
        Policy.objects.update(published_by=admin)


def test_publishing_retires_the_version_before(admin: User, supervisor: User) -> None:
    first = publish_policy(draft(admin).pk, by=supervisor)
    second = publish_policy(draft(admin, sla_hours=8).pk, by=supervisor)
    assert (first.number, second.number) == (1, 2)
    assert active_policy("consumer") == second
    assert dict(Policy.objects.values_list("number", "status")) == {1: "retired", 2: "active"}
    assert (second.published_by, second.published_at is not None) == (supervisor, True)
    assert second.sha256 == replace(sample.TERMS, sla_hours=8).sha256


def test_a_published_version_is_not_published_again(admin: User, supervisor: User) -> None:
    first = publish_policy(draft(admin).pk, by=supervisor)
    publish_policy(draft(admin).pk, by=supervisor)
    with pytest.raises(CaseMoved, match="not a draft any more"):
        publish_policy(first.pk, by=supervisor)
    assert Policy.objects.get(status="active").number == 2


def test_the_database_allows_one_active_policy_a_product_and_none_unpublished(admin: User, supervisor: User) -> None:
    publish_policy(draft(admin).pk, by=supervisor)
    second = draft(admin)
    with pytest.raises(IntegrityError, match="policy_published_by_somebody"), transaction.atomic():
        Policy.objects.filter(pk=second.pk).update(status="active")
    with pytest.raises(IntegrityError, match="policy_one_active_a_product"), transaction.atomic():
        Policy.objects.filter(pk=second.pk).update(
            status="active", published_by=supervisor, published_at=timezone.now()
        )


def test_drafts_at_once_get_numbers_of_their_own(shared_db: None, admin: User) -> None:
    drafts = together([lambda: draft(admin)] * 4)
    assert sorted(each.number for each in drafts) == [1, 2, 3, 4]


def test_publications_at_once_leave_one_policy_in_force(shared_db: None, admin: User, supervisor: User) -> None:
    drafts = [draft(admin) for _number in range(4)]
    together([lambda key=each.pk: publish_policy(key, by=supervisor) for each in drafts])  # type: ignore[misc]
    assert sorted(Policy.objects.values_list("status", flat=True)) == ["active", "retired", "retired", "retired"]


def test_each_policy_has_a_secret_of_its_own(admin: User) -> None:
    first, second = draft(admin), draft(admin)
    assert len(first.audit_secret) == 64
    assert first.audit_secret != second.audit_secret


def test_a_clear_case_is_decided_by_the_machine_with_its_reasons(champion: ModelVersion, policy: Policy) -> None:
    case = scored()
    assert route_scored_cases() == 1
    decided = make.reread(case)
    assert (decided.state, decided.outcome, decided.decided_by, decided.advice) == (
        "approved", "approve", "machine", "approve",
    )  # fmt: skip
    assert [reason["code"] for reason in decided.why] == ["pd_below"]
    route = Route.objects.get()
    assert (route.case_id, route.case_version, route.policy, route.way) == (case.pk, 2, policy, "approve")
    assert route.assessment == Assessment.objects.get()
    event = CaseEvent.objects.get(case=case, name="approve_by_machine")
    assert (event.facts["policy"], event.facts["reasons"]) == (str(policy), decided.why)


def test_a_poor_case_is_declined_by_the_machine(champion: ModelVersion, admin: User, supervisor: User) -> None:
    make.policy(admin, supervisor, audit_share=0.0, approve_below=0.001, cut_off=0.002, decline_above=0.003)
    case = scored()
    route_scored_cases()
    assert (make.reread(case).state, Route.objects.get().way) == ("declined", "decline")


def test_a_queued_case_has_its_place_its_due_time_and_its_reasons(champion: ModelVersion, policy: Policy) -> None:
    case = scored(key_customer=True)
    route_scored_cases()
    queued = make.reread(case)
    assert (queued.state, queued.queue_tier, queued.advice, queued.outcome) == ("queued", 1, "approve", "")
    assert [reason["code"] for reason in queued.why] == ["key_customer", "pd_below"]
    assert queued.queued_at is not None
    assert queued.due_at is not None
    assert (queued.due_at - queued.queued_at).total_seconds() == pytest.approx(24 * 3600, abs=1)
    assert queued.queue_rank == Route.objects.get().rank


def test_the_audit_takes_its_share_and_the_probability_stays_on_every_drawable_case(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    policy = make.policy(admin, supervisor, audit_share=0.3)
    make.cases(60)
    scored(key_customer=True)
    while route_scored_cases():
        pass
    routes = Route.objects.select_related("case__applicant")
    for route in routes:
        drawable = not route.case.applicant.key_customer
        drawn = drawable and audit_draw(policy.audit_secret, f"branch-los/{route.case.external_ref}") < 0.3
        assert (route.is_audit, route.audit_probability) == (drawn, 0.3 if drawable else 0.0)
        assert (route.way == "review") == (drawn or not drawable)
    assert len(routes) == 61
    audited = CaseEvent.objects.filter(name="send_to_people", facts__has_key="audit_probability")
    assert audited.count() == sum(route.is_audit for route in routes) > 0


def test_without_a_policy_people_get_the_case_and_are_told(champion: ModelVersion) -> None:
    case = scored()
    assert route_scored_cases() == 1
    queued = make.reread(case)
    assert (queued.state, queued.advice, queued.why) == ("queued", "", [{"code": "no_policy", "params": {}}])
    assert (Route.objects.get().policy, queued.queue_tier) == (None, 2)


def test_a_policy_that_cannot_be_applied_decides_nothing(champion: ModelVersion, admin: User, supervisor: User) -> None:
    broken = draft(admin)
    Policy.objects.filter(pk=broken.pk).update(terms={**broken.terms, "colour": "red"})
    publish_policy(broken.pk, by=supervisor)
    case = scored()
    assert route_scored_cases() == 1
    queued = make.reread(case)
    assert (queued.state, queued.advice, queued.decided_by) == ("queued", "", "")
    (reason,) = queued.why
    assert reason["code"] == "routing_failed"
    assert "colour" in reason["params"]["problem"]


def test_a_draft_is_not_in_force(champion: ModelVersion, admin: User) -> None:
    draft(admin)
    case = scored()
    route_scored_cases()
    assert make.reread(case).why == [{"code": "no_policy", "params": {}}]


def test_a_monitoring_case_goes_to_people_without_advice(champion: ModelVersion, policy: Policy) -> None:
    case = scored(kind="monitoring")
    route_scored_cases()
    queued = make.reread(case)
    assert (queued.state, queued.advice, queued.why[0]["code"]) == ("queued", "", "monitoring")


def test_routing_twice_moves_nothing_twice(champion: ModelVersion, policy: Policy) -> None:
    make.cases(30)
    score_waiting_cases("tests")
    assert [route_scored_cases() for _time in range(2)] == [30, 0]
    assert Route.objects.count() == 30


def test_the_database_keeps_routes_and_refuses_a_machine_decision_without_a_policy(
    champion: ModelVersion, policy: Policy
) -> None:
    case = scored()
    route_scored_cases()
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        Route.objects.update(way="review")
    with pytest.raises(IntegrityError, match="route_machine_decides_on_policy"), transaction.atomic():
        Route.objects.create(case=case, case_version=9, way="approve", reasons=[])


def test_the_database_keeps_the_terms_of_a_published_policy(policy: Policy) -> None:
    changes: list[dict[str, Any]] = [{"terms": {}}, {"sha256": "0" * 64}, {"audit_secret": "known"}, {"number": 9}]
    for change in changes:
        with pytest.raises(IntegrityError, match="routing_policy keeps what was written"), transaction.atomic():
            Policy.objects.filter(pk=policy.pk).update(**change)
    with pytest.raises(IntegrityError, match="routing_policy keeps what was written"), transaction.atomic():
        policy.delete()
    assert Policy.objects.get(pk=policy.pk).terms == policy.terms
