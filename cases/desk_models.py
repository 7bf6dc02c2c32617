"""How the desk is run: its rules, version by version, the views people keep, phrases, and who may not look at whom."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.people import User
from cases.record import Applicant

EVENING = time(18, 0)
MORNING = time(9, 0)


class DeskRules(models.Model):
    """One version of the rules of the desk; the latest is in force, none is ever changed.

    Shares are fractions of the cases they are drawn from. `release_hold_seconds` is how long a decision of a person can
    be taken back. `signoff_expiry_hours` counts working hours, from `workday_start` to `workday_end` on the working
    days of `holiday_country` (make-up days included). `bulk_amount` is in `bulk_currency`, per case.
    """

    release_hold_seconds = models.PositiveSmallIntegerField(_("seconds until a decision is released"), default=30)
    opinion_share = models.FloatField(_("share of cases with the opinion first"), default=0.10)
    opinion_on_high_amounts = models.BooleanField(_("opinion first on high amounts"), default=True)
    # Off to begin with: where most of what people see is grey, everybody would be asked first on nearly every case.
    opinion_on_grey_band = models.BooleanField(_("opinion first in the grey band"), default=False)
    second_look_share = models.FloatField(_("share of decisions that get a blind second look"), default=0.05)
    signoff_expiry_hours = models.PositiveSmallIntegerField(_("working hours until a sign-off expires"), default=18)
    within_authority_only = models.BooleanField(_("people get cases within their authority only"), default=False)
    bulk_most = models.PositiveSmallIntegerField(_("most cases of one bulk decision"), default=20)
    bulk_amount = models.DecimalField(
        _("highest amount of a bulk decision"), max_digits=15, decimal_places=2, default=Decimal(10_000)
    )
    bulk_currency = models.CharField(_("currency of that amount"), max_length=3, default="CNY")
    too_fast_seconds = models.PositiveSmallIntegerField(_("a decision is too fast below (seconds)"), default=20)
    daily_goal = models.PositiveSmallIntegerField(_("cases a person decides on a day"), default=40)
    workday_start = models.TimeField(_("start of the working day"), default=MORNING)
    workday_end = models.TimeField(_("end of the working day"), default=EVENING)
    holiday_country = models.CharField(_("country of the working days"), max_length=2, default="CN")
    reveal_minutes = models.PositiveSmallIntegerField(
        _("minutes that names and numbers stay shown"), default=15, db_default=15
    )
    # Beyond the list of `cases/personal.py`.
    personal_fields = models.CharField(
        _("more facts that are masked (names as sent, with commas)"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
    )
    reason = models.TextField(blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(release_hold_seconds__lte=600), name="desk_hold_of_ten_minutes"),
            models.CheckConstraint(
                condition=Q(opinion_share__gte=0, opinion_share__lte=1, second_look_share__gte=0)
                & Q(second_look_share__lte=1),
                name="desk_shares_are_shares",
            ),
            models.CheckConstraint(condition=Q(bulk_most__gte=1, bulk_most__lte=100), name="desk_bulk_is_small"),
            models.CheckConstraint(condition=Q(bulk_amount__gte=0), name="desk_bulk_amount_not_negative"),
            models.CheckConstraint(condition=Q(workday_end__gt=F("workday_start")), name="desk_day_has_hours"),
            models.CheckConstraint(condition=Q(signoff_expiry_hours__gte=1), name="desk_signoff_has_time"),
            models.CheckConstraint(condition=Q(daily_goal__gte=1), name="desk_goal_is_some"),
            models.CheckConstraint(
                condition=Q(reveal_minutes__gte=1, reveal_minutes__lte=480), name="desk_reveals_last_a_day_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"desk rules {self.pk}"


class SavedView(models.Model):
    """A filter of the queue that somebody keeps: `query` is what stands behind the address, in a fixed order."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField(_("shown to everybody"), default=False)
    is_default = models.BooleanField(_("opened first"), default=False)
    place = models.PositiveSmallIntegerField(default=0)
    saved_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="view_name_once_a_person"),
            models.UniqueConstraint(fields=["owner"], condition=Q(is_default=True), name="view_one_default_a_person"),
        ]

    def __str__(self) -> str:
        return self.name


class Phrase(models.Model):
    """A sentence for the note that need not be typed again; without an owner it is everybody's."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="phrases")
    words = models.CharField(_("phrase"), max_length=300)
    saved_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "words"], name="phrase_once_a_person", nulls_distinct=False),
            models.CheckConstraint(condition=~Q(words=""), name="phrase_says_something"),
        ]

    def __str__(self) -> str:
        return self.words


class Conflict(models.Model):
    """A person who may not look at the cases of an applicant, and why; it ends, it is not deleted."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="conflicts")
    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="conflicts")
    reason = models.TextField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "applicant"], condition=Q(ended_at__isnull=True), name="conflict_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} not on {self.applicant_id}"
