"""What looks have saved: audited cases with their people's decisions, and outcomes that can never be seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases import actions
from cases.draws import draw
from cases.models import Case, User
from learning.actions import ObservedOutcome, record_outcomes
from learning.look_value import IMPUTED, audited_cases, learn_value_of_looks
from routing.models import Policy
from scoring.models import Assessment, ModelVersion
from tests import make


@pytest.fixture
def audited(champion: ModelVersion, admin: User, supervisor: User, reviewer: User) -> list[Case]:
    """Three audited cases: granted with an outcome, granted without one yet, refused."""
    make.policy(admin, supervisor, audit_share=1.0)
    make.released_at_once(admin)
    for reference, outcome in (("A-1", "approve"), ("A-2", "approve"), ("A-3", "decline")):
        case = make.claimed_case(reviewer, reference, key_customer=False)
        assert case.why[0]["code"] == "audit"
        actions.decide_case(
            case.pk, by=reviewer, outcome=outcome, reason_codes=["high_debt"] if outcome == "decline" else [],
            note="seen for the test", seen_version=case.version,
        )  # fmt: skip
    cases = list(Case.objects.order_by("pk"))
    observed = ObservedOutcome(cases[0].pk, timezone.now() + timedelta(days=1), bad=True, mature=True)
    assert record_outcomes([observed], given_by="tests").accepted == 1
    return cases


def test_audited_cases_are_those_whose_outcome_is_known_or_can_never_be(audited: list[Case]) -> None:
    found = audited_cases("consumer")
    pds = [Assessment.objects.get(case=case).pd for case in (audited[0], audited[2])]
    secret = Policy.objects.get().audit_secret
    assert (len(found.cases), found.observed, found.imputed) == (2, 1, 1)
    assert found.cases.pd.tolist() == pds
    assert found.cases.person_approves.tolist() == [True, False]
    assert found.cases.machine_approves.tolist() == [True, True]
    assert found.cases.bad.tolist() == [True, draw(secret, IMPUTED, "branch-los/A-3") < pds[1]]
    assert found.cases.probability.tolist() == [1.0, 1.0]
    assert found.cases.review_cost.tolist() == [25.0, 25.0]


def test_from_too_few_nothing_is_learned_and_it_is_said_how_many_there_are(audited: list[Case]) -> None:
    learned = learn_value_of_looks("consumer", share=0.1)
    assert (learned.value, learned.observed, learned.imputed) == (None, 1, 1)
    assert learned.refusal is not None
    assert learned.refusal.cases == 2
    assert "2" in learned.refusal.zh


def test_a_product_without_audits_has_nothing_to_learn_from(db: None) -> None:
    assert len(audited_cases("nothing").cases) == 0
