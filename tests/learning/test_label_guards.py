"""What the database holds of labels, and what people may count on beside outcomes: blind reviews that agree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.errors import BadDecision, NotAllowed
from cases.models import Case, User
from cases.opinions import record_opinion
from cases.second_looks import adjudicate, record_second_look, take_second_look
from cases.states import Role
from learning.actions import ObservedOutcome, label_decisions, record_outcomes
from learning.blind_labels import label_blind_reviews
from learning.label_weights import base_weight, set_weights, weights_in_force
from learning.models import Label, LabelWeights, TrainingSet, TrainingSetRow
from routing.models import Policy
from routing.second_looks import draw_second_looks
from scoring.models import ModelVersion
from tests import make

WHY = "the committee of October decided so"


@pytest.fixture
def loan(champion: ModelVersion, policy: Policy) -> Case:
    make.case("L-1", applied_at=timezone.now() - timedelta(days=730))
    make.run_machine()
    case: Case = Case.objects.get()
    told = ObservedOutcome(case.pk, case.applied_at + timedelta(days=400), bad=True)
    assert record_outcomes([told], given_by="tests").accepted == 1
    return case


def written(case: Case, **fields: Any) -> Label:
    now = timezone.now()
    usual = {"window_from": case.applied_at, "window_until": now, "maturity": 1.0, "observed_at": now}
    return Label.objects.create(case=case, given_by="tests", **{**usual, **fields})


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"source": "outcome", "is_bad": True, "maturity": None}, "label_outcome_has_its_window"),
        ({"source": "outcome", "is_bad": True, "window_until": None}, "label_outcome_has_its_window"),
        ({"source": "outcome", "is_bad": True, "propensity": 0.0, "basis": "always"}, "label_propensity_is_a_chance"),
        ({"source": "outcome", "is_bad": True, "basis": "always"}, "label_propensity_is_a_chance"),
        ({"source": "early_bad", "is_bad": True}, "label_excluded_unless_matured"),
        ({"source": "inferred", "is_bad": True}, "was not declined, there is nothing to infer"),
        ({"source": "outcome", "is_bad": True, "is_agreed": True}, "label_agreed_by_two_blind_people"),
        ({"source": "exploration", "is_bad": True}, "whether case .* was explored is on record"),
    ],
)
def test_the_database_refuses_labels_that_do_not_say_what_they_are(
    loan: Case, fields: dict[str, Any], rule: str
) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        written(loan, **fields)
    assert Label.objects.count() == 1


def test_a_declined_case_has_no_outcome_whoever_writes_it(loan: Case, reviewer: User, admin: User) -> None:
    make.released_at_once(admin)
    case = make.claimed_case(reviewer, "A-2")
    make.decide(case, reviewer, outcome="decline")
    with pytest.raises(IntegrityError, match="was not approved, a decision is no outcome"), transaction.atomic():
        written(case, source="outcome", is_bad=True)


def test_no_set_holds_an_early_bad_or_a_persons_view(loan: Case, reviewer: User, admin: User) -> None:
    make.released_at_once(admin)
    make.awaiting_case(reviewer, "A-2")
    label_decisions()
    written(loan, source="early_bad", is_bad=True, exclusion="early_bad", maturity=0.5)
    now = timezone.now()
    dataset = TrainingSet.objects.create(
        product="consumer", sha256="0" * 64, rows=1, bads=0, counts={}, as_of=now + timedelta(minutes=1)
    )
    for label in Label.objects.exclude(source="outcome"):
        with pytest.raises(IntegrityError, match="is no matured outcome"), transaction.atomic():
            TrainingSetRow.objects.create(dataset=dataset, label=label, weight=1.0)
    matured = Label.objects.get(source="outcome")
    early = TrainingSet.objects.create(
        product="consumer", sha256="1" * 64, rows=1, bads=0, counts={}, as_of=matured.recorded_at - timedelta(days=1)
    )
    with pytest.raises(IntegrityError, match="and time"), transaction.atomic():
        TrainingSetRow.objects.create(dataset=early, label=matured, weight=1.0)
    row = TrainingSetRow.objects.create(dataset=dataset, label=matured, weight=1.0)
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        TrainingSetRow.objects.filter(pk=row.pk).update(weight=2.0)


def test_an_override_is_agreed_evidence_only_where_two_came_to_it_blind(
    champion: ModelVersion, admin: User, supervisor: User, reviewer: User, second_reviewer: User
) -> None:
    make.policy(admin, supervisor, **{**make.UNCERTAIN, "audit_share": 1.0})
    make.desk_rules(admin, opinion_share=1.0, second_look_share=1.0, release_hold_seconds=0)
    third = make.user("third", Role.REVIEWER)
    for reference, lean, seen in (("A-1", "decline", "decline"), ("A-2", "approve", "decline")):
        held = make.claimed_case(reviewer, reference, key_customer=False)
        record_opinion(held.pk, by=reviewer, lean=lean, band=3, seen_version=held.version)
        look = _looked_at(make.reread(held), reviewer, second_reviewer, seen)
        assert look.outcome == "decline"
    assert (label_blind_reviews(), label_blind_reviews()) == (2, 0)
    labels = Label.objects.filter(source="blind_review").order_by("pk")
    assert list(labels.values_list("outcome", "blind_agreeing", "is_agreed", "is_bad", "exclusion")) == [
        ("decline", 2, True, None, "not_repayment"),
        ("decline", 1, False, None, "not_repayment"),
    ]
    # A dispute gives no label before a third person has settled it, and the judge is not blind.
    held = make.claimed_case(reviewer, "A-3", key_customer=False)
    record_opinion(held.pk, by=reviewer, lean="unsure", band=3, seen_version=held.version)
    look = _looked_at(make.reread(held), reviewer, third, "approve")
    assert label_blind_reviews() == 0
    adjudicate(look.pk, by=supervisor, outcome="approve", note="the income is documented")
    assert label_blind_reviews() == 1
    settled = Label.objects.latest("pk")
    assert (settled.outcome, settled.person, settled.blind_agreeing, settled.is_agreed) == (
        "approve", supervisor, 1, False,
    )  # fmt: skip


def _looked_at(held: Case, reviewer: User, looker: User, seen: str) -> Any:
    make.decide(held, reviewer, outcome="decline")
    draw_second_looks()
    look = take_second_look(by=looker)
    codes = ["high_debt"] if seen == "decline" else []
    return record_second_look(look.pk, by=looker, outcome=seen, band=3, reason_codes=codes, note="")


def test_weights_are_set_by_an_administrator_with_a_reason_and_kept_version_by_version(
    admin: User, supervisor: User
) -> None:
    assert (weights_in_force().number, weights_in_force().cap, base_weight(weights_in_force(), "outcome")) == (0, 20, 1)
    set_weights(by=admin, reason=WHY, changes={"exploration": 2.0})
    set_weights(by=admin, reason=WHY, changes={"cap": 5.0})
    now = weights_in_force()
    assert (now.number, now.exploration, now.cap, now.set_by) == (2, 2.0, 5.0, admin)
    assert [base_weight(now, source) for source in ("exploration", "decision", "early_bad", "machine")] == [2, 0, 0, 0]
    for changes, by, reason, error in (
        ({"cap": 3.0}, supervisor, WHY, NotAllowed),
        ({"cap": 3.0}, admin, "short", BadDecision),
        ({"cap": 0.5}, admin, WHY, BadDecision),
        ({"inferred": 0.31}, admin, WHY, BadDecision),
        ({"decision": 1.0}, admin, WHY, BadDecision),
        ({"outcome": float("nan")}, admin, WHY, BadDecision),
    ):
        with pytest.raises(error):
            set_weights(by=by, reason=reason, changes=changes)
    assert LabelWeights.objects.count() == 2
    with pytest.raises(IntegrityError, match="label_weights_trust_inference_little"), transaction.atomic():
        LabelWeights.objects.create(number=3, reason=WHY, set_by=admin, inferred=0.5)
