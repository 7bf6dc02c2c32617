"""What is kept to find applicants that are one: their numbers, keys to compare by, links, and who settled them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from cases.models import Applicant, User


class ApplicantNumber(models.Model):
    """An identity or telephone number of an applicant, encrypted; `digest` tells equal ones without opening them."""

    class Kind(models.TextChoices):
        IDENTITY_NUMBER = "identity_number"
        PHONE = "phone"

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="numbers")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    digest = models.BigIntegerField()
    sealed = models.TextField()
    masked = models.CharField(max_length=32)
    since = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["applicant", "kind", "digest"], name="number_once_an_applicant"),
            models.CheckConstraint(condition=Q(kind__in=["identity_number", "phone"]), name="number_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.masked}"


class ApplicantToLink(models.Model):
    """An applicant that is new, or of whom something new is known: its links are looked for with the next sweep."""

    applicant = models.OneToOneField(Applicant, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return str(self.applicant_id)


class LinkKeys(models.Model):
    """What an applicant is compared by (`intake/people/linkage.py`)."""

    applicant = models.OneToOneField(Applicant, on_delete=models.CASCADE, primary_key=True)
    keys = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="link_keys_shared")]

    def __str__(self) -> str:
        return str(self.applicant_id)


class ApplicantLink(models.Model):
    """Two applicants that may be one. An equal identity number links them by itself; else a person says what holds.

    `first` is the one with the smaller key.
    """

    class State(models.TextChoices):
        DOUBTFUL = "doubtful"
        LINKED = "linked"
        APART = "apart"

    first = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    evidence = ArrayField(models.CharField(max_length=40))
    found_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="link_once_a_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="link_smaller_first"),
            models.CheckConstraint(condition=Q(state__in=["doubtful", "linked", "apart"]), name="link_state_known"),
            models.CheckConstraint(condition=~Q(evidence=[]), name="link_has_evidence"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="doubtful"), name="links_in_doubt")]

    def __str__(self) -> str:
        return f"{self.first_id} {self.state} {self.second_id}"


class LinkStep(models.Model):
    """What was said of a link, by the machine (no actor) or a person with a reason. Never changed."""

    link = models.ForeignKey(ApplicantLink, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=ApplicantLink.State.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(actor__isnull=True) | ~Q(reason=""), name="link_step_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} {self.state}"


class SamePerson(models.Model):
    """Applicants that are one have one `person`: the smallest key among them. Who is linked to nobody has no row."""

    applicant = models.OneToOneField(Applicant, on_delete=models.CASCADE, primary_key=True, related_name="same")
    person = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.applicant_id} is {self.person_id}"
