"""Who works here, and which systems of the lender may call."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases.states import Role


class User(AbstractUser):
    """A person who works here. The role says what they may do, the authority how much they may decide alone."""

    class HotKeys(models.TextChoices):
        ON = "on", _("On")
        ALT = "alt", _("With Alt")
        OFF = "off", _("Off")

    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.REVIEWER)
    authority_amount = models.DecimalField(_("authority"), max_digits=15, decimal_places=2, default=0)
    authority_currency = models.CharField(_("authority currency"), max_length=3, default="CNY")
    hot_keys = models.CharField(_("hot keys"), max_length=3, choices=HotKeys.choices, default=HotKeys.ON)
    # From the usual key of an act to the one this person wants, both as event.code; what is not named keeps its own.
    key_map = models.JSONField(_("own keys"), default=dict, blank=True, db_default={})
    goes_on = models.BooleanField(_("goes on to the next case"), default=True, db_default=True)
    may_decide_in_bulk = models.BooleanField(_("may decide in bulk"), default=False, db_default=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(condition=Q(authority_amount__gte=0), name="user_authority_not_negative"),
        ]

    @cached_property
    def signs_for_id(self) -> int | None:
        """The supervisor who has given this person the pen for now; None without one. Read once a request."""
        if self.pk is None:
            return None
        now = models.functions.Now()
        given = self.delegations_held.filter(starts_at__lte=now, ends_at__gt=now, ended_at__isnull=True)
        given = given.filter(giver__is_active=True, giver__role=Role.SUPERVISOR).order_by("id")
        found: int | None = given.values_list("giver", flat=True).first()
        return found

    @property
    def display_name(self) -> str:
        """The name as it is said: family name first and unspaced when it is written in Chinese."""
        if any("\u4e00" <= sign <= "\u9fff" for sign in self.last_name):
            return f"{self.last_name}{self.first_name}"
        return self.get_full_name() or self.username


class ApiToken(models.Model):
    """A lender's system. Only the hash of the token is kept."""

    class Scope(models.TextChoices):
        INGEST = "ingest", _("Send cases")
        READ = "read", _("Read cases")
        OUTCOMES = "outcomes", _("Send outcomes")

    name = models.CharField(max_length=100, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    created_at = models.DateTimeField(db_default=models.functions.Now())
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
