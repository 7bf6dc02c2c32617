"""What became of loans approved by lot, and when the machine stops approving any more of them."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from cases.models import Case, User
from learning.actions import ObservedOutcome, record_outcomes
from learning.exploration import outcomes_of, watch_explorations
from routing.arms import Exploration as ExplorationTerms
from routing.arms import Outcomes
from routing.exploring import ask_exploration, sign_exploration, stop_exploration
from routing.models import Exploration, Policy, Route
from scoring.models import ModelVersion
from tests import make
from tests.routing.tampering import tampering

POOR = {**make.CLEAR_FEATURES, "interest_rate": 28.0, "sub_grade": 33, "annual_income": 20_000, "delinquencies_2y": 5}
AGO = timedelta(days=730)


def explored(admin: User, supervisor: User, **changes: Any) -> tuple[Exploration, list[Case]]:
    """A signed exploration that takes every second marginal decline, and the first cases that it approved."""
    rules = {"rate": 0.5, "highest_pd": 0.9, "highest_exposure": 500.0, "budget": 10_000.0, "most_bads": 2,
             "most_loss_share": 0.9, "tolerated_bad_rate": 0.9, **changes}  # fmt: skip
    policy = make.policy(
        admin, supervisor, audit_share=0.0, doubt_limit=1.0, approve_below=0.03, cut_off=0.04, decline_above=0.05,
        promise=None, exploration=ExplorationTerms(**rules),
    )  # fmt: skip
    asked = ask_exploration(policy.pk, by=admin, budget=Decimal(10_000))
    made = sign_exploration(asked.pk, by=supervisor, seen_budget=Decimal(10_000))
    make.cases(24, applied_at=timezone.now() - AGO, features=POOR, amount=Decimal(100))
    make.run_machine()
    lot = [route.case for route in Route.objects.filter(is_exploration=True).order_by("case_id")]
    assert len(lot) >= 3
    return made, lot


def observed(case: Case, *, bad: bool, days: int) -> None:
    told = ObservedOutcome(case.pk, case.applied_at + timedelta(days=days), bad)
    assert record_outcomes([told], given_by="tests").accepted == 1


def test_bads_stop_it_whether_their_window_is_over_or_not(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    exploration, lot = explored(admin, supervisor)
    assert watch_explorations() == 0
    observed(lot[0], bad=True, days=90)
    observed(lot[1], bad=False, days=400)
    loss = 100.0 * Route.objects.get(case=lot[0]).economics["loss_given_default"]
    assert outcomes_of(exploration) == Outcomes(matured=1, bads=0, loss=loss, early_bads=1)
    assert watch_explorations() == 0
    observed(lot[2], bad=True, days=400)
    assert (watch_explorations(), watch_explorations()) == (1, 0)
    exploration.refresh_from_db()
    assert json.loads(exploration.stop_reason) == {"code": "bads", "bads": 2, "most": 2}
    step = exploration.policy.steps.get(name="stop_exploring")
    assert (step.actor, step.facts["spent"]) == (None, str(exploration.spent))
    # Nothing more is approved by lot.
    spent = exploration.spent
    make.cases(12, source="other", features=POOR, amount=Decimal(100))
    make.run_machine()
    assert Route.objects.filter(is_exploration=True).count() == len(lot)
    assert Exploration.objects.get().spent == spent


def test_losses_stop_it_and_a_restated_outcome_counts_as_it_was_last_told(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    exploration, lot = explored(admin, supervisor, most_bads=99, most_loss_share=0.0001)
    observed(lot[0], bad=True, days=90)
    observed(lot[0], bad=False, days=400)
    assert outcomes_of(exploration) == Outcomes(matured=1, bads=0, loss=0.0)
    assert watch_explorations() == 0
    observed(lot[1], bad=True, days=400)
    assert watch_explorations() == 1
    assert json.loads(Exploration.objects.get().stop_reason)["code"] == "loss"


def test_what_a_person_stopped_or_nobody_can_read_stops_no_sweep(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    exploration, lot = explored(admin, supervisor, most_bads=1)
    observed(lot[0], bad=True, days=400)
    with tampering():
        Policy.objects.update(terms={**exploration.policy.terms, "colour": "red"})
    assert watch_explorations() == 0
    stop_exploration(exploration.pk, by=supervisor, reason="enough was learned")
    assert watch_explorations() == 0
    assert Exploration.objects.get().stop_reason == "enough was learned"
