"""`GET /cases` and `GET /cases/{ref}`: pages by cursor, and everything that is known of one case."""

from __future__ import annotations

import math
from datetime import timedelta

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases import actions
from cases.models import Case, User
from cases.states import Role
from routing.models import Policy, Route
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.api.calls import Caller, problem


def pages(reading: Caller, **filters: str) -> list[list[str]]:
    """The refs of every page, following the cursor to its end."""
    found: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        body = reading.get("/cases", **filters, **({"cursor": cursor} if cursor else {})).json()
        found.append([case["ref"] for case in body["cases"]])
        cursor = body["next"]
    return found


def test_pages_follow_each_other_without_gap_or_overlap(reading: Caller) -> None:
    cases = make.cases(250)
    found = pages(reading)
    assert [len(page) for page in found] == [100, 100, 50]
    assert [ref for page in found for ref in page] == [case.ref for case in cases]


def test_a_full_last_page_says_that_nothing_follows(reading: Caller) -> None:
    make.cases(100)
    assert [len(page) for page in pages(reading)] == [100]


def test_what_arrives_while_pages_are_read_comes_last(reading: Caller) -> None:
    make.cases(100, source="a")
    first = reading.get("/cases").json()
    assert first["next"] is None
    make.cases(10, source="b")
    assert [len(page) for page in pages(reading)] == [100, 10]


def test_filters_narrow_the_list(reading: Caller) -> None:
    old, held, other = make.case("A-1"), make.case("A-2", findings=[{"feature": "x"}]), make.case("A-3", source="web")
    assert pages(reading, state="needs_data") == [[held.ref]]
    assert pages(reading, source="web") == [[other.ref]]
    assert pages(reading, source="branch-los", state="received") == [[old.ref]]
    assert pages(reading, source="nobody") == [[]]
    assert pages(reading, since=(timezone.now() - timedelta(hours=1)).isoformat()) == [[old.ref, held.ref, other.ref]]
    assert pages(reading, since=(timezone.now() + timedelta(hours=1)).isoformat()) == [[]]
    assert pages(reading, since="2026-01-05T09:30:00+23:59") == [[old.ref, held.ref, other.ref]]
    assert pages(reading, since="9999-12-31T23:59:00-20:00") == [[]]


def test_a_page_costs_two_queries_however_long_it_is(
    reading: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.cases(100)
    with django_assert_num_queries(2):
        reading.get("/cases")


def test_a_new_case_has_neither_assessment_nor_route_nor_decision(reading: Caller) -> None:
    case = make.case("A-1")
    body = reading.get(f"/cases/{case.ref}").json()
    assert (body["ref"], body["state"], body["version"], body["amount"]) == (case.ref, "received", 1, "8000.00")
    assert (body["assessment"], body["route"], body["decision"]) == (None, None, None)
    assert body["features"] == dict(make.CLEAR_FEATURES)


def test_a_decided_case_shows_score_reasons_route_and_decision(
    reading: Caller, champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer, "A-1")
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    body = reading.get(f"/cases/{case.ref}").json()
    stored = Assessment.objects.get(case=case)
    shown = body["assessment"]
    assert (shown["pd"], shown["interval"]) == (stored.pd, [stored.pd_low, stored.pd_high])
    assert (shown["model"], shown["model_sha256"], shown["doubt"]) == (str(champion), champion.sha256, stored.doubt)
    assert abs(shown["base_value"] + math.fsum(shown["contributions"].values()) - shown["log_odds"]) <= 1e-6
    assert list(shown["contributions"]) == [feature["name"] for feature in champion.feature_table["features"]]
    assert (
        abs(shown["cohort_base_value"] + math.fsum(shown["cohort_contributions"].values()) - shown["log_odds"]) <= 1e-6
    )
    assert list(shown["cohort_contributions"]) == list(shown["contributions"])
    assert (shown["cut_off"], shown["explanation_holds"]) == (stored.cut_off, True)
    assert (shown["missing"], shown["unreadable"], shown["stale"], shown["novel"]) == ([], [], [], stored.novel)
    assert shown["doubt_parts"] == stored.doubt_parts
    assert [reason["code"] for reason in shown["reason_codes"]] == [reason["code"] for reason in stored.reasons]
    assert shown["reason_codes"]
    assert shown["cohort_reasons"]
    told = {feature["group"] for feature in champion.feature_table["features"] if feature["actionable"]}
    assert {reason["code"] for reason in shown["applicant_reasons"]} <= told
    assert {reason["direction"] for reason in shown["applicant_reasons"]} <= {"up"}
    for reason in (*shown["reason_codes"], *shown["cohort_reasons"]):
        assert set(reason) == {"code", "direction", "contribution", "pd_points", "en", "zh"}
        assert reason["en"]
        assert reason["zh"]
    assert (body["route"]["way"], body["route"]["policy"]) == ("review", str(policy))
    assert body["route"]["reasons"][0] == {
        "code": "key_customer",
        "params": {},
        "en": "Key customer: always reviewed by a person",
        "zh": body["route"]["reasons"][0]["zh"],
    }
    assert body["route"]["reasons"][0]["zh"] not in ("", body["route"]["reasons"][0]["en"])
    route = Route.objects.get(case=case)
    told = body["route"]
    assert (told["row"], told["policy_sha256"], told["thresholds"]) == ("R1", policy.sha256, route.thresholds)
    assert (told["economics"], told["limit"], told["signing"]) == (route.economics, route.limit or None, route.signing)
    assert told["thresholds"]["approve_below"] == 0.12
    assert told["arms"] == {
        "audit": {"drawn": False, "probability": route.audit_probability},
        "exploration": {"drawn": False, "probability": 0},
    }
    decision = body["decision"]
    assert (decision["outcome"], decision["decided_by"], decision["reviewer"]) == ("approve", "person", "reviewer")
    assert (decision["signed_by"], decision["reason_codes"]) == ("supervisor", ["stable_income"])


def test_a_decision_that_waits_for_its_signature_is_not_shown_as_one(
    reading: Caller, champion: ModelVersion, policy: Policy, reviewer: User
) -> None:
    case, _review = make.awaiting_case(reviewer, "A-1")
    body = reading.get(f"/cases/{case.ref}").json()
    assert (body["state"], body["decision"]) == ("awaiting_signoff", None)


def test_a_decision_that_needs_two_says_who_signed_and_what_is_still_needed(
    reading: Caller, champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer, "A-1", signing=make.signing(approve=2))
    body = reading.get(f"/cases/{case.ref}").json()["sign_off"]
    assert (body["signatures_needed"], body["signed"], body["still_needed"], body["signatures"]) == (2, 0, 2, [])
    first = actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="agreed", seen_version=case.version)
    body = reading.get(f"/cases/{case.ref}").json()
    signed = {
        "signer": "supervisor",
        "on_behalf_of": None,
        "verdict": "confirm",
        "reason_codes": None,
        "note": "agreed",
        "packet_sha256": first.review.packet_sha256,
        "at": first.at.isoformat(),
    }
    assert (body["state"], body["decision"]) == ("awaiting_signoff", None)
    assert body["sign_off"] == {
        "outcome": "approve",
        "packet_sha256": first.review.packet_sha256,
        "signatures_needed": 2,
        "signed": 1,
        "still_needed": 1,
        "reasons": [
            {"code": "key_customer", "en": "Key customer: always reviewed by a person", "zh": "重点客户：一律人工审核"},
            {"code": "policy:S2", "en": "2 by the policy", "zh": "策略要求 2 人"},
        ],
        "signatures": [signed],
    }
    another = make.user("another", Role.SUPERVISOR, authority=100_000)
    actions.sign_case(case.pk, by=another, verdict="confirm", note="", seen_version=case.version + 1)
    body = reading.get(f"/cases/{case.ref}").json()
    assert (body["decision"]["signed_by"], body["decision"]["signers"]) == ("another", ["supervisor", "another"])
    assert (body["sign_off"]["signed"], body["sign_off"]["still_needed"]) == (2, 0)


def test_a_decision_made_alone_has_no_sign_off(
    reading: Caller, champion: ModelVersion, policy: Policy, reviewer: User
) -> None:
    held = make.claimed_case(reviewer, key_customer=False, currency="EUR")
    assert reading.get(f"/cases/{held.ref}").json()["sign_off"] is None
    actions.decide_case(
        held.pk,
        by=reviewer,
        outcome="decline",
        reason_codes=["high_debt"],
        note="a long enough note",
        seen_version=held.version,
    )
    body = reading.get(f"/cases/{held.ref}").json()
    assert (body["sign_off"], "signed_by" in body["decision"], "signers" in body["decision"]) == (None, False, False)


def test_a_decision_is_final_once_it_is_released(
    reading: Caller, champion: ModelVersion, policy: Policy, reviewer: User, admin: User
) -> None:
    held = make.claimed_case(reviewer, key_customer=False, currency="EUR")
    make.decide(held, reviewer, outcome="decline")
    decided = make.reread(held)
    assert decided.released_at is not None
    decision = reading.get(f"/cases/{held.ref}").json()["decision"]
    assert (decision["released_at"], decision["final"]) == (decided.released_at.isoformat(), False)
    assert [case["final"] for case in reading.get("/cases").json()["cases"]] == [False]
    make.released_at_once(admin)
    second = make.claimed_case(reviewer, "A-2", key_customer=False, currency="EUR")
    make.decide(second, reviewer, outcome="decline")
    assert reading.get(f"/cases/{second.ref}").json()["decision"]["final"] is True


def test_reading_changes_nothing(reading: Caller) -> None:
    case = make.case("A-1")
    before = Case.objects.filter(pk=case.pk).values().get()
    reading.get(f"/cases/{case.ref}")
    problem(reading.post("/cases", {}), 403)
    assert Case.objects.filter(pk=case.pk).values().get() == before
