"""Who is there to look: people's duty and absences, the places of a day, and who was handed which case."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from cases.models import Case, User


class DayLoad(models.Model):
    """How many cases of a product were given to people on one day: the lock under which places of that day are handed
    out. `carried` waited already when the day began, `beyond` are merely uncertain cases that found no place."""

    product = models.CharField(max_length=50)
    day = models.DateField()
    carried = models.PositiveIntegerField(default=0)
    given = models.PositiveIntegerField(default=0)
    beyond = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "day"], name="day_load_once_a_product_and_day")]

    def __str__(self) -> str:
        return f"{self.product} {self.day}: {self.given}"


class Duty(models.Model):
    """How much one person can look at: hours a day, most cases a day, and the products they know.

    No `products` means all of them.
    """

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="duty")
    hours_a_day = models.DecimalField(max_digits=4, decimal_places=2)
    most_cases_a_day = models.PositiveIntegerField(null=True)
    products = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours_a_day__gte=0, hours_a_day__lte=24), name="duty_hours_of_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.hours_a_day} h"


class Absence(models.Model):
    """Days, both included, on which a person looks at nothing. What is over stays: a trigger refuses its change."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=200, blank=True, default="")
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_it_begins"),
            # The person as a range of one: ranges need no extension of PostgreSQL, plain numbers would.
            ExclusionConstraint(
                name="absence_never_overlaps",
                expressions=[
                    (
                        Func(
                            F("person"), F("person"), Value("[]"),
                            function="int8range", output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("first_day"), F("last_day"), Value("[]"),
                            function="daterange", output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["person", "last_day"], name="absence_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id} away {self.first_day} to {self.last_day}"


class Assignment(models.Model):
    """One time a waiting case was handed to a person. Immutable: triggers refuse UPDATE, DELETE and TRUNCATE.

    `random` marks a case given by lot; `probability` is then the chance that it was drawn and fell to this person.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assignments")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    at = models.DateTimeField(db_default=models.functions.Now())
    random = models.BooleanField(default=False)
    probability = models.FloatField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(random=False, probability=1) | Q(random=True, probability__gt=0, probability__lte=1),
                name="assignment_by_lot_has_its_chance",
            )
        ]
        indexes = [models.Index(fields=["person", "at"], name="assignment_by_person")]

    def __str__(self) -> str:
        return f"{self.case_id} to {self.person_id}"
