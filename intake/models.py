"""All models of intake, as Django looks for them: sources, what arrived together, and the origin of each case."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cases.models import ApiToken, Case, User
from intake.stored.connector_models import Connector, Offset, Pull, TakenMessage
from intake.stored.day_models import SourceDay
from intake.stored.incoming_models import IncomingFile
from intake.stored.kept_models import KEPT_WHOLE, MessageStep
from intake.stored.linkage_models import (
    ApplicantLink,
    ApplicantNumber,
    ApplicantToLink,
    LinkKeys,
    LinkStep,
    SamePerson,
)
from intake.stored.mapping_models import FirstRows, MappingStep, ReadingLook, SourceMapping
from intake.stored.reference_models import CaseJoin, ReferenceRow
from intake.stored.rule_models import RuleSet
from intake.stored.source_models import GOING_ON, NUMBERED, MappingVersion, Source, SourceStep, Way

__all__ = [
    "GOING_ON",
    "NUMBERED",
    "ApplicantLink",
    "ApplicantNumber",
    "ApplicantToLink",
    "Batch",
    "CaseJoin",
    "CaseNumber",
    "CaseOrigin",
    "Connector",
    "FirstRows",
    "IdempotencyKey",
    "IncomingFile",
    "LinkKeys",
    "LinkStep",
    "MappingStep",
    "MappingVersion",
    "MessageStep",
    "Offset",
    "Pull",
    "ReadingLook",
    "ReferenceRow",
    "RejectedRow",
    "RuleSet",
    "SamePerson",
    "Source",
    "SourceDay",
    "SourceMapping",
    "SourceStep",
    "TakenMessage",
    "Tally",
    "Way",
]


class Batch(models.Model):
    """What arrived together: a file, taken in once however often it is sent, the rows of one pull from a database, or
    the messages of one system, stream or topic for a while.

    `rows` counts what is through: of a file the first `rows` rows, so that a run that was killed goes on behind them,
    of about `rows_expected` where that is known; `moved_at` is when it last came on.
    Of the accepted cases some are `held` for a person, others `marked` and let through. The counts of messages lie in
    tallies until they are added up here.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="batches")
    kind = models.CharField(max_length=8, choices=Way.choices, default=Way.FILE, db_default=Way.FILE)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    mapping = models.ForeignKey(MappingVersion, on_delete=models.PROTECT, null=True, related_name="batches")
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, null=True, related_name="+")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    started_at = models.DateTimeField(db_default=models.functions.Now())
    finished_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    rows_expected = models.PositiveIntegerField(null=True)
    rows = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0, db_default=0)
    marked = models.PositiveIntegerField(default=0, db_default=0)
    # What its cases look like by product, the figures that are drawn of it, and what is not as usual.
    profile = models.JSONField(default=dict, db_default={})
    measures = models.JSONField(default=dict, db_default={})
    signs = models.JSONField(default=list, db_default=[])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rows=F("accepted") + F("duplicates") + F("rejected")), name="import_every_row_counted"
            ),
            models.CheckConstraint(
                condition=Q(held__lte=F("accepted"), marked__lte=F("accepted")), name="batch_held_among_the_accepted"
            ),
            models.CheckConstraint(
                condition=~Q(sha256="") & Q(kind=Way.FILE, mapping__isnull=False, token__isnull=True)
                | Q(kind=Way.PUSH, sha256="", mapping__isnull=True, token__isnull=False)
                | Q(kind=Way.SQL, sha256="", mapping__isnull=False, token__isnull=True)
                | Q(kind__in=[Way.REDIS, Way.KAFKA], sha256="", mapping__isnull=True, token__isnull=True),
                name="batch_of_a_known_way",
            ),
            models.UniqueConstraint(
                fields=["source", "sha256", "mapping"], condition=Q(kind=Way.FILE), name="batch_once_a_file"
            ),
            models.UniqueConstraint(
                fields=["source", "token"],
                condition=Q(kind=Way.PUSH, finished_at__isnull=True),
                name="batch_one_open_a_token",
            ),
            models.UniqueConstraint(
                fields=["source", "kind"],
                condition=Q(kind__in=[Way.REDIS, Way.KAFKA], finished_at__isnull=True),
                name="batch_one_open_a_stream",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-id"], name="batch_of_a_source"),
            models.Index(fields=["started_at"], name="batch_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.source_id}"


class Tally(models.Model):
    """What one request added to a batch of messages: a row of its own, so that sixteen senders do not wait for one."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="tallies")
    accepted = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    marked = models.PositiveIntegerField(default=0)
    # Of the rejected ones those that are news of their source (`intake/health/refusals.py`).
    refused = models.PositiveIntegerField(default=0, db_default=0)
    case_ids = ArrayField(models.BigIntegerField(), default=list)

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.accepted}"


class CaseOrigin(models.Model):
    """The batch a case came in, its row where that is a file or a pull, and what its message or row is called there.
    `numbers` are the digests of the applicant's numbers that came with what stands on the case, `left_out` those of
    what its row is known by beside its reference (`intake/mapped/left_out.py`).
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="origin", primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="origins")
    row_number = models.PositiveIntegerField(null=True)
    message = models.CharField(max_length=100, blank=True, default="", db_default="")
    numbers = ArrayField(models.BigIntegerField(), default=list)
    left_out = ArrayField(models.BigIntegerField(), default=list, db_default=[])

    class Meta:
        indexes = [models.Index(fields=["message"], condition=~Q(message=""), name="origin_by_message")]

    def __str__(self) -> str:
        return f"{self.case_id} from {self.batch_id}:{self.row_number}"


class CaseNumber(models.Model):
    """A number that stood in the row of a case and is not its reference, by its digest (`intake/mapped/left_out.py`).
    Each has a row of its own: of an array PostgreSQL takes a thousand members to be in every row, and looks through
    all."""

    pk = models.CompositePrimaryKey("digest", "case")
    digest = models.BigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"a number of {self.case_id}"


class RejectedRow(models.Model):
    """A row that could not become a case: kept whole, with field, value and reason, until it is mended and sent again.

    `row_hash` is over the batch and the row as it stood, so that the same row twice adds nothing; `known_as` tells the
    row in whatever batch of its source it comes again, "" where that was not yet written down. A message that no
    reader survived, or that our side could not take in, is tried again by its `steps`.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rejected_rows")
    row_number = models.PositiveIntegerField()
    row_hash = models.CharField(max_length=64, unique=True)
    known_as = models.CharField(max_length=64, blank=True, default="", db_default="")
    message = models.CharField(max_length=100, blank=True, default="", db_default="")
    raw = models.JSONField()
    errors = models.JSONField()
    # None where it was kept before this was written down.
    kept_at = models.DateTimeField(null=True, db_default=models.functions.Now())

    class Meta:
        indexes = [
            models.Index(fields=["batch", "row_number"], name="rejected_by_batch_and_row"),
            models.Index(fields=["message"], condition=~Q(message=""), name="rejected_by_message"),
            models.Index(fields=["known_as"], condition=~Q(known_as=""), name="rejected_by_what_tells_it"),
            models.Index(fields=["batch", "id"], condition=KEPT_WHOLE, name="rejected_kept_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.row_number}"


class IdempotencyKey(models.Model):
    """The first answer to a keyed request, so that a sender who asks again after a lost answer gets the same one."""

    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT)
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "route", "key"], name="idempotency_key_once_a_token_and_route")
        ]

    def __str__(self) -> str:
        return self.key
