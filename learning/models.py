"""What is learned from: labels with their provenance, immutable training sets, and what was said of loans held out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Review, Signature, User
from learning.monitoring_models import MonitoringAlarm, MonitoringMeasure, MonitoringWindow
from scoring.models import ModelVersion

__all__ = ["HeldOutScore", "Label", "MonitoringAlarm", "MonitoringMeasure", "MonitoringWindow", "TrainingSet"]


class Label(models.Model):
    """One thing known about a case. Only repayment says whether a loan was bad; a person's decision never does.

    A machine decision is no label: there is no source for it. Corrections restate: a new row, the old one stays.
    """

    class Source(models.TextChoices):
        OUTCOME = "outcome", _("Matured outcome")
        EARLY_BAD = "early_bad", _("Bad before maturity")
        IMMATURE_GOOD = "immature_good", _("Good so far")
        DECISION = "decision", _("Reviewer's decision")
        SIGNATURE = "signature", _("Supervisor's signature")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="labels")
    source = models.CharField(max_length=15, choices=Source.choices)
    is_bad = models.BooleanField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    agrees_with_advice = models.BooleanField(null=True)
    review = models.OneToOneField(Review, on_delete=models.PROTECT, null=True, related_name="label")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, null=True, related_name="label")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="labels")
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.functions.Now())
    given_by = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "observed_at"],
                condition=Q(is_bad__isnull=False),
                name="label_one_outcome_a_case_and_time",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["outcome", "early_bad", "immature_good"], is_bad__isnull=False)
                & Q(review__isnull=True, signature__isnull=True)
                | Q(source="decision", is_bad__isnull=True, review__isnull=False, signature__isnull=True)
                | Q(source="signature", is_bad__isnull=True, review__isnull=True, signature__isnull=False),
                name="label_only_repayment_says_bad",
            ),
            models.CheckConstraint(condition=~Q(source="early_bad") | Q(is_bad=True), name="label_early_bad_is_bad"),
            models.CheckConstraint(
                condition=~Q(source="immature_good") | Q(is_bad=False), name="label_immature_good_is_good"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.source}"


class TrainingSet(models.Model):
    """An immutable snapshot of labelled cases, kept as a Parquet file named by its hash."""

    product = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64, unique=True)
    rows = models.PositiveIntegerField()
    bads = models.PositiveIntegerField()
    counts = models.JSONField()
    built_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(bads__lte=models.F("rows")), name="training_set_bads_are_rows")
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.sha256[:12]}"


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
