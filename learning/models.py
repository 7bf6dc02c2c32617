"""What is learned from: labels with their provenance, immutable training sets, and what was said of loans held out."""

from django.db import models

from cases.models import Case
from learning.label_models import Label, LabelWeights
from learning.monitoring_models import MonitoringAlarm, MonitoringMeasure, MonitoringWindow
from learning.set_models import SetBuild, TrainingSet, TrainingSetRow
from learning.training_models import Training
from scoring.models import ModelVersion

__all__ = [
    "HeldOutScore",
    "Label",
    "LabelWeights",
    "MonitoringAlarm",
    "MonitoringMeasure",
    "MonitoringWindow",
    "SetBuild",
    "Training",
    "TrainingSet",
    "TrainingSetRow",
]


class HeldOutScore(models.Model):
    """Calibrated log-odds of a training loan, from models of the same kind that were trained without it.

    They stand for what the model version says of loans that it has not seen; what it says of its own training loans
    would flatter it, and no promise could rest on that. Written with the model, never changed.
    """

    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="held_out_scores")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="held_out_scores")
    log_odds = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "case"], name="held_out_score_once_a_model_and_case")]
        indexes = [models.Index(fields=["model", "log_odds"], name="held_out_score_by_odds")]

    def __str__(self) -> str:
        return f"{self.case_id} held out of {self.model_id}"
