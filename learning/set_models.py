"""Training sets, which labels each holds with which weight, and the work of building one."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import User
from learning.label_models import Label, LabelWeights


class TrainingSet(models.Model):
    """An immutable snapshot of labelled cases, kept as a Parquet file named by the hash of its rows.

    `as_of`: nothing that was recorded later is in it. `card` is what its data card tells, in plain JSON: exclusions,
    comparison with `previous`, label conflicts (`learning/set_card.py`). Sets of earlier releases have neither.
    """

    product = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64, unique=True)
    rows = models.PositiveIntegerField()
    bads = models.PositiveIntegerField()
    counts = models.JSONField()
    as_of = models.DateTimeField(null=True)
    effective_size = models.FloatField(null=True)
    weights = models.ForeignKey(LabelWeights, on_delete=models.PROTECT, null=True, related_name="sets")
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    card = models.JSONField(default=dict, db_default={})
    built_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    built_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(bads__lte=F("rows")), name="training_set_bads_are_rows")]
        indexes = [models.Index(fields=["product", "-id"], name="training_set_of_a_product")]

    def __str__(self) -> str:
        return f"{self.product} {self.sha256[:12]}"


class TrainingSetRow(models.Model):
    """A label in a training set, with its weight (mean 1). A trigger lets matured outcomes in and nothing else."""

    dataset = models.ForeignKey(TrainingSet, on_delete=models.PROTECT, related_name="members")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="memberships")
    weight = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "label"], name="training_set_row_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="training_set_row_weighs_something"),
        ]

    def __str__(self) -> str:
        return f"{self.label_id} in {self.dataset_id}"


class SetBuild(models.Model):
    """A training set that somebody asked for, or that is proposed by the calendar and waits for a person to say yes.

    `done` of `total` steps; `beat_at` moves while somebody works on it. The row is the queue of record.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        WAITING = "waiting", _("Waiting")
        BUILDING = "building", _("Building")
        DONE = "done", _("Built")
        FAILED = "failed", _("Not built")
        DISMISSED = "dismissed", _("Dismissed")

    product = models.CharField(max_length=50)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    why = models.JSONField(default=dict)
    proposed_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    dataset = models.ForeignKey(TrainingSet, on_delete=models.PROTECT, null=True, related_name="builds")
    problem = models.JSONField(default=dict)

    class Meta:
        constraints = [
            # Two presses at once: the second finds the first one's build.
            models.UniqueConstraint(
                fields=["product"], condition=Q(state__in=["waiting", "building"]), name="set_build_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["product"], condition=Q(state="proposed"), name="set_build_one_proposal_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", proposed_at__isnull=False) | Q(asked_by__isnull=False),
                name="set_build_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(dataset__isnull=False), name="set_build_done_gives_a_set"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.state}"
