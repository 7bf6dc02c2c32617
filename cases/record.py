"""The record: applicants, cases, their history, and who holds them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Upper
from django_fsm import ConcurrentTransition

from cases.machine import CaseMachine
from cases.people import User
from cases.queries import CaseQuerySet
from cases.states import DecidedBy, Kind, Outcome, State


class Applicant(models.Model):
    source = models.CharField(max_length=50)
    external_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    segment = models.CharField(max_length=50, default="retail")
    key_customer = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="applicant_once_a_source")]
        indexes = [
            models.Index(Upper("external_id"), name="applicant_by_external_id"),
            # A list that tells its loans by names alone asks for a thousand of them.
            models.Index(fields=["source", "name"], name="applicant_by_name_in_source"),
            # A part of a name; of two signs or fewer trigrams know nothing, and all names are looked through.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="applicant_by_part_of_name"),
        ]

    def __str__(self) -> str:
        return self.external_id


class Case(CaseMachine):
    """One loan case. `version` counts its moves: exactly one CaseEvent with the same number exists for each.

    Units: `amount` in `currency`; `pd` and its bounds are probabilities; `points` is 600 at odds of 50:1, 20 to double.
    `signing` tells by decision how many second persons the policy asks for, by which rows (`routing/record.py`).
    `assigned_to` is whom the case was handed to; others may take it once that was too long ago. `tuned_by` wrote the
    policy that routed it and may not sign it. `opinion_first`: who reviews it says what they think before they see what
    the model does. A decision of a person is released at `released_at`; until then its maker may take it back.
    """

    source = models.CharField(max_length=50)
    external_ref = models.CharField(max_length=100)
    content_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.APPLICATION)
    product = models.CharField(max_length=50)
    industry = models.CharField(max_length=50, blank=True)
    region = models.CharField(max_length=50, blank=True)
    channel = models.CharField(max_length=50, blank=True)
    amount = models.DecimalField(max_digits=15, decimal_places=2)
    currency = models.CharField(max_length=3)
    term_months = models.PositiveSmallIntegerField()
    applied_at = models.DateTimeField()
    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="cases")
    features = models.JSONField(default=dict)
    derived = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    received_at = models.DateTimeField(db_default=models.functions.Now())
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="entered_cases")

    version = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    taken_by = models.CharField(max_length=64, blank=True, default="")
    taken_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")

    pd = models.FloatField(null=True)
    pd_low = models.FloatField(null=True)
    pd_high = models.FloatField(null=True)
    points = models.FloatField(null=True)
    doubt = models.FloatField(null=True)
    advice = models.CharField(max_length=12, blank=True, default="")

    queue_tier = models.PositiveSmallIntegerField(null=True)
    queue_rank = models.FloatField(null=True)
    why = models.JSONField(default=list)
    queued_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    reserved_for = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="reserved_cases")
    assigned_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="assigned_cases")
    assigned_at = models.DateTimeField(null=True)
    assigned_at_random = models.BooleanField(default=False, db_default=False)
    signing = models.JSONField(default=dict, db_default={})
    snoozed_until = models.DateTimeField(null=True)
    for_supervisor = models.BooleanField(default=False, db_default=False)
    opinion_first = models.BooleanField(default=False, db_default=False)
    tuned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    decided_by = models.CharField(max_length=8, choices=DecidedBy.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    loaded_version: int

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_ref"], name="case_once_a_source"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="case_kind_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="case_amount_positive"),
            models.CheckConstraint(condition=Q(term_months__gt=0), name="case_term_positive"),
            models.CheckConstraint(
                # A comparison with NULL is no refusal: the bounds must be there.
                condition=Q(pd__isnull=True)
                | Q(pd__gte=F("pd_low"), pd_low__gte=0, pd_low__isnull=False)
                & Q(pd__lte=F("pd_high"), pd_high__lte=1, pd_high__isnull=False),
                name="case_pd_inside_its_bounds",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.APPROVED, State.DECLINED, State.RESOLVED], decided_at__isnull=False)
                & ~Q(decided_by="")
                & ~Q(outcome="")
                | ~Q(state__in=[State.APPROVED, State.DECLINED, State.RESOLVED]) & Q(decided_by="", outcome=""),
                name="case_decided_or_not",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.APPROVED) | Q(outcome=Outcome.APPROVE), name="case_approved_means_approve"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.DECLINED) | Q(outcome=Outcome.DECLINE), name="case_declined_means_decline"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.QUEUED)
                | Q(queue_tier__isnull=False, queue_rank__isnull=False, queued_at__isnull=False, due_at__isnull=False),
                name="case_queued_has_a_place",
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue_tier", "queue_rank", "id"], condition=Q(state=State.QUEUED), name="case_queue_order"
            ),
            models.Index(
                fields=["assigned_to", "queue_tier", "queue_rank", "id"],
                condition=Q(state=State.QUEUED, assigned_to__isnull=False),
                name="case_queue_of_a_person",
            ),
            models.Index(
                fields=["attempts", "id"],
                condition=Q(state__in=[State.RECEIVED, State.SCORED]),
                name="case_machine_work",
            ),
            models.Index(fields=["state", "-id"], name="case_by_state"),
            models.Index(fields=["applied_at", "id"], name="case_by_applied_at"),
            models.Index(
                fields=["decided_at"], condition=Q(decided_by=DecidedBy.PERSON), name="case_decided_by_people"
            ),
            models.Index(fields=["due_at", "id"], condition=Q(state=State.QUEUED), name="case_queue_by_due"),
            # A view of rare cases must not walk through all others to find them, or to count that there are few.
            models.Index(
                KT("why__0__code"),
                "queue_tier",
                "queue_rank",
                "id",
                condition=Q(state=State.QUEUED),
                name="case_queue_by_first_why",
            ),
            models.Index(
                KT("why__0__code"), "due_at", "id", condition=Q(state=State.QUEUED), name="case_queue_by_why_and_due"
            ),
            models.Index(
                fields=["product", "queue_tier", "queue_rank", "id"],
                condition=Q(state=State.QUEUED),
                name="case_queue_by_product",
            ),
            models.Index(
                fields=["region", "queue_tier", "queue_rank", "id"],
                condition=Q(state=State.QUEUED),
                name="case_queue_by_region",
            ),
            models.Index(fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="case_resting"),
            models.Index(Upper("external_ref"), name="case_by_external_ref"),
            models.Index(fields=["product", "pd"], condition=Q(outcome=Outcome.APPROVE), name="case_lent_by_pd"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The name people use: `CR-` and the key, so that it needs no column and no second index."""
        return f"CR-{self.pk}"

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Case:
        case = super().from_db(*args, **kwargs)
        case.loaded_version = case.version
        return case

    def _do_update(self, base_qs: models.QuerySet[Case], *args: Any, **kwargs: Any) -> Any:
        """Compare and set on `version` too, else ConcurrentTransition: the state alone cannot see A to B to A."""
        updated = super()._do_update(base_qs.filter(version=self.loaded_version), *args, **kwargs)
        if not updated and base_qs.filter(pk=self.pk).exists():
            raise ConcurrentTransition(f"{self.ref} is not at version {self.loaded_version} any more")
        return updated


class CaseEvent(models.Model):
    """One move of one case. Immutable: triggers refuse UPDATE, DELETE and TRUNCATE."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=models.functions.Now())
    name = models.CharField(max_length=40)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="events")
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="event_once_a_move")]
        indexes = [models.Index(fields=["at"], name="event_by_time")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq} {self.name}"


class Claim(models.Model):
    """A reviewer holds a case under a lease. At most one claim of a case is open."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="claims")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims")
    claimed_at = models.DateTimeField(db_default=models.functions.Now())
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at__isnull=True), name="claim_one_open_a_case")
        ]
        indexes = [
            models.Index(fields=["lease_until"], condition=Q(ended_at__isnull=True), name="claim_open_by_lease"),
            models.Index(fields=["holder"], condition=Q(ended_at__isnull=True), name="claim_open_by_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} held by {self.holder_id}"
