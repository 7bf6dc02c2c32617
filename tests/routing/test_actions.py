"""Applying the policy in force: what the machine decides, what people get, and people wherever it cannot be applied."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from cases.desk_rules import working_hours
from cases.draws import draw
from cases.models import Case, CaseEvent, User
from cases.working_time import working_seconds
from routing import arms
from routing.actions import route_scored_cases, terms_of
from routing.case_facts import facts_of
from routing.facts import Facts
from routing.models import Policy, Route
from routing.policy import Routed
from routing.record import RouteRecord, records_of
from routing.table.columns import Coded
from routing.terms import Terms
from scoring.actions import score_waiting_cases
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.routing.tampering import tampering


def scored(external_ref: str = "A-1", **changes: Any) -> Case:
    case = make.case(external_ref, **changes)
    score_waiting_cases("tests")
    return make.reread(case)


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
    assert working_seconds(queued.queued_at, queued.due_at, working_hours()) == pytest.approx(24 * 3600, abs=1)
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
        drawn = drawable and draw(policy.audit_secret, arms.AUDIT, f"branch-los/{route.case.external_ref}") < 0.3
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
    broken = make.policy(admin, supervisor)
    with tampering():
        Policy.objects.update(terms={**broken.terms, "colour": "red"})
    case = scored()
    assert route_scored_cases() == 1
    queued = make.reread(case)
    assert (queued.state, queued.advice, queued.decided_by) == ("queued", "", "")
    (reason,) = queued.why
    assert reason["code"] == "routing_failed"
    assert "colour" in reason["params"]["problem"]


def test_a_case_that_the_policy_cannot_be_applied_to_costs_the_others_nothing(
    champion: ModelVersion, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make.cases(3)
    bad = make.case("X-1")

    def fail_on_one(terms: Terms, facts: Facts, routed: Routed) -> list[RouteRecord]:
        if any(key.endswith("/X-1") for key in facts.key):
            raise ValueError("a record that cannot be made")
        return records_of(terms, facts, routed)

    monkeypatch.setattr("routing.actions.records_of", fail_on_one)
    score_waiting_cases("tests")
    assert route_scored_cases() == 4
    assert [make.reread(case).state for case in good] == ["approved"] * 3
    assert [reason["code"] for reason in make.reread(bad).why] == ["routing_failed"]
    assert Route.objects.count() == 4


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, 0.0), ("", 0.0), (False, 0.0), (0, 0.0), ("No", 0.0), ("否", 0.0), ("off", 0.0), ("F", 0.0),
        (True, 1.0), (1, 1.0), (1.0, 1.0), ("Yes", 1.0), (" Y ", 1.0), ("TRUE", 1.0), ("是", 1.0), ("on", 1.0),
        ("perhaps", None), (2, None), ("无", None),
    ],
)  # fmt: skip
def test_an_answer_that_is_neither_yes_nor_no_to_a_machine_is_missing(
    champion: ModelVersion, policy: Policy, said: object, expected: float | None
) -> None:
    case = make.case("O-1", features={"no_automated_decision": said})
    found = facts_of(terms_of(policy), [case], {}, secret="draws").columns["opted_out"]
    assert not isinstance(found, Coded)
    assert [None if np.isnan(value) else value for value in found.tolist()] == [expected]


def test_a_draft_is_not_in_force(champion: ModelVersion, admin: User) -> None:
    make.tested(admin)
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


def test_a_route_keeps_all_that_it_rests_on(champion: ModelVersion, policy: Policy) -> None:
    case = scored()
    route_scored_cases()
    route, assessment = Route.objects.get(), Assessment.objects.get()
    assert (route.row, route.tier) == ("R10", 3)
    assert len(bytes.fromhex(route.trace)) == 3
    assert route.inputs["amount"] == 8000.0
    assert (route.inputs["pd"], route.inputs["band"]) == (assessment.pd, "approve")
    assert route.thresholds["approve_below"] == policy.terms["approve_below"]
    assert route.economics["cost_of_approval"] == pytest.approx(assessment.pd * 0.6 * 8000, rel=1e-12)
    assert route.economics["cost_of_decline"] == pytest.approx((1 - assessment.pd) * 0.1 * 8000, rel=1e-12)
    assert make.reread(case).signing == route.signing
    assert json.dumps([route.inputs, route.thresholds, route.economics, route.signing], allow_nan=False)
