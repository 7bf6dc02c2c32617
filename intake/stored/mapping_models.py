"""Mappings as people make them: drafted, proposed with what they would change, signed by a second person."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import User
from intake.stored.source_models import MappingVersion, Source


class SourceMapping(models.Model):
    """A version of a source's mapping. The one in force reads every file that comes without a mapping of its own.

    `content` has the shape of a mapping file, `sample` the first rows of the file it is tried on
    (`intake/reading/mapping_sample.py`), `recognised` by column what was thought of it and why. `comparison` is what
    the version would change in past rows, frozen with the proposal by its hash. Triggers keep what was proposed.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        IN_FORCE = "in_force", _("In force")
        RETIRED = "retired", _("Retired")
        DISCARDED = "discarded", _("Discarded")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="signed_mappings")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    sample = models.JSONField(default=dict)
    recognised = models.JSONField(default=dict)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(db_default=models.functions.Now())
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    comparison = models.JSONField(null=True)
    comparison_sha256 = models.CharField(max_length=64, blank=True, default="")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="source_mapping_number_once"),
            models.UniqueConstraint(
                fields=["source"], condition=Q(status="in_force"), name="source_mapping_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["draft", "discarded"],
                    proposed_by=None,
                    comparison__isnull=True,
                    comparison_sha256="",
                    signed_by=None,
                )
                | Q(status="proposed", proposed_by__isnull=False, comparison__isnull=False, signed_by=None)
                & ~Q(comparison_sha256="")
                | Q(status__in=["in_force", "retired"], proposed_by__isnull=False, signed_by__isnull=False)
                & ~Q(comparison_sha256=""),
                name="source_mapping_proposed_then_signed",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("drafted_by")) & ~Q(signed_by=F("proposed_by")),
                name="source_mapping_signed_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.number}"


class MappingStep(models.Model):
    """One step in the life of a version: who, when, why. Triggers refuse later changes."""

    class Name(models.TextChoices):
        DRAFT = "draft", _("Drafted")
        EDIT = "edit", _("Edited")
        PROPOSE = "propose", _("Proposed")
        RETURN = "return", _("Sent back")
        SIGN = "sign", _("Signed")
        ROLL_BACK = "roll_back", _("Put back in force")
        DISCARD = "discard", _("Discarded")

    mapping = models.ForeignKey(SourceMapping, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=10, choices=Name.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, default="")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__in=["draft", "edit"]) | ~Q(reason=""), name="mapping_step_has_a_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.mapping_id} {self.name}"


class FirstRows(models.Model):
    """The first rows of a file, or of one pull from a database, as their cells came
    (`intake/reading/mapping_sample.py`): what another mapping would make of them is told before somebody signs it. Of a
    source the newest are kept, as many as `intake/record/first_rows.py` says.
    """

    batch = models.OneToOneField("intake.Batch", on_delete=models.PROTECT, related_name="first_rows", primary_key=True)
    count = models.PositiveIntegerField()
    sample = models.JSONField()

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.count}"


class ReadingLook(models.Model):
    """That a person is to look at what the columns of a source were taken for by themselves, and who has. What came in
    by such a version waits until then (`intake/signing/first_look.py`).
    """

    version = models.OneToOneField(MappingVersion, on_delete=models.PROTECT, related_name="look", primary_key=True)
    asked_at = models.DateTimeField(db_default=models.functions.Now())
    looked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(looked_by__isnull=True, looked_at__isnull=True)
                | Q(looked_by__isnull=False, looked_at__isnull=False),
                name="reading_looked_at_by_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id}"
