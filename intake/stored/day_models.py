"""How many cases came from a source on each day, how long after their application, and what was usual for that."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from intake.stored.source_models import Source


class SourceDay(models.Model):
    """A day of the office clock. It is opened with what is usual for it (`intake/health/usual_days.py`), and has
    figures once it is over: `cases` is None until then, and `delay`, `delay_least` (hours) also where too few cases
    came to say.

    `low` to `high` cases are usual, and a delay of up to `late` hours; None where too little is known. Triggers keep
    what was usual as it was when the day was opened, the figures of a day that is over, and every day.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    low = models.PositiveIntegerField(null=True)
    high = models.PositiveIntegerField(null=True)
    late = models.FloatField(null=True)
    cases = models.PositiveIntegerField(null=True)
    delay = models.FloatField(null=True)
    delay_least = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["day"], name="source_day_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["source", "day"], name="source_day_once"),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True)
                | Q(low__isnull=False, high__isnull=False, low__lte=F("high")),
                name="source_day_usual_from_low_to_high",
            ),
            models.CheckConstraint(
                condition=Q(delay__isnull=True, delay_least__isnull=True)
                | Q(cases__isnull=False, delay__isnull=False, delay_least__isnull=False)
                & Q(cases__gt=0, delay_least__gte=0, delay_least__lte=F("delay")),
                name="source_day_delay_of_a_day_that_is_over",
            ),
            models.CheckConstraint(
                condition=Q(late__isnull=True) | Q(late__gt=0), name="source_day_late_after_a_while"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"
