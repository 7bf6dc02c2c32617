"""Trained models and what they said about each case.

How a model comes into force is in `promotion_models.py`, challengers on live cases in `shadow_models.py`, what watches
over them in `breaker_models.py`; all models are known by this module's name.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, User
from scoring.breaker_models import Breaker, BreakerRules, BreakerStep, ModelReference, Sign, Stream
from scoring.promotion_models import ModelStep, Promotion
from scoring.shadow_models import ShadowRun, ShadowScore, SplitArm, TrafficSplit

__all__ = [
    "Assessment",
    "Breaker",
    "BreakerRules",
    "BreakerStep",
    "ModelReference",
    "ModelStep",
    "ModelVersion",
    "Promotion",
    "ShadowRun",
    "ShadowScore",
    "Sign",
    "SplitArm",
    "Stream",
    "TrafficSplit",
]


class ModelVersion(models.Model):
    """A trained model. The artefact itself is a file named by its hash; one version a product is the champion."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        CHAMPION = "champion", _("Champion")
        RETIRED = "retired", _("Retired")

    product = models.CharField(max_length=50)
    number = models.PositiveIntegerField()
    recipe = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64, unique=True)
    dataset_sha256 = models.CharField(max_length=64)
    feature_table = models.JSONField()
    feature_table_sha256 = models.CharField(max_length=64)
    library_versions = models.JSONField()
    metrics = models.JSONField()
    norms = models.JSONField()
    cohort_norms = models.JSONField(default=dict)
    usual = models.JSONField(default=dict)
    card = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CANDIDATE)
    trained_at = models.DateTimeField(db_default=models.functions.Now())
    trained_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="trained_models")
    promoted_at = models.DateTimeField(null=True)
    promoted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="model_number_once_a_product"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(status="champion"), name="model_one_champion_a_product"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} v{self.number}"


class Assessment(models.Model):
    """What one model said about one case, with all that is needed to recompute it.

    `contributions` are on the calibrated log-odds and, with `base_value`, sum to `log_odds` within `residual`; so do
    `cohort_contributions` with `cohort_base_value`, which start from the loans just approved. Where the sum is off,
    `explanation_holds` is false. `cut_off` is the PD at which approving this case would earn nothing. `values` are the
    inputs the model saw, in the order of the feature table (NULL: missing); `unreadable`, `stale` and `novel` name the
    features that were given but of no use, too old, or unlike the training loans. Assessments of models before
    `cut_off` existed have none of these. Each adverse one of `reasons` and of `cohort_reasons` (against the loans
    just approved), and all of `applicant_reasons`, were borne out by the model; where one is NULL, it was made before.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="assessments")
    case_version = models.PositiveIntegerField()
    log_odds = models.FloatField()
    pd = models.FloatField()
    pd_low = models.FloatField()
    pd_high = models.FloatField()
    points = models.FloatField()
    base_value = models.FloatField()
    contributions = ArrayField(models.FloatField())
    values = ArrayField(models.FloatField(null=True))
    residual = models.FloatField()
    explanation_holds = models.BooleanField(default=True)
    cohort_base_value = models.FloatField(null=True)
    cohort_contributions = ArrayField(models.FloatField(), default=list)
    cut_off = models.FloatField(null=True)
    unreadable = ArrayField(models.CharField(max_length=63), default=list)
    stale = ArrayField(models.CharField(max_length=63), default=list)
    novel = ArrayField(models.CharField(max_length=63), default=list)
    doubt = models.FloatField()
    doubt_parts = models.JSONField()
    reasons = models.JSONField()
    applicant_reasons = models.JSONField(null=True)
    cohort_reasons = models.JSONField(null=True)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        get_latest_by = "id"
        constraints = [
            models.UniqueConstraint(fields=["case", "case_version"], name="assessment_once_a_case_version"),
            models.CheckConstraint(
                condition=Q(residual__gte=0) & (Q(residual__lte=1e-6) | Q(explanation_holds=False)),
                name="assessment_sum_is_right",
            ),
            models.CheckConstraint(
                condition=Q(cut_off__isnull=True) | Q(cut_off__gte=0, cut_off__lt=1),
                name="assessment_cut_off_is_a_probability",
            ),
            models.CheckConstraint(condition=Q(pd__gt=0, pd__lt=1), name="assessment_pd_is_a_probability"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.model_id}"
