"""Where messages about cases go, and what became of each of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import CaseEvent, User
from outgoing.feed_models import DecisionFeed, FeedMessage, FeedStep

__all__ = ["DecisionFeed", "Delivery", "FeedMessage", "FeedStep", "RetiredSecret", "Webhook", "WebhookStep"]


class Webhook(models.Model):
    """An address that wants to hear of cases, and of which moves (`outgoing/messages.py`).

    `secret` is kept encrypted, and so are those that it replaced (`RetiredSecret`). `read_until` is how far the record
    of moves was read for it; what happened before `begins_at`, when it was made, is not told. A pause loses nothing.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        GONE = "gone", _("The receiver wants no more")

    slug = models.CharField(max_length=50, unique=True)
    url = models.CharField(max_length=500)
    types = ArrayField(models.CharField(max_length=40))
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    secret = models.TextField()
    begins_at = models.DateTimeField()
    read_until = models.DateTimeField()
    # After it did not answer it is left alone until then.
    due_at = models.DateTimeField(db_default=models.functions.Now())
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=Q(types__len__gt=0), name="webhook_wants_something"),
            models.CheckConstraint(condition=Q(state__in=["active", "paused", "gone"]), name="webhook_state_known"),
        ]

    def __str__(self) -> str:
        return self.slug


class RetiredSecret(models.Model):
    """A secret of a webhook that was replaced and signs along until `signs_until`: its receiver may have it still. Kept
    encrypted, and deleted once it has ended."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="retired_secrets")
    secret = models.TextField()
    signs_until = models.DateTimeField()

    class Meta:
        # Newest first: each is written under the lock of its webhook.
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(secret=""), name="retired_secret_is_there")]

    def __str__(self) -> str:
        return f"{self.webhook_id} until {self.signs_until}"


class WebhookStep(models.Model):
    """What somebody did with a webhook, and why. Kept: triggers refuse changes."""

    class Name(models.TextChoices):
        MADE = "made", _("Made")
        CHANGED = "changed", _("Changed")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Resumed")
        ROTATED = "rotated", _("Secret changed")
        REPLAYED = "replayed", _("Sent again")
        GONE = "gone", _("Ended by its receiver")

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=10, choices=Name.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.name}"


class Delivery(models.Model):
    """One message for one webhook. `message_id` and `body` stay the same through all attempts, so that a receiver who
    got it twice can tell. A decision waits until it is released; one that was taken back before is `dropped`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Delivered")
        DEAD = "dead", _("Given up")
        DROPPED = "dropped", _("Taken back before it went out")

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    problem = models.CharField(max_length=200, blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="delivery_once_a_webhook_and_event"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="delivery_sent_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(
                fields=["webhook", "due_at", "id"], condition=Q(state="waiting"), name="delivery_waiting_of_a_webhook"
            ),
            models.Index(F("webhook"), F("id").desc(), name="delivery_of_a_webhook"),
        ]

    def __str__(self) -> str:
        return self.message_id
