"""The policy, version by version and step by step, and the budgets of exploration under it."""

import secrets
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import User


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
            "model_replaced": _("Another model was promoted than the one it was simulated with."),
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
