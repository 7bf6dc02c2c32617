"""Around the signature: pens that are given away for some days, signers asked by name, decided cases opened again."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.people import User
from cases.record import Case
from cases.review_models import Review


class Delegation(models.Model):
    """A supervisor lets somebody sign in their place from one moment to another. It can end early, it never changes."""

    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_given")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_held")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    given_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("holder")), name="delegation_to_somebody_else"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="delegation_has_days"),
        ]
        indexes = [models.Index(fields=["holder", "ends_at"], name="delegation_of_a_holder")]

    def __str__(self) -> str:
        return f"{self.giver_id} to {self.holder_id}"


class AskedSigner(models.Model):
    """A person who was asked by name to sign a decision, beside those whom the policy asks for."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="asked_signers")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="asked_to_sign")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "signer"], name="asked_signer_once"),
            models.CheckConstraint(condition=~Q(signer=F("reviewer")), name="asked_signer_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.signer_id} asked"


class Reopening(models.Model):
    """Somebody asks to open a decided case again, at the version it had; somebody else says yes or no."""

    class Verdict(models.TextChoices):
        OPEN = "", _("Not answered")
        APPROVE = "approve", _("Open again")
        REFUSE = "refuse", _("Leave as decided")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reopenings")
    case_version = models.PositiveIntegerField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True, default="")
    note = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(verdict=""), name="reopening_one_open_a_case"),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("asked_by")), name="reopening_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", answered_by=None, answered_at=None)
                | ~Q(verdict="") & Q(answered_by__isnull=False, answered_at__isnull=False),
                name="reopening_answered_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} asked by {self.asked_by_id}"
