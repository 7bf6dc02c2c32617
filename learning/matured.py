"""What came of loans: the matured outcome of each, as it was last restated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from learning.label_models import MATURED
from learning.labels import DAYS_A_MONTH, WINDOW_MONTHS
from learning.models import Label


def matured_outcomes(cases: Iterable[int]) -> dict[int, bool]:
    """Whether each loan turned bad; without those that have no matured outcome."""
    known = Label.objects.filter(case__in=list(cases), source__in=MATURED)
    latest = known.order_by("case_id", "-observed_at", "-pk").distinct("case_id")
    return {case: bool(bad) for case, bad in latest.values_list("case_id", "is_bad")}


def matured_bad(case: str) -> Subquery:
    """The same for each row of a query whose field `case` leads to the case: None where nothing has matured."""
    known = Label.objects.filter(case=OuterRef(case), source__in=MATURED)
    return Subquery(known.order_by("-observed_at", "-pk").values("is_bad")[:1])


def window_end(applied_at: datetime, term_months: int) -> datetime:
    """When the performance window of a loan closes (see `learning.labels.outcome_source`)."""
    return applied_at + timedelta(days=DAYS_A_MONTH * min(WINDOW_MONTHS, term_months))
