"""What lies in the file of a case beside its facts: documents, comments, who was told of them, who passed it on."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.people import User
from cases.record import Case


class Document(models.Model):
    """A file that was added to a case: written once, named by what is in it. Triggers refuse every later change.

    `media_type` is what the content is, not what the sender called it; `size` is in bytes. The content lies in the
    attachment storage under `sha256`, once for all cases that have it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    case_version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True, default="")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "sha256"], name="document_once_a_case"),
            models.UniqueConstraint(fields=["case", "case_version"], name="document_one_a_move"),
            models.CheckConstraint(condition=Q(size__gt=0), name="document_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class Comment(models.Model):
    """Something said about a case, apart from the note of a decision. `mentioned` are the people it names."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    mentioned = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comment_says_something")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.text[:40]}"


class Notification(models.Model):
    """Something that somebody is told, of a case or else of what `params` name; `code` says it (`cases/notices.py`)."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=30)
    params = models.JSONField(default=dict)
    caused_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=models.functions.Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notification_unread"),
            models.Index(fields=["person", "-id"], name="notification_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.code}"


class Skip(models.Model):
    """A person passed a case on without a decision: it is not offered to them again for a while."""

    class Why(models.TextChoices):
        OUTSIDE_MY_FIELD = "outside_my_field", _("Outside my field")
        NOT_ENOUGH_TIME = "not_enough_time", _("Not enough time now")
        CANNOT_JUDGE = "cannot_judge", _("I cannot judge it")
        LANGUAGE = "language", _("Language of the documents")
        OTHER = "other", _("Other (explain in the note)")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="skips")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="skips")
    why = models.CharField(max_length=20, choices=Why.choices)
    note = models.TextField(blank=True)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        indexes = [models.Index(fields=["person", "case", "-at"], name="skip_of_a_person")]
        constraints = [
            models.CheckConstraint(condition=~Q(why="other") | ~Q(note=""), name="skip_for_another_reason_says_which")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} skipped by {self.person_id}"
