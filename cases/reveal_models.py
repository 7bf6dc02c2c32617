"""Who had the names and numbers of an applicant shown, when, for what and until when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.people import User
from cases.record import Case


class Reveal(models.Model):
    """A person had the personal values of one case shown to them. Triggers refuse every later change."""

    class Why(models.TextChoices):
        IDENTITY = "identity", _("Compare them with the documents")
        CONTACT = "contact", _("Get in touch with the applicant")
        FRAUD = "fraud", _("Look into a suspicion of fraud")
        ANSWER = "answer", _("Answer the applicant or an authority")
        AUDIT = "audit", _("Audit or check of quality")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reveals")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reveals")
    why = models.CharField(max_length=10, choices=Why.choices)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(why__in=["identity", "contact", "fraud", "answer", "audit"]),
                                   name="reveal_purpose_known"),
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="reveal_lasts_a_while"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["person", "-at"], name="reveal_of_a_person"),
            models.Index(fields=["-at", "-id"], name="reveal_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} shown to {self.person_id}"
