"""Sources as records: who sends, who answers for it, what it promised, its state, and the mappings it was read by."""

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import User


class Way(models.TextChoices):
    """How cases come in."""

    FILE = "file", _("File")
    PUSH = "push", _("Messages")
    SQL = "sql", _("Database")
    REDIS = "redis", _("Redis stream")
    KAFKA = "kafka", _("Kafka topic")


# Ways whose rows are numbered, and ways that go on for a while until their batch ends.
NUMBERED: Final = (Way.FILE, Way.SQL)
GOING_ON: Final = (Way.PUSH, Way.REDIS, Way.KAFKA)


class Source(models.Model):
    """A system, or a place where files come from. The first arrival opens it; an administrator states the rest.

    `every_hours`: something arrives at least so often; `promise_hours`: a case arrives at most so long after it was
    applied for; None promises nothing. While it is quarantined its cases wait for a person, and `bad_since` is the
    first sign of what is wrong: whatever was decided since then deserves a second look.
    """

    class Trust(models.TextChoices):
        FULL = "full", _("Full")
        LIMITED = "limited", _("Limited: what the rules would only mark is held for a person")
        NONE = "none", _("None: every case waits for a person")

    class State(models.TextChoices):
        HEALTHY = "healthy", _("Healthy")
        QUARANTINED = "quarantined", _("Quarantined")

    slug = models.SlugField(max_length=50, unique=True)
    title = models.CharField(_("name"), max_length=100, blank=True, default="", db_default="")
    kind = models.CharField(_("kind"), max_length=8, choices=Way.choices, default=Way.FILE, db_default=Way.FILE)
    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.PROTECT, null=True, related_name="sources"
    )
    every_hours = models.PositiveIntegerField(_("something arrives every (hours)"), null=True)
    promise_hours = models.PositiveIntegerField(_("a case is at most so old when it arrives (hours)"), null=True)
    trust = models.CharField(_("trust"), max_length=8, choices=Trust.choices, default=Trust.FULL, db_default=Trust.FULL)
    state = models.CharField(max_length=12, choices=State.choices, default=State.HEALTHY, db_default=State.HEALTHY)
    bad_since = models.DateTimeField(null=True)
    # By product, what its cases usually look like (`intake/health/health.py`).
    reference = models.JSONField(default=dict, db_default={})
    # How many of how many rows it usually sends are refused (`intake/health/refusals.py`); empty until that is known.
    usual_refusals = models.JSONField(default=dict, db_default={})
    # Of before, when capitals told names apart: an older source has the same name in other capitals.
    spelt_as_another = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("slug"),
                condition=Q(spelt_as_another=False),
                name="source_once_whatever_capitals",
            ),
            models.CheckConstraint(condition=Q(kind__in=Way.values), name="source_kind_known"),
            models.CheckConstraint(condition=Q(trust__in=["full", "limited", "none"]), name="source_trust_known"),
            models.CheckConstraint(
                condition=Q(state="healthy", bad_since__isnull=True) | Q(state="quarantined", bad_since__isnull=False),
                name="source_quarantined_since_a_first_sign",
            ),
            models.CheckConstraint(
                condition=Q(every_hours__isnull=True) | Q(every_hours__gt=0), name="source_schedule_positive"
            ),
            models.CheckConstraint(
                condition=Q(promise_hours__isnull=True) | Q(promise_hours__gt=0), name="source_promise_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.slug


class SourceStep(models.Model):
    """One change of a source: who, what and why; what a person does has a reason. Triggers refuse later changes."""

    class Name(models.TextChoices):
        OPENED = "opened", _("Opened")
        CHANGED = "changed", _("Changed")
        QUARANTINED = "quarantined", _("Quarantined")
        RELEASED = "released", _("Released")
        CONNECTED = "connected", _("Connection set")
        PAUSED = "paused", _("Connection paused")
        RESUMED = "resumed", _("Connection resumed")
        SILENT = "silent", _("Silent for longer than promised")
        VOLUME = "volume", _("Far fewer or far more cases than usual")
        LATE = "late", _("Cases later than usual")
        WATCHED = "watched", _("Watched for long")
        LOOKED = "looked", _("Looked at how its columns are read")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=12, choices=Name.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True, default="")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["source", "-id"], name="step_of_a_source")]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__in=["opened", "quarantined", "silent", "volume", "late", "watched"])
                | Q(name__in=["changed", "released", "connected", "paused", "resumed"], actor__isnull=False)
                & ~Q(reason="")
                | Q(name="looked", actor__isnull=False),
                name="source_step_by_a_person_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.name}"


class MappingVersion(models.Model):
    """A mapping that files of a source were read by, numbered in the order of first use. Triggers refuse changes."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mappings")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content = models.JSONField()
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="mapping_number_once_a_source"),
            models.UniqueConstraint(fields=["source", "sha256"], name="mapping_content_once_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
