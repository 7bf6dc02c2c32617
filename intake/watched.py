"""Sources that are watched for long: signs that go on just below what is bad. Who answers for the source is told once a
spell; no quarantine follows.

A sign is told of once a look no longer takes the batch in which it began: the same was seen in rows that share none.
That is ten batches on, and more where they are small (`intake/batches_before.py`). Whoever sends so seldom that this
takes months is told of after four weeks. In both cases four batches must have told of it: one or two that were odd are
watched together with those after them, and say nothing of a lasting change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.query import QuerySet
from django.utils import timezone

from cases.notices import notify
from cases.office import OFFICE
from intake.batches_before import QUIET_BETWEEN, is_beyond_reach
from intake.health import MATTERS
from intake.models import Batch, Source, SourceStep
from intake.quarantine import told_of

LONG: Final = timedelta(weeks=4)
BATCHES_LEAST: Final = 4
# The same sign is not told of more often: hours that differ by day and night begin a spell a day.
AGAIN: Final = timedelta(weeks=1)
Signs = list[dict[str, Any]]


def tell_of_watched() -> int:
    """Tell of each healthy source with signs that have gone on for long and were not told of; returns of how many."""
    # Only what has news is locked: whatever comes in waits for the row meanwhile.
    return sum(_tell(key) for key in _news_of(Source.objects.all()))


def _news_of(sources: QuerySet[Source]) -> dict[int, Signs]:
    """The signs of the healthy ones of them that are to be told of, the nearest to bad first, by the key of their
    source. Asks no more questions for many sources than for one, but for signs that have become long."""
    going_on = _going_on(sources)
    told: dict[int, list[SourceStep]] = defaultdict(list)
    for step in SourceStep.objects.filter(source__in=going_on.keys(), name=SourceStep.Name.WATCHED):
        told[step.source_id].append(step)
    news = {
        key: [
            sign for batch, sign in found
            if not _is_told(sign, told[key]) and _is_long(sign, batch)
        ]
        for key, found in going_on.items()
    }  # fmt: skip
    return {key: sorted(signs, key=_nearness, reverse=True) for key, signs in news.items() if signs}


def _going_on(sources: QuerySet[Source]) -> dict[int, list[tuple[Batch, dict[str, Any]]]]:
    """What enough batches told of, by the key of their source: of each product and feature the newest batch that did,
    among the last that leave a spell going on, and its sign that is nearest to bad."""
    newest = Batch.objects.filter(source=OuterRef("pk")).order_by("-id").values("pk")[: QUIET_BETWEEN + 1]
    healthy = sources.filter(state=Source.State.HEALTHY).annotate(newest=ArraySubquery(newest))
    keys = chain.from_iterable(healthy.values_list("newest", flat=True))
    # A person who has released the source has looked into what it sent before.
    released = SourceStep.objects.filter(source=OuterRef("source"), name=SourceStep.Name.RELEASED)
    batches = Batch.objects.filter(~Exists(released.filter(at__gte=OuterRef("started_at"))), pk__in=list(keys))
    batches = batches.exclude(signs=[]).only("source", "started_at", "signs")
    found: dict[int, dict[tuple[str, str], tuple[Batch, dict[str, Any]]]] = defaultdict(dict)
    for batch in batches.order_by("-id"):
        watched = [sign for sign in batch.signs if sign["grade"] == "watch" and sign.get("batches", 0) >= BATCHES_LEAST]
        for sign in sorted(watched, key=_nearness, reverse=True):
            found[batch.source_id].setdefault((sign["product"], sign["feature"]), (batch, sign))
    return {key: list(signs.values()) for key, signs in found.items()}


def _is_told(sign: Mapping[str, Any], told: Sequence[SourceStep]) -> bool:
    since = min(datetime.fromisoformat(sign["since"]), timezone.now() - AGAIN)
    return any(
        (each["product"], each["feature"]) == (sign["product"], sign["feature"])
        for step in told
        if step.at >= since
        for each in step.facts["signs"]
    )


def _is_long(sign: Mapping[str, Any], batch: Batch) -> bool:
    since = datetime.fromisoformat(sign["since"])
    return batch.started_at - since >= LONG or is_beyond_reach(since, batch)


def _nearness(sign: Mapping[str, Any]) -> float:
    """What part of the way to bad it has gone."""
    way: float = (sign["value"] - sign["usual"]) / MATTERS[sign["what"]]["bad"]
    return way


def _tell(source_id: int) -> bool:
    """Two sweeps at once: the second waits for the source's row, and finds that the first has told of it."""
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().defer("reference").get(pk=source_id)
        signs = _news_of(Source.objects.filter(pk=source_id)).get(source_id)
        if not signs:
            return False
        SourceStep.objects.create(source=source, name=SourceStep.Name.WATCHED, facts={"signs": signs})
        worst = signs[0]
        notify(told_of(source), f"source_watched_{worst['what']}", None, _params(source, worst), caused_by=None)
        return True


def _params(source: Source, sign: Mapping[str, Any]) -> dict[str, str]:
    figure = "{:.2f}" if sign["what"] == "distribution" else "{:.1%}"
    return {
        "source": source.slug,
        "since": datetime.fromisoformat(sign["since"]).astimezone(OFFICE).date().isoformat(),
        "batches": f"{sign['batches']:,}",
        "feature": sign["feature"].replace("_", " "),
        "value": figure.format(sign["value"]),
        "usual": figure.format(sign["usual"]),
        "rows": f"{sign['rows']:,}",
    }
