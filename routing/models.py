"""The policy, version by version and step by step, the route each case took under it, and who is there to look."""

import secrets
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, User
from scoring.models import Assessment


def new_audit_secret() -> str:
    return secrets.token_hex(32)


class Policy(models.Model):
    """Who must look at a case of one product, one version of it; `terms` is `terms.Terms`.

    A version is drafted and edited, tested against its own examples, proposed with a frozen simulation, approved by a
    second person, scheduled, active, retired. Terms change only while it is a draft; the simulation only until it is
    proposed. `audit_secret` keys the random draws: nobody can foresee which case is drawn, an auditor can repeat every
    draw.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        TESTED = "tested", _("Tested")
        PROPOSED = "proposed", _("Proposed")
        SCHEDULED = "scheduled", _("Approved, to start")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    product = models.CharField(max_length=50)
    number = models.PositiveIntegerField()
    purpose = models.CharField(max_length=300, blank=True, default="")
    terms = models.JSONField()
    sha256 = models.CharField(max_length=64)
    audit_secret = models.CharField(max_length=64, default=new_audit_secret, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="drafted_policies")
    drafted_at = models.DateTimeField(db_default=models.functions.Now())
    simulation = models.JSONField(null=True)
    simulation_sha256 = models.CharField(max_length=64, blank=True, default="")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="proposed_policies")
    proposed_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="published_policies")
    published_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="policy_number_once_a_product"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(status="active"), name="policy_one_active_a_product"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "tested"])
                | Q(proposed_by__isnull=False, proposed_at__isnull=False, simulation__isnull=False)
                & ~Q(simulation_sha256=""),
                name="policy_proposed_with_a_simulation",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "tested", "proposed"])
                | Q(published_by__isnull=False, published_at__isnull=False, starts_at__isnull=False),
                name="policy_published_by_somebody",
            ),
            models.CheckConstraint(
                # Nothing of an earlier proposal or approval stands with terms that may have changed since.
                condition=~Q(status__in=["draft", "tested"])
                | Q(proposed_by__isnull=True, proposed_at__isnull=True, simulation__isnull=True, simulation_sha256=""),
                name="policy_simulation_goes_with_its_proposal",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["draft", "tested", "proposed"])
                | Q(published_by__isnull=True, published_at__isnull=True, starts_at__isnull=True),
                name="policy_not_published_before_its_approval",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True)
                | ~Q(published_by=F("drafted_by")) & ~Q(published_by=F("proposed_by")),
                name="policy_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} policy {self.number}"


class PolicyStep(models.Model):
    """One step in the life of a policy version. Immutable: triggers refuse UPDATE, DELETE and TRUNCATE.

    A step that the machine made has no actor and no note; `facts["code"]` says why.
    """

    REASONS: Final = MappingProxyType(
        {
            "base_replaced": _("Another version came into force than the one it was simulated against."),
            "left_its_band": _("The version in force left its predicted band."),
        }
    )

    class Name(models.TextChoices):
        DRAFT = "draft", _("drafted")
        EDIT = "edit", _("edited")
        TEST = "test", _("tested")
        PROPOSE = "propose", _("proposed")
        RETURN = "return", _("returned to draft")
        APPROVE = "approve", _("approved")
        ACTIVATE = "activate", _("put in force")
        RETIRE = "retire", _("retired")
        ROLL_BACK = "roll_back", _("rolled back to")
        ALERT = "alert", _("left its predicted band")
        ASK_EXPLORING = "ask_exploring", _("exploration approvals asked for")
        EXPLORE = "explore", _("exploration approvals signed")
        STOP_EXPLORING = "stop_exploring", _("exploration stopped")

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=16, choices=Name.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="policy_steps")
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    name__in=[
                        "draft", "edit", "test", "propose", "return", "approve", "activate", "retire", "roll_back",
                        "alert", "ask_exploring", "explore", "stop_exploring",
                    ]
                ),
                name="policy_step_known",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.policy_id} {self.name}"

    @property
    def reason(self) -> str:
        """Why the step was made, in the reader's language where the machine made it."""
        return self.note or str(self.REASONS.get(self.facts.get("code", ""), ""))


class Exploration(models.Model):
    """Budgeted approvals of marginal declines under one policy version: proposed by one person, signed by another.

    Amounts are in the policy's currency. `spent` never passes `budget`; once signed, a budget neither changes nor opens
    again after it was stopped.
    """

    policy = models.OneToOneField(Policy, on_delete=models.PROTECT, related_name="exploration")
    budget = models.DecimalField(max_digits=15, decimal_places=2)
    spent = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(budget__gt=0), name="exploration_has_a_budget"),
            models.CheckConstraint(
                condition=Q(spent__gte=0, spent__lte=F("budget")), name="exploration_within_its_budget"
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False) & ~Q(signed_by=F("asked_by")),
                name="exploration_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | ~Q(stop_reason=""), name="exploration_stops_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(spent=0) | Q(signed_by__isnull=False), name="exploration_spends_only_when_signed"
            ),
        ]

    def __str__(self) -> str:
        return f"exploration of {self.policy_id}"

    @property
    def left(self) -> Decimal:
        """What may still be spent, whether it is signed or not."""
        return self.budget - self.spent


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
