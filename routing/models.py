"""The policy, version by version, and the route each case took under it."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, User
from scoring.models import Assessment


def new_audit_secret() -> str:
    return secrets.token_hex(32)


class Policy(models.Model):
    """Who must look at a case of one product. A version never changes once it is active; `terms` is `policy.Terms`.

    `audit_secret` keys the random draw: nobody can foresee which case is drawn, an auditor can repeat every draw.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    product = models.CharField(max_length=50)
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    sha256 = models.CharField(max_length=64)
    audit_secret = models.CharField(max_length=64, default=new_audit_secret, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="drafted_policies")
    drafted_at = models.DateTimeField(db_default=models.functions.Now())
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="published_policies")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="policy_number_once_a_product"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(status="active"), name="policy_one_active_a_product"
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_by__isnull=False, published_at__isnull=False),
                name="policy_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("drafted_by")), name="policy_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} policy {self.number}"


class Route(models.Model):
    """Where the policy sent a case, and why. `audit_probability` is the chance of the random audit, drawn or not."""

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
    is_audit = models.BooleanField(default=False)
    audit_probability = models.FloatField(default=0)
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
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.way}"
