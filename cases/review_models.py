"""Decisions of people on cases, and the signatures under them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.people import User
from cases.record import Case
from cases.states import Outcome


class Review(models.Model):
    """A person's decision on a case, beside the advice they saw, and how many second persons must sign it and why.

    A reason is a code of `cases/why.py`, or `policy:` with the row of `Case.signing` that asks for it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    advice = models.CharField(max_length=12, blank=True)
    is_override = models.BooleanField()
    reason_codes = ArrayField(models.CharField(max_length=30), default=list)
    note = models.TextField(blank=True)
    signature_reasons = ArrayField(models.CharField(max_length=30), default=list)
    signatures_needed = models.PositiveSmallIntegerField(default=0, db_default=0)
    # What the decision stands on, part by part, and the hash over it: `cases/packet.py`. "" before there were packets.
    packet = models.JSONField(default=dict, db_default={})
    packet_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    seen_version = models.PositiveIntegerField()
    claimed_at = models.DateTimeField()
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seen_version"], name="review_once_a_version"),
            models.UniqueConstraint(fields=["id", "reviewer"], name="review_with_its_reviewer"),
            models.CheckConstraint(
                condition=Q(is_override=False) | ~Q(advice="") & ~Q(advice=F("outcome")),
                name="review_override_differs_from_advice",
            ),
            models.CheckConstraint(
                condition=Q(is_override=False) & ~Q(outcome=Outcome.DECLINE) | Q(reason_codes__len__gt=0),
                name="review_override_or_decline_has_reasons",
            ),
            models.CheckConstraint(
                condition=Q(signatures_needed=0, signature_reasons__len=0)
                | Q(signatures_needed__in=[1, 2], signature_reasons__len__gt=0),
                name="review_signed_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome} by {self.reviewer_id}"


class Signature(models.Model):
    """One second person's verdict on a review; some reviews need two. `reviewer` repeats the review's reviewer, held
    equal by a composite foreign key in the database, so that a check constraint can refuse a person who signs their own
    decision."""

    class Verdict(models.TextChoices):
        CONFIRM = "confirm", _("Confirm")
        SEND_BACK = "send_back", _("Send back")

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="signatures")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    note = models.TextField(blank=True)
    # Whose pen it was, where a supervisor has given it away; what was signed; what the signer put right.
    on_behalf_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    packet_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    corrected_codes = ArrayField(models.CharField(max_length=30), null=True)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "signer"], name="signature_once_a_person"),
            models.UniqueConstraint(
                fields=["review"], condition=Q(verdict="send_back"), name="signature_sent_back_once"
            ),
            models.CheckConstraint(condition=~Q(signer=F("reviewer")), name="signature_four_eyes"),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None) | ~Q(on_behalf_of=F("reviewer")) & ~Q(on_behalf_of=F("signer")),
                name="signature_of_a_third_pen",
            ),
            models.CheckConstraint(condition=Q(verdict__in=["confirm", "send_back"]), name="signature_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.verdict} by {self.signer_id}"
