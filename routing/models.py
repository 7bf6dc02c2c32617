"""The route each case took under the policy, what bounds a day and a book, and who is there to look.

The policy's own versions are in `versions.py`; all models are known by this module's name.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, User
from routing.versions import Exploration, Policy, PolicyStep, new_audit_secret
from scoring.models import Assessment

__all__ = [
    "Absence",
    "Concentration",
    "DayLoad",
    "Duty",
    "Exploration",
    "Policy",
    "PolicyStep",
    "Route",
    "new_audit_secret",
]


class Route(models.Model):
    """Where the policy sent a case, and all that is needed to decide it again.

    `row` is the deciding row of the rules table ("default", or "" where no table was asked); `trace` the state of
    every cell in hexadecimal, `inputs` the values of the fields that the tables read. `thresholds`, `economics` (money
    in the case's currency), `limit`, `signing` and `capacity` are what `policy.py` computed, in plain JSON.
    `audit_probability` and `exploration_probability` are the chances of the two random arms, drawn or not.
    """

    class Way(models.TextChoices):
        APPROVE = "approve", _("Approved by the machine")
        DECLINE = "decline", _("Declined by the machine")
        REVIEW = "review", _("To a person")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="routes")
    case_version = models.PositiveIntegerField()
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, related_name="routes")
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, null=True, related_name="route")
    way = models.CharField(max_length=10, choices=Way.choices)
    advice = models.CharField(max_length=12, blank=True)
    reasons = models.JSONField()
    row = models.CharField(max_length=20, blank=True, default="")
    trace = models.TextField(blank=True, default="")
    inputs = models.JSONField(default=dict)
    thresholds = models.JSONField(default=dict)
    economics = models.JSONField(default=dict)
    limit = models.JSONField(default=dict)
    signing = models.JSONField(default=dict)
    capacity = models.JSONField(default=dict)
    is_audit = models.BooleanField(default=False)
    audit_probability = models.FloatField(default=0)
    is_exploration = models.BooleanField(default=False)
    exploration_probability = models.FloatField(default=0)
    tier = models.PositiveSmallIntegerField(null=True)
    rank = models.FloatField(null=True)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        get_latest_by = "id"
        constraints = [
            models.UniqueConstraint(fields=["case", "case_version"], name="route_once_a_case_version"),
            models.CheckConstraint(
                condition=Q(way="review") | Q(policy__isnull=False, assessment__isnull=False),
                name="route_machine_decides_on_policy_and_assessment",
            ),
            models.CheckConstraint(
                condition=Q(audit_probability__gte=0, audit_probability__lte=1), name="route_audit_probability"
            ),
            models.CheckConstraint(
                condition=Q(exploration_probability__gte=0, exploration_probability__lte=1),
                name="route_exploration_probability",
            ),
            models.CheckConstraint(
                condition=Q(is_exploration=False) | Q(way="approve", advice="decline", exploration_probability__gt=0),
                name="route_exploration_approves_a_decline",
            ),
        ]
        indexes = [models.Index(fields=["at", "id"], name="route_by_time")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.way}"

    @property
    def lines(self) -> dict[str, float]:
        """The PDs by which this case was measured: `approve_below`, `cut_off`, `decline_above`. A line that was not
        known for it, or that a route of an earlier release did not keep, is the policy's; {} without a policy."""
        terms = self.policy.terms if self.policy else {}
        names = ("approve_below", "cut_off", "decline_above")
        kept = {name: self.thresholds.get(name) for name in names}
        found = {name: terms.get(name) if value is None else value for name, value in kept.items()}
        return {name: float(value) for name, value in found.items() if value is not None}


class DayLoad(models.Model):
    """How many merely uncertain cases of a product were given to people on one day: the lock under which places of
    that day are handed out."""

    product = models.CharField(max_length=50)
    day = models.DateField()
    given = models.PositiveIntegerField(default=0)
    beyond = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "day"], name="day_load_once_a_product_and_day")]

    def __str__(self) -> str:
        return f"{self.product} {self.day}: {self.given}"


class Concentration(models.Model):
    """How much of a product's granted exposure lies in one industry or region, as the sweep last summed it up."""

    product = models.CharField(max_length=50)
    dimension = models.CharField(max_length=10)
    value = models.CharField(max_length=50)
    exposure = models.DecimalField(max_digits=20, decimal_places=2)
    total = models.DecimalField(max_digits=20, decimal_places=2)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "dimension", "value"], name="concentration_once"),
            models.CheckConstraint(condition=Q(dimension__in=["industry", "region"]), name="concentration_dimension"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.dimension} {self.value}: {self.exposure}"


class Duty(models.Model):
    """How much one person can look at: hours a working day, most cases a day, and the products they know.

    No `products` means all of them.
    """

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="duty")
    hours_a_day = models.DecimalField(max_digits=4, decimal_places=2)
    most_cases_a_day = models.PositiveIntegerField(null=True)
    products = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours_a_day__gte=0, hours_a_day__lte=24), name="duty_hours_of_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.hours_a_day} h"


class Absence(models.Model):
    """Days, both included, on which a person looks at nothing."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=200, blank=True, default="")
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_it_begins")
        ]
        indexes = [models.Index(fields=["person", "last_day"], name="absence_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id} away {self.first_day} to {self.last_day}"
