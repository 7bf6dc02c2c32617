"""The page of overrides: what is measured, what is estimated, what is missing; and that it tells no small group."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases import actions
from cases.models import Case, Review, User
from learning.actions import ObservedOutcome, record_outcomes
from learning.override_queries import named, once_a_case, read_cohorts, read_overrides
from learning.overrides import settle
from learning.reviewer_queries import months_ago, read_decisions, read_group_cells
from learning.small_cells import Cell
from routing.models import Policy, Route
from scoring.models import Assessment
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.test_team import words

RISKY = {
    "interest_rate": 30.0, "sub_grade": 34, "annual_income": 60_000, "credit_utilisation": 150.0,
    "delinquencies_2y": 9, "inquiries_12m": 12, "income_verified": "not_verified",
}  # fmt: skip
NOTE = "A guarantor stands in for it."


@pytest.fixture
def ground(champion: object, admin: User, supervisor: User) -> Policy:
    make.desk_rules(admin, release_hold_seconds=0)
    return make.policy(admin, supervisor, audit_share=1.0)


def rescued(reference: str, by: User, signer: User, *, bad: bool | None = None, **changes: Any) -> Case:
    """A case that the model would have declined, approved and signed, with what came of it."""
    held = make.claimed_case(by, reference, key_customer=False, features={**make.CLEAR_FEATURES, **RISKY}, **changes)
    assert held.advice == "decline"
    actions.decide_case(
        held.pk, by=by, outcome="approve", reason_codes=["strong_support"], note=NOTE, seen_version=held.version
    )
    waiting = make.reread(held)
    actions.sign_case(held.pk, by=signer, verdict="confirm", note="", seen_version=waiting.version)
    case = make.reread(held)
    assert case.state == "approved"
    if bad is not None:
        observed = ObservedOutcome(case.pk, timezone.now() + timedelta(days=1), bad=bad, mature=True)
        assert record_outcomes([observed], given_by="tests").accepted == 1
    return case


def rejected(reference: str, by: User) -> Case:
    held = make.claimed_case(by, reference, key_customer=False)
    assert held.advice == "approve"
    actions.decide_case(
        held.pk, by=by, outcome="decline", reason_codes=["high_debt"], note=NOTE, seen_version=held.version
    )
    return make.reread(held)


def rows_of(content: bytes) -> Sequence[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_overrides_are_read_as_things_stood_when_they_were_decided_and_settled_by_what_came_of_them(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case, lost, young = (
        rescued("R-1", reviewer, supervisor, bad=False),
        rescued("R-2", reviewer, supervisor, bad=True),
        rescued("R-3", reviewer, supervisor),
    )
    declined = rejected("J-1", reviewer)
    # A later route and assessment tell nothing of the decision before.
    later = Route.objects.filter(case=case).latest()
    economics = dict(later.economics)
    later.pk, later.assessment, later.case_version = None, None, later.case_version + 1000
    later.economics = {**economics, "exposure": 1.0}
    later.save(force_insert=True)
    found = {each.case: each for each in read_overrides(months_ago(1))}
    assert [found[each.pk].status for each in (case, lost, young, declined)] == [
        "settled", "settled", "open", "estimated",
    ]  # fmt: skip
    mine, money = found[case.pk], economics
    assert (mine.direction, mine.reviewer, mine.reasons, mine.currency) == (
        "rescue", "reviewer", ("strong_support",), "USD",
    )  # fmt: skip
    assert (mine.exposure, mine.margin, mine.loss) == (money["exposure"], money["margin"], money["loss_given_default"])
    assert mine.value == pytest.approx(money["margin"] * money["exposure"])
    assert found[lost.pk].value == pytest.approx(-money["loss_given_default"] * found[lost.pk].exposure)
    assert mine.pd == Assessment.objects.get(case=case).pd
    both = [found[case.pk], found[lost.pk]]
    assert settle(both).won == 1
    assert named(both, reason="strong_support", reviewer="reviewer", product="") == both
    assert named(both, reason="other") == []
    assert once_a_case([mine, mine]) == [mine]
    assert read_cohorts() == {}
    decisions = read_decisions(months_ago(1))
    assert [(each.outcome, each.advice, each.bad) for each in decisions] == [
        ("approve", "decline", False), ("approve", "decline", True), ("approve", "decline", None),
        ("decline", "approve", None),
    ]  # fmt: skip
    assert all(each.repeated for each in decisions)
    assert [each.is_override for each in decisions] == [True] * 4
    cells = read_group_cells(months_ago(1))
    assert cells["region"] == {"decline": {"CA": Cell(3, 3)}, "approve": {"CA": Cell(1, 1)}}

    seen = words(signs_in(supervisor), "/team/overrides")
    assert "2 settled: with fewer than 10 no money is told." in seen
    assert "Estimated, not measured" in seen
    assert "CA" not in seen
    assert "hidden" in seen
    assert "违背建议而通过" in words(signs_in(supervisor, "zh-hans"), "/team/overrides?by=reviewer")
    (rescue, reject) = rows_of(signs_in(supervisor).get("/team/overrides.csv").content)
    assert (rescue["part"], rescue["reason"], rescue["settled"], rescue["open"]) == (
        "rescue", "strong_support", "2", "1",
    )  # fmt: skip
    assert (rescue["value"], rescue["verdict"]) == ("", "too_few")
    assert (reject["part"], reject["estimated"]) == ("reject", "1")
    narrowed = rows_of(signs_in(supervisor).get("/team/overrides.csv?direction=reject&by=product").content)
    assert [row["product"] for row in narrowed] == ["consumer"]
    assert signs_in(reviewer).get("/team/overrides").status_code == 403


def test_a_desk_without_a_matured_override_says_what_is_missing_and_when_it_comes(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    client = signs_in(supervisor)
    assert "Nobody decided against the advice in this period." in words(client, "/team/overrides")
    assert Review.objects.count() == 0
    case = rescued("R-1", reviewer, supervisor)
    due = timezone.localdate(case.applied_at + timedelta(days=365.25))
    assert f"The first loan matures on {due}." in words(client, "/team/overrides")
    rescued("R-2", reviewer, supervisor, applied_at=timezone.now() - timedelta(days=400))
    assert "The window of 1 loan is over, but its outcome was not reported" in words(client, "/team/overrides")
