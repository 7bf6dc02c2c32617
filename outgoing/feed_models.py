"""Decisions as a stream: where they are written, what was done with it, and each of its messages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import CaseEvent, User


class DecisionFeed(models.Model):
    """A Redis stream or Kafka topic that released decisions are written to, in their order.

    `address` is kept encrypted, it holds a password. `most_kept`: a Redis stream is cut to about so many entries; a
    topic keeps what its own settings say. `read_until` is how far the record of moves was read for it; what was decided
    before `begins_at` is not told. A pause loses nothing.
    """

    class Kind(models.TextChoices):
        REDIS = "redis", _("Redis stream")
        KAFKA = "kafka", _("Kafka topic")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")

    slug = models.CharField(max_length=50, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    address = models.TextField()
    target = models.CharField(max_length=249)
    most_kept = models.PositiveIntegerField(default=100_000)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    begins_at = models.DateTimeField()
    read_until = models.DateTimeField()
    # After something went wrong it is left alone until then.
    due_at = models.DateTimeField(db_default=models.functions.Now())
    problem = models.JSONField(default=dict)
    problem_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["redis", "kafka"]), name="feed_kind_known"),
            models.CheckConstraint(condition=Q(state__in=["active", "paused"]), name="feed_state_known"),
            models.CheckConstraint(condition=Q(most_kept__gt=0), name="feed_keeps_something"),
            models.CheckConstraint(
                condition=Q(problem={}, problem_at__isnull=True) | ~Q(problem={}) & Q(problem_at__isnull=False),
                name="feed_problem_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class FeedStep(models.Model):
    """What somebody did with a feed, and why. Kept: triggers refuse changes."""

    class Name(models.TextChoices):
        MADE = "made", _("Made")
        CHANGED = "changed", _("Changed")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Resumed")

    feed = models.ForeignKey(DecisionFeed, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=10, choices=Name.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())
    reason = models.TextField()
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.feed_id} {self.name}"


class FeedMessage(models.Model):
    """One decision for one feed. `message_id` and `body` stay the same however often it is written. It waits until it
    is released; one that was taken back before is `dropped`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Delivered")
        DROPPED = "dropped", _("Taken back before it went out")

    feed = models.ForeignKey(DecisionFeed, on_delete=models.PROTECT, related_name="messages")
    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=40, unique=True)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "event"], name="feed_message_once_a_feed_and_event"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="feed_message_sent_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["feed", "due_at", "id"], condition=Q(state="waiting"), name="feed_message_waiting"),
            models.Index(fields=["feed", "-id"], name="message_of_a_feed"),
        ]

    def __str__(self) -> str:
        return self.message_id
