"""Files that were dropped into the watched folder or uploaded, from their arrival until they are through."""

from django.db import models
from django.db.models import Q

from cases.models import User


class IncomingFile(models.Model):
    """A file on its way in, known by its content. Done, it has led to a batch or was refused as a whole, and why.

    `refusal` is the reason in both languages with its code; empty while none is known.
    """

    source = models.CharField(max_length=50)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(db_default=models.functions.Now())
    done_at = models.DateTimeField(null=True)
    batch = models.ForeignKey("intake.Batch", on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "name", "sha256"], name="incoming_file_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, batch__isnull=True, refusal={})
                | Q(done_at__isnull=False, batch__isnull=False, refusal={})
                | Q(done_at__isnull=False, batch__isnull=True) & ~Q(refusal={}),
                name="incoming_file_ends_as_a_batch_or_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.source}"
