"""What becomes a label, what it is worth, and what can never be one."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases import actions
from cases.models import Case, User
from cases.states import Role
from cases.taking_back import take_back
from learning.actions import ObservedOutcome, label_decisions, record_outcomes
from learning.labels import outcome_source
from learning.models import Label
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.together import together

APPLIED = datetime(2024, 1, 1, tzinfo=UTC)
SENT_BACK = "look at the income again"


@pytest.fixture
def loan(champion: ModelVersion, policy: Policy) -> Case:
    """A loan the machine granted two years ago."""
    made = make.case("L-1", applied_at=timezone.now() - timedelta(days=730))
    make.run_machine()
    return make.reread(made)


def seen(case: Case, days: int, *, bad: bool, mature: bool | None = None) -> ObservedOutcome:
    return ObservedOutcome(case.pk, case.applied_at + timedelta(days=days), bad, mature)


@pytest.mark.parametrize(
    ("term", "days", "bad", "source"),
    [
        (36, 365, True, "early_bad"),
        (36, 366, True, "outcome"),
        (36, 365, False, "immature_good"),
        (36, 366, False, "outcome"),
        (6, 182, False, "immature_good"),
        (6, 183, False, "outcome"),
        (6, 30, True, "early_bad"),
        (12, 0, True, "early_bad"),
        (12, -5, False, "immature_good"),
    ],
)
def test_an_outcome_is_mature_after_twelve_months_or_the_whole_term(
    term: int, days: int, bad: bool, source: str
) -> None:
    found = outcome_source(bad=bad, applied_at=APPLIED, observed_at=APPLIED + timedelta(days=days), term_months=term)
    assert found == source


def test_what_the_sender_says_of_maturity_counts_more_than_the_dates(loan: Case) -> None:
    record_outcomes(
        [
            seen(loan, 10, bad=True, mature=True),
            seen(loan, 500, bad=True, mature=False),
            seen(loan, 501, bad=False, mature=False),
        ],
        given_by="tests",
    )
    assert list(Label.objects.order_by("observed_at").values_list("source", "is_bad")) == [
        ("outcome", True), ("early_bad", True), ("immature_good", False),
    ]  # fmt: skip


def test_outcomes_are_accepted_known_contradicting_or_without_a_loan(loan: Case) -> None:
    waiting = make.case("L-2")
    outcomes = [
        seen(loan, 400, bad=True),
        seen(loan, 400, bad=True),
        seen(loan, 400, bad=False),
        seen(waiting, 400, bad=True),
        seen(loan, 450, bad=False),
    ]
    receipt = record_outcomes(outcomes, given_by="tests")
    assert (receipt.accepted, receipt.duplicates) == (2, 1)
    assert (receipt.contradicting, receipt.without_loan) == ([2], [3])
    again = record_outcomes(outcomes, given_by="tests")
    assert (again.accepted, again.duplicates, again.contradicting, again.without_loan) == (0, 3, [2], [3])
    assert Label.objects.count() == 2


def test_outcomes_sent_by_two_at_once_are_recorded_once(
    shared_db: None, champion: ModelVersion, policy: Policy
) -> None:
    make.cases(20, applied_at=timezone.now() - timedelta(days=730))
    make.run_machine()
    outcomes = [seen(case, 400, bad=False) for case in Case.objects.all()]
    shuffled = random.Random(1).sample(outcomes, len(outcomes))
    receipts = together(
        [lambda: record_outcomes(outcomes, given_by="a"), lambda: record_outcomes(shuffled, given_by="b")]
    )
    assert sorted((each.accepted, each.duplicates) for each in receipts) == [(0, 20), (20, 0)]
    assert Label.objects.count() == 20


def test_a_decision_and_its_signature_become_one_label_each_however_often_it_is_swept(
    champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User, admin: User
) -> None:
    make.released_at_once(admin)
    case, review = make.awaiting_case(reviewer)
    assert label_decisions() == 1
    signature = actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    assert [label_decisions() for _time in range(2)] == [1, 0]
    decision, signed = Label.objects.order_by("pk")
    assert (decision.source, decision.review, decision.person, decision.outcome) == (
        "decision", review, reviewer, "approve",
    )  # fmt: skip
    assert (decision.agrees_with_advice, decision.is_bad, decision.observed_at) == (True, None, review.at)
    assert (signed.source, signed.signature, signed.person, signed.outcome) == (
        "signature", signature, supervisor, "approve",
    )  # fmt: skip
    assert (signed.agrees_with_advice, signed.is_bad) == (True, None)


def test_a_case_sent_back_keeps_the_decision_and_the_refusal_as_labels(
    champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer)
    actions.sign_case(case.pk, by=supervisor, verdict="send_back", note=SENT_BACK, seen_version=case.version)
    label_decisions()
    signed = Label.objects.get(source="signature")
    assert (signed.outcome, signed.agrees_with_advice) == ("", None)
    assert Label.objects.get(source="decision").outcome == "approve"


def test_each_of_two_signatures_becomes_a_label_of_its_own(
    champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer, signing=make.signing(approve=2))
    another = make.user("another", Role.SUPERVISOR, authority=100_000)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    assert label_decisions() == 2
    actions.sign_case(case.pk, by=another, verdict="send_back", note=SENT_BACK, seen_version=case.version + 1)
    assert [label_decisions() for _time in range(2)] == [1, 0]
    assert list(Label.objects.filter(source="signature").order_by("pk").values_list("person", "outcome", "is_bad")) == [
        (supervisor.pk, "approve", None), (another.pk, "", None),
    ]  # fmt: skip


def test_an_override_disagrees_with_the_advice(
    champion: ModelVersion, policy: Policy, reviewer: User, admin: User
) -> None:
    make.released_at_once(admin)
    make.awaiting_case(reviewer, outcome="decline")
    label_decisions()
    assert Label.objects.get().agrees_with_advice is False


def test_a_decision_without_advice_neither_agrees_nor_disagrees(reviewer: User, admin: User) -> None:
    make.released_at_once(admin)
    held = make.claimed_case(reviewer, product="mortgage", key_customer=False)
    actions.decide_case(
        held.pk, by=reviewer, outcome="decline", reason_codes=["high_debt"], note="", seen_version=held.version
    )
    label_decisions()
    assert Label.objects.get().agrees_with_advice is None


def test_a_decision_that_can_still_be_taken_back_gives_no_label_and_one_taken_back_never_does(
    champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User
) -> None:
    held = make.claimed_case(reviewer, key_customer=False, currency="USD", amount=Decimal(90_000))
    make.decide(held, reviewer, outcome="decline")
    assert label_decisions() == 0
    back = take_back(held.pk, by=reviewer, seen_version=held.version + 1)
    review = make.decide(back, reviewer, outcome="approve")
    signed = make.reread(back)
    assert label_decisions() == 0
    actions.sign_case(held.pk, by=supervisor, verdict="confirm", note="", seen_version=signed.version)
    assert label_decisions() == 2
    assert list(Label.objects.filter(source="decision").values_list("review", "outcome")) == [(review.pk, "approve")]


def test_a_loan_has_no_outcome_before_its_approval_is_released(reviewer: User) -> None:
    held = make.claimed_case(reviewer, key_customer=False)
    make.decide(held, reviewer)
    approved = make.reread(held)
    assert approved.state == "approved"
    assert record_outcomes([seen(approved, 400, bad=True)], given_by="tests").without_loan == [0]
    assert Label.objects.count() == 0


def test_sweeps_at_once_write_each_label_once(
    shared_db: None, champion: ModelVersion, policy: Policy, reviewer: User, admin: User
) -> None:
    make.released_at_once(admin)
    for number in range(5):
        make.awaiting_case(reviewer, f"A-{number}")
    together([label_decisions] * 6)
    assert Label.objects.count() == 5
    assert Label.objects.values("review").distinct().count() == 5


def test_a_machine_decision_gives_no_label(loan: Case) -> None:
    assert (loan.state, loan.decided_by) == ("approved", "machine")
    assert label_decisions() == 0
    assert Label.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"source": "machine", "is_bad": True},
        {"source": "decision", "is_bad": None},
        {"source": "decision", "is_bad": True},
        {"source": "signature", "is_bad": None},
        {"source": "outcome", "is_bad": None},
        {"source": "early_bad", "is_bad": False},
        {"source": "immature_good", "is_bad": True},
    ],
)
def test_the_database_refuses_what_can_never_be_a_label(loan: Case, fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="label_"), transaction.atomic():
        Label.objects.create(case=loan, observed_at=timezone.now(), given_by="tests", **fields)
    assert Label.objects.count() == 0


def test_a_persons_decision_never_says_that_a_loan_was_bad(
    champion: ModelVersion, policy: Policy, reviewer: User
) -> None:
    case, review = make.awaiting_case(reviewer)
    with pytest.raises(IntegrityError, match="label_only_repayment_says_bad"), transaction.atomic():
        Label.objects.create(
            case=case, source="decision", is_bad=True, review=review, observed_at=review.at, given_by="tests",
            exclusion="not_repayment",
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="was not approved, a decision is no outcome"), transaction.atomic():
        Label.objects.create(case=case, source="outcome", is_bad=True, observed_at=review.at, given_by="tests")


def test_labels_are_never_changed_or_deleted(loan: Case) -> None:
    record_outcomes([seen(loan, 400, bad=True)], given_by="tests")
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        Label.objects.update(is_bad=False)
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        Label.objects.all().delete()
    assert Label.objects.get().is_bad is True


def test_an_outcome_from_before_the_application_is_refused(loan: Case) -> None:
    receipt = record_outcomes([seen(loan, -1, bad=True), seen(loan, 400, bad=False)], given_by="tests")
    assert (receipt.accepted, receipt.before_application) == (1, [0])
    assert Label.objects.get().is_bad is False
