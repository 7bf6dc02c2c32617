"""Rows that a source keeps for others to join, and which of them a case took something from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cases.models import Case
from intake.stored.source_models import Source


class ReferenceRow(models.Model):
    """One row as it stood, found by its key (an applicant's or a loan's), usable after `as_of`.

    It came in a file, from a database, or as a message: `message` is what it is called there, and `version` the number
    of the signed mapping that said its key and moment, 0 where its batch names what read it. `row_hash` is over key,
    moment and cells, so that the same row sent twice adds nothing. Triggers refuse changes.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="kept_rows")
    batch = models.ForeignKey("intake.Batch", on_delete=models.PROTECT, related_name="kept_rows")
    row_number = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    as_of = models.DateTimeField()
    row_hash = models.CharField(max_length=64)
    cells = models.JSONField()
    message = models.CharField(max_length=100, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "row_hash"], name="reference_row_once_a_source")]
        indexes = [
            models.Index(fields=["source", "key", "-as_of", "-id"], name="reference_row_latest_of_a_key"),
            models.Index(fields=["source", "-id"], name="reference_row_newest"),
            models.Index(fields=["message"], condition=~Q(message=""), name="reference_row_by_message"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.key}"


class CaseJoin(models.Model):
    """The row of another source that a case took facts from, by the name of the join in its mapping.

    `features` are those that a message took from it, and its fields as "case.region"; of a row of a table its mapping
    tells. A case that was returned and came again may have taken another row then: the newest counts. Triggers refuse
    changes.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="joins")
    name = models.CharField(max_length=30)
    row = models.ForeignKey(ReferenceRow, on_delete=models.PROTECT, related_name="+")
    features = ArrayField(models.CharField(max_length=63), default=list, db_default=[])

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"
