"""What is written down for learning: outcomes, decisions as labels, training sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from cases.models import Case, Review, Signature
from cases.standing import is_released, settled
from cases.states import Outcome
from learning.label_models import OF_REPAYMENT, Basis, Exclusion
from learning.label_weights import weights_in_force
from learning.labels import outcome_source, window_fields
from learning.models import Label
from learning.propensities import propensities

LABEL_CHUNK: Final = 500
BY_MACHINE: Final = "riskreview"


@dataclass(frozen=True)
class ObservedOutcome:
    """How a loan went. `mature` says whether its performance window is over; None leaves that to its dates."""

    case_id: int
    observed_at: datetime
    bad: bool
    mature: bool | None = None


@dataclass
class OutcomeReceipt:
    """What became of a list of outcomes: counts, and the positions of those that were refused."""

    accepted: int = 0
    duplicates: int = 0
    without_loan: list[int] = field(default_factory=list)
    before_application: list[int] = field(default_factory=list)
    contradicting: list[int] = field(default_factory=list)


def record_outcomes(outcomes: Sequence[ObservedOutcome], *, given_by: str) -> OutcomeReceipt:
    """Write outcomes as labels. A case that was not approved, for good, has no loan, so it has no
    outcome to record.

    The same outcome twice adds nothing; another outcome at the same moment contradicts and is refused: a correction
    restates with a later `observed_at`, and what was known before stays on record. Two senders of one outcome: the
    cases are locked in order, so the second finds the first one's label.
    """
    receipt = OutcomeReceipt()
    keys = {each.case_id for each in outcomes}
    # Estimates over all of a product, made before anything is locked.
    seen = propensities(Case.objects.filter(pk__in=keys))
    weights = weights_in_force()
    with transaction.atomic(durable=True):
        locked = Case.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        cases = {case.pk: case for case in locked}
        stored = Label.objects.filter(case__in=keys, source__in=OF_REPAYMENT)
        known = {(key, at): bad for key, at, bad in stored.values_list("case_id", "observed_at", "is_bad")}
        labels = []
        for position, each in enumerate(outcomes):
            case, place = cases[each.case_id], (each.case_id, each.observed_at)
            if case.outcome != Outcome.APPROVE or not is_released(case):
                receipt.without_loan.append(position)
            elif each.observed_at < case.applied_at:
                receipt.before_application.append(position)
            elif place not in known:
                known[place] = bool(each.bad)
                label = _outcome_label(case, each, given_by, explored=seen[case.pk][1] == Basis.EXPLORED)
                label.propensity, label.basis = seen[case.pk]
                label.weights_id = weights.pk
                labels.append(label)
            elif known[place] == each.bad:
                receipt.duplicates += 1
            else:
                receipt.contradicting.append(position)
        receipt.accepted = len(Label.objects.bulk_create(labels, batch_size=1000))
    return receipt


def _outcome_label(case: Case, each: ObservedOutcome, given_by: str, *, explored: bool) -> Label:
    dates: Any = {
        "applied_at": case.applied_at, "observed_at": each.observed_at, "term_months": case.term_months
    }  # fmt: skip
    source = outcome_source(bad=each.bad, mature=each.mature, explored=explored, **dates)
    return Label(
        case=case, source=source, is_bad=each.bad, observed_at=each.observed_at, given_by=given_by,
        **window_fields(source, **dates),
    )  # fmt: skip


def label_decisions() -> int:
    """Give every new review and signature its label, once the decision cannot be taken back any more. Returns how many
    were written.

    Two sweeps at once: each locks its own rows, and a label that the other wrote since is one to one and skipped.
    """
    with transaction.atomic(durable=True):
        # With the case: who is just taking a decision back holds its row, and who comes later finds it released.
        locked = (
            settled(Review.objects.filter(label__isnull=True))
            .select_related("case")
            .select_for_update(of=("self", "case"), skip_locked=True)
            .order_by("pk")[:LABEL_CHUNK]
        )
        reviews = settled(Review.objects.filter(pk__in=[review.pk for review in locked])).order_by("pk")
        signatures = (
            Signature.objects.filter(label__isnull=True)
            .select_related("review")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("pk")[:LABEL_CHUNK]
        )
        labels = [_review_label(review) for review in reviews]
        labels += [_signature_label(signature) for signature in signatures]
        return len(Label.objects.bulk_create(labels, ignore_conflicts=True))


def _review_label(review: Review) -> Label:
    return Label(
        case_id=review.case_id,
        source=Label.Source.DECISION,
        outcome=review.outcome,
        agrees_with_advice=not review.is_override if review.advice else None,
        review=review,
        person_id=review.reviewer_id,
        observed_at=review.at,
        exclusion=Exclusion.NOT_REPAYMENT,
        given_by=BY_MACHINE,
    )


def _signature_label(signature: Signature) -> Label:
    confirmed = signature.verdict == Signature.Verdict.CONFIRM
    review = signature.review
    return Label(
        case_id=review.case_id,
        source=Label.Source.SIGNATURE,
        outcome=review.outcome if confirmed else "",
        agrees_with_advice=not review.is_override if confirmed and review.advice else None,
        signature=signature,
        person_id=signature.signer_id,
        observed_at=signature.at,
        exclusion=Exclusion.NOT_REPAYMENT,
        given_by=BY_MACHINE,
    )
