"""Sources of which something has been watched for long, and is never bad: who answers for them is told, once a spell.

Slow decay by a few points is a sign for people. No quarantine follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from cases.notices import notify
from cases.office import OFFICE
from intake.batches_before import QUIET_BETWEEN, looked_at, told_since
from intake.models import Source, SourceStep
from intake.quarantine import told_of

# So long is time for whoever looks at the board to see it, and for chance to pass.
PATIENCE: Final = timedelta(days=7)


@dataclass(frozen=True)
class Watched:
    """The newest sign of a feature, as `Sign.as_dict` gives it with its product, and since when it was told of."""

    sign: dict[str, Any]
    since: datetime


def tell_of_watched() -> int:
    """Tell of each feature that has been watched for PATIENCE and was not told of since; returns of how many."""
    healthy = Source.objects.filter(state=Source.State.HEALTHY).order_by("pk").values_list("pk", flat=True)
    # Only what has news is locked: whatever comes in waits for the row meanwhile.
    return sum(_tell(key) for key in healthy if _news_of(key))


def _news_of(source_id: int) -> list[Watched]:
    """What has been watched for long, unless that was told already."""
    told = SourceStep.objects.filter(source=source_id, name=SourceStep.Name.WATCHED).values_list("at", "facts")
    return [
        each
        for each in watched(source_id)
        if not any(at > each.since and _feature(facts) == _feature(each.sign) for at, facts in told)
    ]


def watched(source_id: int) -> list[Watched]:
    """What is not as usual with a source for PATIENCE or longer, what began first before the others."""
    now = timezone.now()
    batches = looked_at(source_id).values_list("started_at", "signs")
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for sign in _signs(batches[: QUIET_BETWEEN + 1]):
        newest.setdefault(_feature(sign), sign)
    found = [
        Watched(sign, told_since(batches.iterator(chunk_size=1_000), {feature}, began=now))
        for feature, sign in newest.items()
    ]
    return sorted((each for each in found if now - each.since >= PATIENCE), key=lambda each: each.since)


def _signs(batches: Iterable[tuple[datetime, list[dict[str, Any]]]]) -> Iterable[dict[str, Any]]:
    return (sign for _started_at, signs in batches for sign in signs)


def _feature(sign: dict[str, Any]) -> tuple[str, str]:
    return sign["product"], sign["feature"]


def _tell(source_id: int) -> int:
    """Two at once: the second waits for the source's row, and finds that the first has told of it."""
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().defer("reference").get(pk=source_id)
        news = _news_of(source_id) if source.state == Source.State.HEALTHY else []
        for each in news:
            facts = {**each.sign, "since": each.since.isoformat()}
            SourceStep.objects.create(source=source, name=SourceStep.Name.WATCHED, facts=facts)
            params = {
                "source": source.slug,
                "feature": str(each.sign["feature"]).replace("_", " "),
                "day": each.since.astimezone(OFFICE).date().isoformat(),
                "days": str((timezone.now() - each.since).days),
            }
            notify(told_of(source), "source_watched", None, params, caused_by=None)
        return len(news)
