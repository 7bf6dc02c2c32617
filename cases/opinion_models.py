"""What people think before and beside the decision: opinions, blind second looks, and who was right in the end."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.people import User
from cases.record import Case, Claim
from cases.review_models import Review
from cases.states import Outcome


class Lean(models.TextChoices):
    APPROVE = "approve", _("Lean approve")
    DECLINE = "decline", _("Lean decline")
    UNSURE = "unsure", _("Unsure")


class Band(models.IntegerChoices):
    """How likely somebody thinks default is; the words name the band of the PD."""

    VERY_LOW = 1, _("below 2 %")
    LOW = 2, _("2 to 5 %")
    MIDDLE = 3, _("5 to 10 %")
    HIGH = 4, _("10 to 20 %")
    VERY_HIGH = 5, _("above 20 %")


class Opinion(models.Model):
    """What a reviewer thought of a case before they saw the model's score, reasons and advice. Once a claim."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="opinions")
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="opinion")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="opinions")
    lean = models.CharField(max_length=10, choices=Lean.choices)
    band = models.PositiveSmallIntegerField(choices=Band.choices)
    seen_version = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(lean__in=Lean.values), name="opinion_lean_known"),
            models.CheckConstraint(condition=Q(band__in=Band.values), name="opinion_band_known"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.lean} by {self.person_id}"


class SecondLook(models.Model):
    """A decision of a person that a second person judges without seeing it, nor the model's part.

    `probability` is the chance with which it was drawn. `reviewer` decided, `looker` looks; `outcome` is empty until
    they have answered.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="second_looks")
    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="second_look")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    probability = models.FloatField()
    drawn_at = models.DateTimeField(db_default=models.functions.Now())
    looker = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="second_looks")
    taken_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    band = models.PositiveSmallIntegerField(choices=Band.choices, null=True)
    reason_codes = ArrayField(models.CharField(max_length=30), default=list)
    note = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(looker=None) | ~Q(looker=F("reviewer")), name="second_look_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, outcome="", band=None)
                | Q(done_at__isnull=False, looker__isnull=False, band__isnull=False) & ~Q(outcome=""),
                name="second_look_done_or_not",
            ),
            models.CheckConstraint(condition=Q(probability__gt=0, probability__lte=1), name="second_look_drawn"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(done_at__isnull=True), name="second_look_open")]

    def __str__(self) -> str:
        return f"second look at {self.case_id}"


class Adjudication(models.Model):
    """Two people judged one case differently, and a third says which view holds. It changes no decision by itself."""

    second_look = models.OneToOneField(SecondLook, on_delete=models.PROTECT, related_name="adjudication")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    looker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    judge = models.ForeignKey(User, on_delete=models.PROTECT, related_name="adjudications")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    note = models.TextField()
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(judge=F("reviewer")) & ~Q(judge=F("looker")), name="adjudication_by_a_third"
            )
        ]

    def __str__(self) -> str:
        return f"{self.second_look_id}: {self.outcome}"
