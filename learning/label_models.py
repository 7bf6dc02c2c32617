"""What is known about a case, with its provenance; and what each kind of label is worth, version by version."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Review, SecondLook, Signature, User


class Source(models.TextChoices):
    """Where a label comes from. A machine decision is no source: what the model said teaches nothing."""

    OUTCOME = "outcome", _("Matured outcome")
    EARLY_BAD = "early_bad", _("Bad before maturity")
    IMMATURE_GOOD = "immature_good", _("Good so far")
    EXPLORATION = "exploration", _("Outcome of an exploration")
    DECISION = "decision", _("Reviewer's decision")
    SIGNATURE = "signature", _("Supervisor's signature")
    BLIND_REVIEW = "blind_review", _("Blind review, settled")
    INFERRED = "inferred", _("Inferred")


class Exclusion(models.TextChoices):
    """Why a label, or a case, is in no training set; "" where nothing speaks against it."""

    EARLY_BAD = "early_bad", _("Bad before its window was over: the goods of its age are not known yet")
    IMMATURE = "immature", _("Good so far: its window is not over")
    NOT_REPAYMENT = "not_repayment", _("A person's view, not repayment")
    INFERRED = "inferred", _("Inferred: for sensitivity analysis only")
    RESTATED = "restated", _("Restated by a later outcome")
    FACTS_CHANGED = "facts_changed", _("The facts on record are not those it was decided on")
    SAME_LOAN = "same_loan", _("The same loan, told by another source before")


class Basis(models.TextChoices):
    """How the propensity of a label came about (`learning/propensities.py`)."""

    ALWAYS = "always", _("the machine approves such cases")
    EXPLORED = "explored", _("drawn for exploration")
    AUDITED = "audited", _("declined by the machine, drawn for a look, approved")
    PEOPLE = "people", _("people decided: the share approved among like cases")
    UNKNOWN = "unknown", _("not known")


# Outcomes that nobody would have seen, had no random arm drawn the case.
BY_CHANCE: Final = (Basis.EXPLORED, Basis.AUDITED)
OF_REPAYMENT: Final = (Source.OUTCOME, Source.EARLY_BAD, Source.IMMATURE_GOOD, Source.EXPLORATION)
# A loan whose window is over; only these are learned from.
MATURED: Final = (Source.OUTCOME, Source.EXPLORATION)
EXCLUDED_AS: Final = {
    Source.OUTCOME: "",
    Source.EXPLORATION: "",
    Source.EARLY_BAD: Exclusion.EARLY_BAD,
    Source.IMMATURE_GOOD: Exclusion.IMMATURE,
    Source.DECISION: Exclusion.NOT_REPAYMENT,
    Source.SIGNATURE: Exclusion.NOT_REPAYMENT,
    Source.BLIND_REVIEW: Exclusion.NOT_REPAYMENT,
    Source.INFERRED: Exclusion.INFERRED,
}
# As shipped; the database holds the zeros (facts: no early bad without the goods of its age, no view of a person as y).
SHIPPED_WEIGHTS: Final = {
    "outcome": 1.0, "exploration": 1.0, "early_bad": 0.0, "immature_good": 0.0, "decision": 0.0, "signature": 0.0,
    "blind_review": 0.0, "inferred": 0.0,
}  # fmt: skip
SHIPPED_CAP: Final = 20.0
MOST_INFERRED: Final = 0.3


class LabelWeights(models.Model):
    """One version of the weight table: base weight as y by source, and the most 1 / propensity may come to. The latest
    is in force, none is ever changed; number 0, as shipped, is no row."""

    number = models.PositiveIntegerField(unique=True)
    outcome = models.FloatField(default=1.0)
    exploration = models.FloatField(default=1.0)
    inferred = models.FloatField(default=0.0)
    cap = models.FloatField(default=SHIPPED_CAP)
    reason = models.TextField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__gt=0, outcome__lte=10, exploration__gt=0, exploration__lte=10),
                name="label_weights_of_outcomes",
            ),
            models.CheckConstraint(
                condition=Q(inferred__gte=0, inferred__lte=MOST_INFERRED), name="label_weights_trust_inference_little"
            ),
            models.CheckConstraint(condition=Q(cap__gte=1, cap__lte=1000), name="label_weights_cap"),
            models.CheckConstraint(condition=~Q(reason=""), name="label_weights_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"label weights {self.number}"


class Label(models.Model):
    """One thing known about a case. Only repayment says whether a loan was bad; a person's decision never does.

    A machine decision is no label: there is no source for it. Corrections restate: a new row, the old one stays.
    `window_from` and `window_until` are the performance window of a loan, `maturity` the share of it that was over when
    the outcome was observed. `propensity` is the chance that the outcome of such a case can be observed at all, by
    `basis`; NULL where it is not known. `weights` is the table in force when it was written (NULL: as shipped).
    `blind_agreeing` counts the people who came to `outcome` without having seen the model or each other; with two or
    more of them the label `is_agreed`, the only evidence of people that may ever stand beside outcomes.
    """

    Source = Source

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="labels")
    source = models.CharField(max_length=15, choices=Source.choices)
    is_bad = models.BooleanField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    agrees_with_advice = models.BooleanField(null=True)
    review = models.OneToOneField(Review, on_delete=models.PROTECT, null=True, related_name="label")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, null=True, related_name="label")
    second_look = models.OneToOneField(SecondLook, on_delete=models.PROTECT, null=True, related_name="label")
    blind_agreeing = models.PositiveSmallIntegerField(default=0, db_default=0)
    is_agreed = models.BooleanField(default=False, db_default=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="labels")
    observed_at = models.DateTimeField()
    window_from = models.DateTimeField(null=True)
    window_until = models.DateTimeField(null=True)
    maturity = models.FloatField(null=True)
    propensity = models.FloatField(null=True)
    basis = models.CharField(max_length=10, choices=Basis.choices, default=Basis.UNKNOWN, db_default=Basis.UNKNOWN)
    weights = models.ForeignKey(LabelWeights, on_delete=models.PROTECT, null=True, related_name="labels")
    exclusion = models.CharField(max_length=15, choices=Exclusion.choices, blank=True, default="", db_default="")
    recorded_at = models.DateTimeField(db_default=models.functions.Now())
    given_by = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "observed_at"],
                condition=Q(is_bad__isnull=False, source__in=OF_REPAYMENT),
                name="label_one_outcome_a_case_and_time",
            ),
            models.UniqueConstraint(
                fields=["case", "given_by"], condition=Q(source="inferred"), name="label_inferred_once"
            ),
            models.CheckConstraint(
                condition=Q(source__in=[*OF_REPAYMENT, "inferred"], is_bad__isnull=False)
                & Q(review__isnull=True, signature__isnull=True, second_look__isnull=True)
                | Q(source="decision", is_bad__isnull=True, review__isnull=False)
                & Q(signature__isnull=True, second_look__isnull=True)
                | Q(source="signature", is_bad__isnull=True, signature__isnull=False)
                & Q(review__isnull=True, second_look__isnull=True)
                | Q(source="blind_review", is_bad__isnull=True, second_look__isnull=False)
                & Q(review__isnull=True, signature__isnull=True),
                name="label_only_repayment_says_bad",
            ),
            models.CheckConstraint(condition=~Q(source="early_bad") | Q(is_bad=True), name="label_early_bad_is_bad"),
            models.CheckConstraint(
                condition=~Q(source="immature_good") | Q(is_bad=False), name="label_immature_good_is_good"
            ),
            models.CheckConstraint(
                condition=Q(is_agreed=False) | Q(source="blind_review", blind_agreeing__gte=2),
                name="label_agreed_by_two_blind_people",
            ),
            models.CheckConstraint(
                condition=Q(source__in=MATURED) & ~Q(exclusion__in=["early_bad", "immature"])
                | ~Q(source__in=MATURED) & ~Q(exclusion=""),
                name="label_excluded_unless_matured",
            ),
            models.CheckConstraint(
                condition=Q(propensity__isnull=True, basis="unknown")
                # A comparison with NULL is no refusal: the chance must be there.
                | Q(propensity__gt=0, propensity__lte=1, propensity__isnull=False, source__in=OF_REPAYMENT)
                & ~Q(basis="unknown"),
                name="label_propensity_is_a_chance",
            ),
            models.CheckConstraint(
                condition=~Q(source__in=OF_REPAYMENT)
                | Q(window_until__gt=F("window_from"), window_from__isnull=False, window_until__isnull=False)
                & Q(maturity__gte=0, maturity__lte=1, maturity__isnull=False),
                name="label_outcome_has_its_window",
            ),
        ]
        indexes = [models.Index(fields=["recorded_at"], name="label_by_time")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.source}"
