"""What was measured of a model's cases window by window, and the alarms that somebody has to look at."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import User
from scoring.models import ModelVersion


class MonitoringWindow(models.Model):
    """A window of one model, complete and never changed: so many cases scored, a day of them, or matured
    outcomes that came together, 200 or more.

    `first_id` and `last_id` are keys of assessments; of labels where the window holds outcomes.
    """

    class Kind(models.TextChoices):
        COUNT = "count", _("500 cases")
        DAY = "day", _("a day")
        OUTCOMES = "outcomes", _("200 outcomes")

    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="monitoring_windows")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cases = models.PositiveIntegerField()
    made_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "kind", "first_id"], name="monitoring_window_once"),
            models.CheckConstraint(condition=Q(cases__gt=0), name="monitoring_window_has_cases"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.kind} {self.last_id}"


class MonitoringMeasure(models.Model):
    """One figure of a window; `feature` is "" for those of the whole model. `usual` is what it is compared with,
    `critical` its critical value by sample size, `chance` that of as much without any drift; NULL where there is none.
    """

    class Name(models.TextChoices):
        CSI = "csi", _("Shift of a feature (CSI)")
        SCORE = "score", _("Shift of the score (PSI)")
        KS = "ks", _("Distance of the scores (KS)")
        APPROVALS = "approvals", _("Approved by the machine")
        OVERRIDES = "overrides", _("Overridden by reviewers")
        CALIBRATION = "calibration", _("Bads observed over foretold")
        AUC = "auc", _("AUC")
        BAD_RATE = "bad_rate", _("Bad rate")
        COST = "cost", _("Cost a case")

    class Grade(models.TextChoices):
        FEW = "few", _("not enough cases")
        CALM = "calm", _("as usual")
        AMBER = "amber", _("amber")
        RED = "red", _("red")

    window = models.ForeignKey(MonitoringWindow, on_delete=models.PROTECT, related_name="measures")
    name = models.CharField(max_length=12, choices=Name.choices)
    feature = models.CharField(max_length=63, blank=True)
    value = models.FloatField(null=True)
    usual = models.FloatField(null=True)
    critical = models.FloatField(null=True)
    chance = models.FloatField(null=True)
    rows = models.PositiveIntegerField()
    grade = models.CharField(max_length=6, choices=Grade.choices)
    # Nothing was observed: it follows from the PDs, if they are right.
    is_estimated = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["window", "name", "feature", "is_estimated"], name="monitoring_measure_once"
            )
        ]
        indexes = [models.Index(fields=["name", "feature", "-id"], name="monitoring_measure_by_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.feature}: {self.value}"


class MonitoringAlarm(models.Model):
    """A measure that is amber or red and was not in the window before. `facts` are the open cases it touches by PD band
    and what it does to the queue; acknowledged by a person with a reason."""

    measure = models.OneToOneField(MonitoringMeasure, on_delete=models.PROTECT, related_name="alarm")
    facts = models.JSONField()
    at = models.DateTimeField(db_default=models.functions.Now())
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True, reason="")
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False) & ~Q(reason=""),
                name="monitoring_alarm_acknowledged_with_a_reason",
            )
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(acknowledged_at__isnull=True), name="monitoring_alarm_open")
        ]

    def __str__(self) -> str:
        return f"alarm of {self.measure_id}"
