"""Cases with a whole history."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cases import actions
from cases.models import Case, Review, User
from learning.actions import ObservedOutcome, label_decisions, record_outcomes
from learning.models import HeldOutScore
from learning.set_building import build_training_set
from routing.assigning import assign_waiting_cases
from routing.duty import state_duty
from scoring.models import ModelVersion, ShadowScore, SplitArm, TrafficSplit
from tests import make


@pytest.fixture
def signed(champion: object, policy: object, reviewer: User, supervisor: User) -> tuple[Case, Review]:
    """A case that has everything: assessment, route, assignment, review, signature, labels, training set, what a model
    said of it that had not seen it, what a challenger said, and the arm of a split."""
    state_duty(reviewer.pk, by=supervisor, hours_a_day=Decimal(6), most_cases_a_day=None, products=[])
    waiting = make.queued_case()
    assert assign_waiting_cases() == 1
    review = make.decide(actions.claim_case(waiting.pk, by=reviewer), reviewer)
    case = make.reread(waiting)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    label_decisions()
    record_outcomes([ObservedOutcome(case.pk, case.applied_at, bad=False, mature=True)], given_by="tests")
    build_training_set("consumer")
    model = ModelVersion.objects.get()
    HeldOutScore.objects.create(model=model, case=case, log_odds=-3.0)
    other = make.without_file(model)
    ShadowScore.objects.create(model=other, case=case, case_version=1, log_odds=-3.0, pd=0.05)
    share = {"product": "consumer", "share": 0.1, "asked_by": supervisor, "reason": "For the test."}
    split = TrafficSplit.objects.create(challenger=other, champion=model, **share)
    SplitArm.objects.create(split=split, case=case, case_version=1, is_challenger=False, probability=0.9)
    return make.reread(case), review
