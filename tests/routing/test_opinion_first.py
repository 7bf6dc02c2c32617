"""Which cases ask for an opinion before the model is seen, and that the draw can be repeated."""

from __future__ import annotations

from typing import Any

import pytest

from cases.draws import draw
from cases.models import Case, User
from cases.states import State
from routing.models import Policy, Route
from routing.opinion_first import OPINION, OpinionRules, blind_tier, opinion_causes
from scoring.models import ModelVersion
from tests import make

ALL = OpinionRules(share=0.1, on_high_amounts=True, on_grey_band=True)
RISKY = {**make.CLEAR_FEATURES, "interest_rate": 19.5, "delinquencies_2y": 3, "inquiries_12m": 5}
SCORED: dict[str, Any] = {"is_scored": True, "is_application": True}


@pytest.mark.parametrize(
    ("rules", "given", "causes"),
    [
        (ALL, {"reasons": [], "drawn": 0.0999}, ["draw"]),
        (ALL, {"reasons": [], "drawn": 0.1}, []),
        (ALL, {"reasons": ["key_customer", "doubtful", "audit"], "drawn": 0.5}, []),
        (ALL, {"reasons": ["amount_above_limit"], "drawn": 0.5}, ["high_amount"]),
        (ALL, {"reasons": ["grey_band"], "drawn": 0.5}, ["grey_band"]),
        (ALL, {"reasons": ["grey_band", "amount_above_limit", "grey_band"], "drawn": 0.0},
         ["draw", "grey_band", "high_amount"]),
        (OpinionRules(0.0, False, True), {"reasons": ["amount_above_limit", "grey_band"], "drawn": 0.0}, ["grey_band"]),
        (OpinionRules(0.0, True, False), {"reasons": ["amount_above_limit", "grey_band"], "drawn": 0.0},
         ["high_amount"]),
        (OpinionRules(1.0, False, False), {"reasons": [], "drawn": 0.99999}, ["draw"]),
        (ALL, {"reasons": ["grey_band", "amount_above_limit"], "drawn": 0.0, "is_application": False}, ["draw"]),
        (ALL, {"reasons": ["grey_band", "amount_above_limit"], "drawn": 0.5, "is_application": False}, []),
        (ALL, {"reasons": ["grey_band", "amount_above_limit"], "drawn": 0.0, "is_scored": False}, []),
    ],
)  # fmt: skip
def test_a_case_asks_when_it_is_drawn_large_or_grey(rules: OpinionRules, given: Any, causes: list[str]) -> None:
    assert opinion_causes(rules, **{**SCORED, **given}) == causes


def test_the_share_is_drawn_by_the_secret_of_the_policy_and_the_event_says_so(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    policy = make.policy(admin, supervisor, audit_share=1.0)
    make.desk_rules(admin, opinion_share=0.3)
    made = make.cases(40)
    make.run_machine()
    drawn = {case.pk for case in made if draw(policy.audit_secret, OPINION, f"branch-los/{case.external_ref}") < 0.3}
    assert 0 < len(drawn) < 40
    assert set(Case.objects.filter(opinion_first=True).values_list("pk", flat=True)) == drawn
    for case in made:
        told = case.events.get(name="send_to_people").facts.get("opinion_first")
        assert told == ({"because": ["draw"], "share": 0.3} if case.pk in drawn else None)


def test_large_amounts_ask_and_so_does_the_grey_band_where_the_desk_says_so(
    champion: ModelVersion, admin: User, policy: Policy
) -> None:
    make.desk_rules(admin, opinion_on_high_amounts=True)
    large = make.queued_case("L-1", amount="900000.00", key_customer=False)
    assert (large.opinion_first, large.events.get(name="send_to_people").facts["opinion_first"]["because"]) == (
        True,
        ["high_amount"],
    )
    assert not make.queued_case("L-2").opinion_first
    warning = make.queued_case("L-3", amount="900000.00", kind="monitoring")
    assert (warning.state, warning.opinion_first) == (State.QUEUED, False)


def test_a_case_that_no_policy_judged_hides_nothing(champion: ModelVersion, admin: User) -> None:
    make.desk_rules(admin, opinion_share=1.0)
    case = make.queued_case()
    assert (case.state, case.why[0]["code"], case.opinion_first) == (State.QUEUED, "no_policy", False)


@pytest.mark.parametrize(
    ("tier", "reasons", "shown"),
    [
        (1, ["key_customer", "pd_below"], 1),
        (1, ["amount_above_limit"], 1),
        (1, ["explanation_unreliable"], 3),
        (2, ["missing_data"], 3),
        (3, ["grey_band"], 3),
        (4, ["audit", "industry_watch"], 3),
        (5, ["grey_band", "beyond_capacity"], 3),
    ],
)
def test_the_tier_of_a_blind_case_follows_from_its_file_alone(tier: int, reasons: list[str], shown: int) -> None:
    assert blind_tier(tier, reasons) == shown


def test_the_place_of_a_blind_case_follows_from_its_amount_and_never_from_its_pd(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    make.policy(admin, supervisor, audit_share=1.0, cut_off=0.14)
    make.desk_rules(admin, opinion_share=1.0)
    clear = make.queued_case("P-1", amount="10000.00", key_customer=False)
    risky = make.queued_case("P-2", amount="10000.00", key_customer=False, features=RISKY)
    large = make.queued_case("P-3", amount="14400.00", key_customer=False)
    assert (clear.opinion_first, risky.opinion_first, large.opinion_first) == (True, True, True)
    assert clear.pd != risky.pd
    assert [(case.queue_tier, case.queue_rank) for case in (clear, risky, large)] == [
        (3, 0.07 / 100), (3, 0.07 / 100), (3, 0.07 / 120),
    ]  # fmt: skip
    # What the order of looks is judged by later is the true rank.
    true = {route.case_id: route.rank for route in Route.objects.all()}
    assert true[clear.pk] == abs((clear.pd or 0) - 0.14) / 100
