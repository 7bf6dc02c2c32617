"""Where cases came from: sources, imported files, the origin of each case, and the rows that were refused."""

from django.db import models
from django.db.models import Q

from cases.models import ApiToken, Case, User


class Source(models.Model):
    """A system or file that sends cases."""

    slug = models.SlugField(max_length=50, unique=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    def __str__(self) -> str:
        return self.slug


class ImportFile(models.Model):
    """One file, taken in once or several times. The counts are those of all its rows, set when it is through."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="files")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=255)
    mapping = models.JSONField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    started_at = models.DateTimeField(db_default=models.functions.Now())
    finished_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rows=models.F("accepted") + models.F("duplicates") + models.F("rejected")),
                name="import_every_row_counted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} of {self.source_id}"


class CaseOrigin(models.Model):
    """The file and row, or the message, a case came from."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="origin", primary_key=True)
    import_file = models.ForeignKey(ImportFile, on_delete=models.PROTECT, null=True, related_name="origins")
    row_number = models.PositiveIntegerField(null=True)
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(import_file__isnull=False, row_number__isnull=False, token__isnull=True)
                | Q(import_file__isnull=True, row_number__isnull=True),
                name="origin_file_and_row_or_message",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} from {self.import_file_id}:{self.row_number}"


class RejectedRow(models.Model):
    """A row that could not become a case: kept whole, with field, value and reason, until it is mended and sent again.

    `row_hash` is over the import and the row as it stood, so that importing the same file twice adds nothing.
    """

    import_file = models.ForeignKey(ImportFile, on_delete=models.PROTECT, related_name="rejected_rows")
    row_number = models.PositiveIntegerField()
    row_hash = models.CharField(max_length=64, unique=True)
    raw = models.JSONField()
    errors = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["import_file", "row_number"], name="rejected_by_file_and_row")]

    def __str__(self) -> str:
        return f"{self.import_file_id}:{self.row_number}"


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
