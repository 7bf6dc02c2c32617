"""The guard of a version in force: it tells when reality leaves the predicted band, once, and falls back once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.errors import FourEyes
from cases.models import User
from desk.build.policy_steps import alert_words
from riskreview import flow
from routing.actions import active_policy
from routing.guarding import alerts, check_policies
from routing.in_force import roll_back_policy
from routing.models import Policy, PolicyStep, Route
from routing.terms import Guard
from scoring.models import ModelVersion
from tests import make
from tests.routing.tampering import tampering
from tests.together import together

CASES = 30


def predicted(approve: float, decline: float, review: float, **more: Any) -> dict[str, Any]:
    shares = {"approve_share": approve, "decline_share": decline, "review_share": review}
    return {
        "cases": 1000,
        "period": {"from": "2026-01-01", "to": "2026-01-10", "days": 10},
        "predicted": {**shares, "reviews_a_day": 100 * review, **more},
    }


MANY_APPROVED = predicted(0.98, 0.01, 0.01)
FEW_APPROVED = predicted(0.4, 0.1, 0.5)


def guarded(admin: User, supervisor: User, figures: dict[str, Any], **changes: Any) -> Policy:
    guard = Guard(**{"tolerance": 0.05, "least_cases": CASES, **changes.pop("guard", {})})
    return make.approved(make.proposed(admin, figures=figures, guard=guard, audit_share=0.0, **changes), supervisor)


def routed(count: int = CASES, **changes: Any) -> None:
    """So many clear cases, all approved by the sample's terms."""
    make.cases(count, first=Route.objects.count(), **changes)
    make.run_machine()


def test_reality_inside_the_band_raises_no_alert(champion: ModelVersion, admin: User, supervisor: User) -> None:
    guarded(admin, supervisor, MANY_APPROVED)
    routed()
    assert set(Route.objects.values_list("way", flat=True)) == {"approve"}
    assert (check_policies(), alerts("consumer").count()) == (0, 0)


def test_an_excursion_is_told_with_its_figures_once(champion: ModelVersion, admin: User, supervisor: User) -> None:
    policy = guarded(admin, supervisor, FEW_APPROVED)
    routed()
    flow.sweep()
    above, below = alerts("consumer").order_by("pk")
    assert (above.policy, above.actor, above.note) == (policy, None, "")
    told = {name: above.facts[name] for name in ("measure", "side", "share", "cases", "predicted", "falls_back_to")}
    assert told == {
        "measure": "approve_share", "side": "above", "share": 1.0, "cases": CASES, "predicted": 0.4,
        "falls_back_to": None,
    }  # fmt: skip
    assert (below.facts["measure"], below.facts["side"], below.facts["share"]) == ("review_share", "below", 0.0)
    routed()
    assert (check_policies(), alerts("consumer").count()) == (0, 2)
    assert active_policy("consumer") == policy


def test_the_same_excursion_is_told_again_after_a_day(champion: ModelVersion, admin: User, supervisor: User) -> None:
    guarded(admin, supervisor, FEW_APPROVED)
    routed()
    assert check_policies() == 2
    yesterday = timezone.now() - timedelta(hours=25)
    with tampering():
        PolicyStep.objects.update(at=yesterday)
        Route.objects.update(at=yesterday)
    assert check_policies() == 0
    routed()
    assert (check_policies(), alerts("consumer").count()) == (2, 4)


def test_too_few_cases_say_nothing(champion: ModelVersion, admin: User, supervisor: User) -> None:
    guarded(admin, supervisor, FEW_APPROVED)
    routed(CASES - 1)
    assert check_policies() == 0
    routed(1)
    assert check_policies() == 2


def test_only_applications_count(champion: ModelVersion, admin: User, supervisor: User) -> None:
    guarded(admin, supervisor, MANY_APPROVED)
    routed()
    routed(kind="monitoring")
    assert Route.objects.filter(way="review").count() == CASES
    assert check_policies() == 0


def test_cases_of_the_version_before_do_not_count(champion: ModelVersion, admin: User, supervisor: User) -> None:
    first = make.policy(admin, supervisor, audit_share=0.0)
    routed()
    second = guarded(admin, supervisor, FEW_APPROVED)
    assert check_policies() == 0
    roll_back_policy("consumer", to=first.pk, by=supervisor, reason="why")
    roll_back_policy("consumer", to=second.pk, by=supervisor, reason="why")
    routed(CASES - 1)
    assert check_policies() == 0


@pytest.mark.parametrize("figures", [{}, FEW_APPROVED])
def test_without_guard_or_prediction_nothing_is_watched(
    champion: ModelVersion, admin: User, supervisor: User, figures: dict[str, Any]
) -> None:
    guard = None if figures else Guard(least_cases=CASES)
    make.approved(make.proposed(admin, figures=figures, guard=guard), supervisor)
    routed()
    assert check_policies() == 0


def test_a_version_that_leaves_its_band_falls_back_to_the_one_before(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    first = make.policy(admin, supervisor, audit_share=0.0)
    second = guarded(admin, supervisor, FEW_APPROVED, guard={"fall_back": True})
    routed()
    assert check_policies() == 2
    assert dict(Policy.objects.values_list("number", "status")) == {1: "active", 2: "retired"}
    assert {step.facts["falls_back_to"] for step in alerts("consumer")} == {first.pk}
    back = first.steps.last()
    assert back is not None
    assert (back.name, back.actor, back.facts["code"], back.facts["instead_of"]) == (
        "roll_back", None, "left_its_band", second.pk,
    )  # fmt: skip
    assert back.reason == "The version in force left its predicted band."
    assert [each["measure"] for each in back.facts["excursions"]] == ["approve_share", "review_share"]


def test_what_the_guard_took_out_of_force_no_one_puts_back_alone(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    first = make.policy(admin, supervisor, audit_share=0.0)
    second = guarded(admin, supervisor, FEW_APPROVED, guard={"fall_back": True})
    routed()
    check_policies()
    with pytest.raises(FourEyes, match="The guard took this version out of force"):
        roll_back_policy("consumer", to=second.pk, by=supervisor, reason="it is meant to be so")
    assert active_policy("consumer") == first
    assert not second.steps.filter(name="roll_back").exists()


def test_a_version_that_a_person_put_back_does_not_fall_back_by_itself(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    first = make.policy(admin, supervisor, audit_share=0.0)
    second = guarded(admin, supervisor, FEW_APPROVED, guard={"fall_back": True})
    roll_back_policy("consumer", to=first.pk, by=supervisor, reason="let us see")
    roll_back_policy("consumer", to=second.pk, by=supervisor, reason="it is meant to be so")
    routed()
    assert check_policies() == 2
    assert active_policy("consumer") == second
    assert alerts("consumer")[0].facts["falls_back_to"] is None


def test_the_machine_does_not_go_back_and_forth_between_two_versions(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    first = guarded(admin, supervisor, FEW_APPROVED, guard={"fall_back": True})
    guarded(admin, supervisor, FEW_APPROVED, guard={"fall_back": True}, sla_hours=8)
    for _lap in range(3):
        routed()
        check_policies()
        assert active_policy("consumer") == first
    assert PolicyStep.objects.filter(name="roll_back").count() == 1


def test_the_first_version_of_a_product_has_nothing_to_fall_back_to(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    policy = guarded(admin, supervisor, FEW_APPROVED, guard={"fall_back": True})
    routed()
    assert (check_policies(), active_policy("consumer")) == (2, policy)


def test_sweeps_at_once_tell_an_excursion_once_and_fall_back_once(
    shared_db: None, champion: ModelVersion, admin: User, supervisor: User
) -> None:
    first = make.policy(admin, supervisor, audit_share=0.0)
    guarded(admin, supervisor, FEW_APPROVED, guard={"fall_back": True})
    routed()
    assert sorted(together([check_policies] * 3)) == [0, 0, 2]
    assert (active_policy("consumer"), alerts("consumer").count()) == (first, 2)


def test_terms_that_cannot_be_read_stop_no_sweep(champion: ModelVersion, admin: User, supervisor: User) -> None:
    policy = guarded(admin, supervisor, FEW_APPROVED)
    routed()
    with tampering():
        Policy.objects.update(terms={**policy.terms, "colour": "red"})
    assert check_policies() == 0


def test_ten_times_the_arrivals_with_the_same_mix_are_told_and_no_version_is_exchanged_for_it(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    make.policy(admin, supervisor, audit_share=0.0)
    few = predicted(0.0, 0.0, 1.0, band={"review_share": [0.9, 1.0], "reviews_a_day": [1, 8]})
    second = guarded(admin, supervisor, few, guard={"fall_back": True})
    for number in range(CASES):
        make.case(f"Q-{number}", key_customer=True)
    make.run_machine()
    assert (check_policies(), check_policies()) == (1, 0)
    (told,) = alerts("consumer")
    assert {name: told.facts[name] for name in ("measure", "side", "share", "cases", "high", "falls_back_to")} == {
        "measure": "reviews_a_day", "side": "above", "share": 30.0, "cases": 30, "high": pytest.approx(8.4),
        "falls_back_to": None,
    }  # fmt: skip
    assert active_policy("consumer") == second
    assert "30 cases sent to people in a day; 1 to 8 were expected" in alert_words(told)
