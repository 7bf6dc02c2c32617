"""Cases with a whole history."""

from __future__ import annotations

import pytest

from cases import actions
from cases.models import Case, Review, User
from learning.actions import ObservedOutcome, build_training_set, label_decisions, record_outcomes
from tests import make


@pytest.fixture
def signed(champion: object, policy: object, reviewer: User, supervisor: User) -> tuple[Case, Review]:
    """A case that has everything: assessment, route, review, signature, labels, and a place in a training set."""
    case, review = make.awaiting_case(reviewer)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    label_decisions()
    record_outcomes([ObservedOutcome(case.pk, case.applied_at, bad=False, mature=True)], given_by="tests")
    build_training_set("consumer")
    return make.reread(case), review
