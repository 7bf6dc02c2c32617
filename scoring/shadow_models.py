"""Challengers on live cases: which models score along unseen, what they said, and the share of cases they are shown."""

import secrets

from django.db import models
from django.db.models import F, Q

from cases.models import Case, User


def new_split_secret() -> str:
    return secrets.token_hex(32)


class ShadowRun(models.Model):
    """A candidate that scores every case along with the champion, from its start until it is stopped."""

    model = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="shadow_runs")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_default=models.functions.Now())
    reason = models.TextField()
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model"], condition=Q(stopped_at__isnull=True), name="shadow_run_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="shadow_run_for_a_reason"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | ~Q(stop_reason=""), name="shadow_run_stops_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} in shadow"


class ShadowScore(models.Model):
    """What a model that was not shown said of a case, at the version at which another model assessed it.

    Calibrated log-odds of default and the same as PD; no explanation. Written once, never changed. `is_afterwards`: of
    a case that was open when the model came into force; such cases are no sample to compare models on.
    """

    model = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="shadow_scores")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="shadow_scores")
    case_version = models.PositiveIntegerField()
    log_odds = models.FloatField()
    pd = models.FloatField()
    is_afterwards = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "case_version", "model"], name="shadow_score_once_a_case_version_and_model"
            ),
            models.CheckConstraint(condition=Q(pd__gt=0, pd__lt=1), name="shadow_score_pd_is_a_probability"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} in the shadow of {self.model_id}"


class TrafficSplit(models.Model):
    """A share of the cases of a product that is shown and routed by a challenger: asked by one, signed by another.

    `secret` keys the draw: nobody can foresee the arm of a case, an auditor can repeat every draw. It ends when it is
    stopped, or when either of its models is replaced.
    """

    product = models.CharField(max_length=50)
    challenger = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="splits")
    champion = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="+")
    share = models.FloatField()
    secret = models.CharField(max_length=64, default=new_split_secret, editable=False)
    trained_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    reason = models.TextField()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=0.5), name="split_share_is_at_most_half"),
            models.CheckConstraint(condition=~Q(challenger=F("champion")), name="split_between_two_models"),
            models.CheckConstraint(condition=~Q(reason=""), name="split_for_a_reason"),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False)
                & ~Q(signed_by=F("asked_by"))
                & (Q(trained_by__isnull=True) | ~Q(signed_by=F("trained_by"))),
                name="split_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | ~Q(stop_reason=""), name="split_stops_for_a_reason"
            ),
            models.UniqueConstraint(
                fields=["product"], condition=Q(stopped_at__isnull=True), name="split_one_a_product"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} split {self.share:g}"


class SplitArm(models.Model):
    """By which model's arm of a split a case was assessed, and the probability of that arm. Written once."""

    split = models.ForeignKey(TrafficSplit, on_delete=models.PROTECT, related_name="arms")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="split_arms")
    case_version = models.PositiveIntegerField()
    is_challenger = models.BooleanField()
    probability = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "case_version"], name="split_arm_once_a_case_version"),
            models.CheckConstraint(condition=Q(probability__gt=0, probability__lte=1), name="split_arm_probability"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {'challenger' if self.is_challenger else 'champion'}"
