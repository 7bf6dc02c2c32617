"""Files that were dropped into the watched folder or uploaded, from their arrival until they are through."""

from django.db import models
from django.db.models import Q

from cases.models import User


class IncomingFile(models.Model):
    """A file on its way in, known by its content. Done, it has led to a batch or was refused as a whole, and why.

    `size` is in bytes, as it was when the file was read; of files of before, and within archives, it is not known.

    `refusal` is the reason in both languages with its code; empty while none is known. An archive that is done has led
    to its `members`: a record each for the tables in it, with their `archive` and their `place` among its parts.
    """

    source = models.CharField(max_length=50)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(null=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(db_default=models.functions.Now())
    done_at = models.DateTimeField(null=True)
    batch = models.ForeignKey("intake.Batch", on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.JSONField(default=dict)
    members = models.PositiveIntegerField(default=0, db_default=0)
    archive = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="tables")
    place = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "name", "sha256"], condition=Q(archive__isnull=True), name="incoming_file_once"
            ),
            models.UniqueConstraint(fields=["archive", "place"], name="incoming_member_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, batch__isnull=True, refusal={}, members=0, archive__isnull=True)
                | Q(done_at__isnull=False, batch__isnull=False, refusal={}, members=0)
                | Q(done_at__isnull=False, batch__isnull=True, members=0) & ~Q(refusal={})
                | Q(done_at__isnull=False, batch__isnull=True, refusal={}, members__gt=0, archive__isnull=True),
                name="incoming_file_ends_as_a_batch_or_refused",
            ),
            models.CheckConstraint(
                condition=Q(archive__isnull=True, place__isnull=True) | Q(archive__isnull=False, place__isnull=False),
                name="incoming_member_has_its_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.source}"
