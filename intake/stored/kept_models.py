"""What was done with a message that was kept whole because it could not be taken in: tried again, by whom, why, how."""

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, User


class MessageStep(models.Model):
    """One step of one attempt to take a kept message in again: asked for, begun, ended. Or, in the place of an attempt,
    that a person set it aside: it will not be tried, unless somebody asks for it. Triggers refuse later changes.

    `begun` is committed before the message is so much as read, so that a worker who dies of it leaves it said. An
    attempt that has begun is never begun again; another one is asked for by a person. `batch` is where what came of it
    stands: the case, or the refused row with its errors.
    """

    class Name(models.TextChoices):
        ASKED = "asked", _("Waits to be tried")
        BEGUN = "begun", _("Being tried")
        TAKEN_IN = "taken_in", _("Taken in")
        KNOWN = "known", _("Known already")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Failed")
        DIED = "died", _("Its worker died")
        CALLED_OFF = "called_off", _("Called off")
        SET_ASIDE = "set_aside", _("Set aside")

    row = models.ForeignKey("intake.RejectedRow", on_delete=models.PROTECT, related_name="steps")
    attempt = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=10, choices=Name.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True, default="")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="message_steps")
    batch = models.ForeignKey("intake.Batch", on_delete=models.PROTECT, null=True, related_name="+")
    # The field errors of what was refused, or the name of what went wrong.
    errors = models.JSONField(default=list)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["row", "attempt"], condition=Q(name="asked"), name="message_asked_once_an_attempt"
            ),
            models.UniqueConstraint(
                fields=["row", "attempt"], condition=Q(name="begun"), name="message_begun_once_an_attempt"
            ),
            models.UniqueConstraint(
                fields=["row", "attempt"],
                condition=~Q(name__in=["asked", "begun"]),
                name="message_ended_once_an_attempt",
            ),
            models.UniqueConstraint(
                fields=["row"], condition=Q(name__in=["taken_in", "known"]), name="message_settled_once"
            ),
            models.CheckConstraint(
                condition=Q(name__in=["asked", "set_aside"], actor__isnull=False) & ~Q(reason="")
                | ~Q(name__in=["asked", "set_aside"]) & Q(actor__isnull=True, reason=""),
                name="message_asked_by_a_person_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(name__in=["taken_in", "known"], batch__isnull=False)
                | Q(
                    name__in=["asked", "begun", "refused", "failed", "died", "called_off", "set_aside"],
                    case__isnull=True,
                ),
                name="message_step_known_and_settled_by_a_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_id} {self.attempt} {self.name}"


# The message is a case now, and there is nothing more to do about it.
SETTLED: Final = (MessageStep.Name.TAKEN_IN, MessageStep.Name.KNOWN)
OPEN: Final = (MessageStep.Name.ASKED, MessageStep.Name.BEGUN)
# The codes under which a message is kept whole (`intake/ways_in/stream_messages.py`), and how such rows are told from
# others.
KILLS: Final = "message_kills"
FAILS: Final = "message_failed"
KEPT_WHOLE: Final = Q(errors__contains=[{"code": KILLS}]) | Q(errors__contains=[{"code": FAILS}])
