"""How a model comes into force: what was proposed and approved by whom, and every step of a model's life."""

from types import MappingProxyType
from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import User


class Promotion(models.Model):
    """A candidate proposed to be the champion of its product, with the comparison that was frozen for it.

    `against` is the champion that it was compared with. Nobody approves what they proposed, nor a model that they
    trained; the database refuses both, and any later change of what was proposed or approved.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        RETURNED = "returned", _("Returned")
        SCHEDULED = "scheduled", _("Approved, to start")
        PROMOTED = "promoted", _("Promoted")
        LAPSED = "lapsed", _("Lapsed")

    product = models.CharField(max_length=50)
    model = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="promotions")
    against = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="+")
    trained_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    comparison = models.JSONField()
    comparison_sha256 = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=models.functions.Now())
    note = models.TextField(blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | ~Q(approved_by=F("proposed_by")) & (Q(trained_by__isnull=True) | ~Q(approved_by=F("trained_by"))),
                name="promotion_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True, starts_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False, starts_at__isnull=False),
                name="promotion_approved_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", approved_by__isnull=True)
                | Q(status__in=["scheduled", "promoted"], approved_by__isnull=False)
                | Q(status__in=["returned", "lapsed"]),
                name="promotion_by_approval_only",
            ),
            models.CheckConstraint(condition=~Q(comparison_sha256=""), name="promotion_with_a_comparison"),
            models.CheckConstraint(condition=~Q(model=F("against")), name="promotion_of_another_model"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(status__in=["proposed", "scheduled"]), name="promotion_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} promotion {self.pk}"


class ModelStep(models.Model):
    """One step in the life of a model. Immutable: triggers refuse UPDATE, DELETE and TRUNCATE.

    A step that the machine made has no actor and no note; `facts["code"]` says why.
    """

    REASONS: Final = MappingProxyType(
        {
            "base_replaced": _("Another model came into force than the one it was compared with."),
            "artefact_refused": _("The model's file was refused when its time had come."),
            "promoted": _("The model came into force."),
            "champion_replaced": _("Another model came into force."),
        }
    )

    class Name(models.TextChoices):
        FIRST = "first", _("first in force")
        PROPOSE = "propose", _("proposed")
        RETURN = "return", _("returned")
        APPROVE = "approve", _("approved")
        ACTIVATE = "activate", _("put in force")
        RETIRE = "retire", _("retired")
        ROLL_BACK = "roll_back", _("rolled back to")
        LAPSE = "lapse", _("approval lapsed")
        START_SHADOW = "start_shadow", _("shadow started")
        STOP_SHADOW = "stop_shadow", _("shadow stopped")
        ASK_SPLIT = "ask_split", _("traffic split asked for")
        SIGN_SPLIT = "sign_split", _("traffic split signed")
        STOP_SPLIT = "stop_split", _("traffic split stopped")
        RESCORE = "rescore", _("waiting cases sent to be scored again")

    model = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=16, choices=Name.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="model_steps")
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    name__in=[
                        "first", "propose", "return", "approve", "activate", "retire", "roll_back", "lapse",
                        "start_shadow", "stop_shadow", "ask_split", "sign_split", "stop_split", "rescore",
                    ]
                ),
                name="model_step_known",
            ),
            models.CheckConstraint(
                condition=~Q(name__in=["roll_back", "start_shadow", "rescore"])
                | Q(actor__isnull=False) & ~Q(note=""),
                name="model_step_by_somebody_for_a_reason",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.model_id} {self.name}"

    @property
    def reason(self) -> str:
        """Why the step was made, in the reader's language where the machine made it."""
        return self.note or str(self.REASONS.get(self.facts.get("code", ""), ""))
