"""How a source is reached that does not send by itself: a database that is asked, a stream or topic that is read."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import User
from intake.stored.source_models import MappingVersion, Source, Way


class Connector(models.Model):
    """Where a source is read from, and how far it was read.

    `address` is kept encrypted (`cases/sealed.py`), it holds a password. `settings` are those of the kind
    (`intake/sources/connector_settings.py`). `mapping` is settled by the first pull from a database. `position` is that
    of the last row taken in from there, written in the transaction that took it in. `read_since`: when it was read from
    the beginning last. `look_back` and `looked_back_at`: the last look-back and when it began
    (`intake/ways_in/looking_back.py`).
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")

    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="connector")
    kind = models.CharField(max_length=8, choices=Way.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    address = models.TextField()
    settings = models.JSONField(default=dict)
    mapping = models.ForeignKey(MappingVersion, on_delete=models.PROTECT, null=True, related_name="+")
    position = models.JSONField(null=True)
    read_since = models.DateTimeField(db_default=models.functions.Now())
    look_back = models.JSONField(default=dict, db_default={})
    looked_back_at = models.DateTimeField(db_default=models.functions.Now())
    due_at = models.DateTimeField(db_default=models.functions.Now())
    # What was wrong last, in both languages with its code (`intake/wording/connector_sentences.py`).
    problem = models.JSONField(default=dict)
    problem_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[Way.SQL, Way.REDIS, Way.KAFKA]), name="connector_kind_known"),
            models.CheckConstraint(condition=Q(state__in=["active", "paused"]), name="connector_state_known"),
            models.CheckConstraint(
                condition=Q(problem={}, problem_at__isnull=True) | ~Q(problem={}) & Q(problem_at__isnull=False),
                name="connector_problem_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind=Way.SQL) | Q(position__isnull=True, mapping__isnull=True),
                name="connector_position_of_a_database",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.source_id}"


class Pull(models.Model):
    """One time a database is asked: by whom (nobody: by its schedule), what came of it, and what went wrong.

    It is open from being asked for until it is through; one that was killed is taken up again. `began` is the
    connector's position before it. `read_again` counts the rows of a look-back that were read in it, and `late` is the
    batch of those among them that had not been taken in before.
    """

    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="pulls")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True)
    began = models.JSONField(null=True)
    batch = models.ForeignKey("intake.Batch", on_delete=models.PROTECT, null=True, related_name="+")
    read_again = models.PositiveIntegerField(default=0, db_default=0)
    late = models.ForeignKey("intake.Batch", on_delete=models.PROTECT, null=True, related_name="+")
    problem = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["connector", "-id"], name="pull_of_a_connector")]
        constraints = [
            models.UniqueConstraint(
                fields=["connector"], condition=Q(ended_at__isnull=True), name="pull_one_open_a_connector"
            )
        ]

    def __str__(self) -> str:
        return f"{self.connector_id} at {self.asked_at}"


class Offset(models.Model):
    """The next message of one partition of a Kafka topic that was not taken in, moved with those that were. `tries`
    counts the readers that began with it and have not ended: those that died of what begins there, and one at work."""

    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="offsets")
    topic = models.CharField(max_length=249)
    partition = models.PositiveIntegerField()
    next = models.PositiveBigIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connector", "topic", "partition"], name="offset_once_a_partition")
        ]

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}] {self.next}"


class TakenMessage(models.Model):
    """A message of a Redis stream that was taken in or refused, so that it adds nothing when it comes again."""

    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, related_name="taken")
    message = models.CharField(max_length=100)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "message"], name="message_once_a_connector")]
        indexes = [models.Index(fields=["at"], name="taken_message_by_time")]

    def __str__(self) -> str:
        return self.message
