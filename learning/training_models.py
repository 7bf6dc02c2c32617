"""Trainings of challengers that people asked for, and how far they are."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import User
from learning.set_models import TrainingSet
from scoring.models import ModelVersion

# The recipes of `scoring/ml/recipes.py`, which nobody loads to show a form; a test holds the two together.
RECIPE_NAMES: Final = (
    "blend", "scorecard", "logistic_regression", "decision_tree", "random_forest", "hist_gradient_boosting",
    "gradient_boosting", "xgboost",
)  # fmt: skip


class Training(models.Model):
    """A recipe that somebody asked to have trained on a set. What comes of it is a candidate, never a champion.

    `done` of `total` steps, at present `doing`; `beat_at` moves while a worker is at it, and `tries` counts the workers
    that took it up. The row is the queue of record.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TRAINING = "training", _("Being trained")
        DONE = "done", pgettext_lazy("a training", "Trained")
        FAILED = "failed", _("Not trained")

    class Weights(models.TextChoices):
        PROPENSITY = "propensity", _("each loan by the weight that the set holds for it")
        NONE = "none", _("each loan once")

    dataset = models.ForeignKey(TrainingSet, on_delete=models.PROTECT, related_name="trainings")
    recipe = models.CharField(max_length=30)
    weights = models.CharField(max_length=10, choices=Weights.choices, default=Weights.PROPENSITY)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    doing = models.CharField(max_length=60, blank=True, default="")
    beat_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="trainings")
    problem = models.JSONField(default=dict)

    class Meta:
        constraints = [
            # Two presses at once: the second finds the first one's training.
            models.UniqueConstraint(
                fields=["dataset", "recipe", "weights"],
                condition=Q(state__in=["waiting", "training"]),
                name="training_asked_once",
            ),
            # One at a time: other workers are left to the live cases.
            models.UniqueConstraint(fields=["state"], condition=Q(state="training"), name="training_one_at_a_time"),
            models.CheckConstraint(condition=Q(recipe__in=RECIPE_NAMES), name="training_of_a_known_recipe"),
            models.CheckConstraint(condition=Q(weights__in=["propensity", "none"]), name="training_weights_known"),
            models.CheckConstraint(
                condition=Q(state="done", model__isnull=False) | ~Q(state="done") & Q(model__isnull=True),
                name="training_done_gives_a_model",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipe} on {self.dataset_id} {self.state}"
