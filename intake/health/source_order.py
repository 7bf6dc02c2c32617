"""Sources in the order in which they want somebody: quarantined ones, those of which something is told, the others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db.models import Case, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models import When as If
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from intake.health.silence import PATIENCE
from intake.models import GOING_ON, Batch, Source

QUARANTINED: Final = 0
TOLD_OF: Final = 1
QUIET: Final = 2


def by_need(unusual: Collection[int]) -> QuerySet[Source]:
    """All sources with their `need`: of TOLD_OF are those whose newest batch has signs, that are silent, or that had
    `unusual` days by their keys."""
    newest = Batch.objects.filter(source=OuterRef("pk")).order_by("-id")
    told_of = Q(signs_now__isnull=False) & ~Q(signs_now=[]) | Q(pk__in=unusual) | _is_silent()
    need = Case(If(state=Source.State.QUARANTINED, then=QUARANTINED), If(told_of, then=TOLD_OF), default=QUIET)
    return Source.objects.alias(signs_now=Subquery(newest.values("signs")[:1])).annotate(need=need)


def _is_silent() -> Q:
    """As `intake.health.silence.silent_since` judges one source."""
    since = _patience_from(OuterRef("every_hours"))
    goes_on = Q(finished_at__isnull=True, kind__in=GOING_ON)
    begun = Q(finished_at__isnull=True, started_at__gte=since)
    heard = Batch.objects.filter(goes_on | begun | Q(finished_at__gte=since), source=OuterRef("pk"))
    opened = Q(every_hours__isnull=False, created_at__lt=_patience_from(F("every_hours")))
    return opened & ~Q(Exists(heard))


def _patience_from(hours: F) -> CombinedExpression:
    return Now() - ExpressionWrapper(hours * Value(timedelta(hours=PATIENCE)), DurationField())
