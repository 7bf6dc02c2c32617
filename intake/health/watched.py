"""Sources of which something has been watched for long, and is never bad: who answers for them is told, once a spell.

Slow decay by a few points is a sign for people. No quarantine follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from cases.notices import notify
from cases.office import OFFICE
from intake.health.batches_before import QUIET_BETWEEN, looked_at, spell_of
from intake.health.quarantine import told_of
from intake.models import Source, SourceStep

# So long is time for whoever looks at the board to see it, and for chance to pass.
PATIENCE: Final = timedelta(days=7)
# Of those who send once a week or less, a few files say nothing of a lasting change: an odd one is watched in the next
# ones too, as a look takes them together.
BATCHES_LEAST: Final = 4


@dataclass(frozen=True)
class Watched:
    """The newest sign of a feature, as `Sign.as_dict` gives it with its product, since when it was told of, and by how
    many batches."""

    sign: dict[str, Any]
    since: datetime
    batches: int


def tell_of_watched() -> int:
    """Tell of each feature that was watched for PATIENCE, in BATCHES_LEAST batches, and was not told of since; returns
    of how many."""
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
    """What was not as usual with a source over PATIENCE or longer, what began first before the others. The time is that
    from one batch to another: silence after a sign makes it no longer."""
    batches = looked_at(source_id).values_list("started_at", "signs")
    newest: dict[tuple[str, str], tuple[datetime, dict[str, Any]]] = {}
    for started_at, signs in batches[: QUIET_BETWEEN + 1]:
        for sign in signs:
            if sign["grade"] == "watch":
                newest.setdefault(_feature(sign), (started_at, sign))
    found = []
    for feature, (last, sign) in newest.items():
        spell = spell_of(batches.iterator(chunk_size=1_000), {feature}, began=last)
        if last - spell.since >= PATIENCE and spell.batches >= BATCHES_LEAST:
            found.append(Watched(sign, spell.since, spell.batches))
    return sorted(found, key=lambda each: each.since)


def _feature(sign: dict[str, Any]) -> tuple[str, str]:
    return sign["product"], sign["feature"]


def _tell(source_id: int) -> int:
    """Two at once: the second waits for the source's row, and finds that the first has told of it."""
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().defer("reference").get(pk=source_id)
        news = _news_of(source_id) if source.state == Source.State.HEALTHY else []
        for each in news:
            facts = {**each.sign, "since": each.since.isoformat(), "batches": each.batches}
            SourceStep.objects.create(source=source, name=SourceStep.Name.WATCHED, facts=facts)
            notify(told_of(source), f"source_watched_{each.sign['what']}", None, _params(source, each), caused_by=None)
        return len(news)


def _params(source: Source, told: Watched) -> dict[str, str]:
    figure = "{:.2f}" if told.sign["what"] == "distribution" else "{:.1%}"
    return {
        "source": source.slug,
        "since": told.since.astimezone(OFFICE).date().isoformat(),
        "batches": f"{told.batches:,}",
        "product": told.sign["product"],
        "feature": told.sign["feature"],
        "value": figure.format(told.sign["value"]),
        "usual": figure.format(told.sign["usual"]),
        "rows": f"{told.sign['rows']:,}",
    }
