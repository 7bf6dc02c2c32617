"""Looking at what a source sends while it comes in, before anything is decided on it, and what is usual for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.db.models.query import QuerySet

from cases.models import Case
from intake.health.batches_before import first_sign_of, profiles_before
from intake.health.case_rows import by_product, row_of
from intake.health.health import ROWS_LEAST
from intake.health.profiles import ALL_PRODUCTS, Profile, Row, profile_from, reference_from
from intake.health.quarantine import quarantine_source, releases_of
from intake.health.refusals import learn_refusals, usual_refusals
from intake.health.usual import learn_anew, learn_more_also, learn_usual
from intake.health.watch import Watch
from intake.models import Batch, Source, SourceStep, Way
from intake.reading.rows import ReadRow
from intake.record.on_record import not_on_record
from intake.tabular.returned import ROW

# Rows drawn from all over a file, and how many it has.
Draw = Callable[[], tuple[Sequence[ReadRow], int]]
# The rows just before a few are sought among so many cases of all sources.
NEAR: Final = 2_000


def open_watch(batch: Batch) -> Watch:
    """What is known when rows of a batch arrive: one read of the source and of its last batches."""
    source = Source.objects.get(pk=batch.source_id)
    # Read before the batch: of a release in between, which empties the batch, the look knows nothing then.
    releases = releases_of(source)
    now = Batch.objects.get(pk=batch.pk)
    profiles = {product: profile_from(data) for product, data in now.profile.items()}
    earlier: dict[str, list[Profile]] = defaultdict(list)
    references = {product: reference_from(data) for product, data in source.reference.items()}
    for began, profile in profiles_before(batch):
        for product, data in profile.items():
            since = references[product].since if product in references else ""
            if not since or began >= datetime.fromisoformat(since):
                earlier[product].append(profile_from(data))
    return Watch(
        source_id=source.pk,
        slug=source.slug,
        is_parts=now.kind != Way.FILE,
        batch_id=now.pk,
        started_at=now.started_at,
        references=references,
        refusals=profiles.pop(ALL_PRODUCTS, Profile()),
        newest_refusals=profile_from(now.profile.get(ALL_PRODUCTS, {}).get("newest", {})),
        usual_refusals=usual_refusals(source, before=batch),
        profiles=profiles,
        earlier=dict(earlier),
        signs=now.signs,
        releases=releases,
    )


def look_before(watch: Watch, rows: Sequence[ReadRow], draw: Draw | None = None) -> None:
    """Look at rows before they are taken in; a source that turns out bad is quarantined first, so that they wait. Where
    these rows are a part of a file, `draw` gives others from all over it: they may only be where they are by an order.
    """
    watch.look(_new_rows(watch, rows))
    if (watch.is_bad or watch.in_doubt) and draw and not watch.is_drawn:
        drawn, of = draw()
        watch.look_at_whole(_new_rows(watch, drawn, but=watch.batch_id), len(drawn) / max(1, of))
    watch.settle()
    if watch.is_bad:
        quarantine_if_new(watch)


def _new_rows(watch: Watch, rows: Sequence[ReadRow], *, but: int | None = None) -> dict[str, list[Row]]:
    """Those of which cases may come, or came in the batch `but`, by product: what is known tells nothing of today. Rows
    that were given out to be mended are few and odd by nature: of those only what is refused again tells anything."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in not_on_record(watch.slug, [row for row in rows if ROW not in row.raw], but=but):
        if row.submission is not None:
            found[row.submission.product].append(row_of(row.submission))
    return found


def quarantine_if_new(watch: Watch) -> None:
    since = first_sign_of(
        watch.signs,
        watch.references,
        source_id=watch.source_id,
        batch_id=watch.batch_id,
        started_at=watch.started_at,
    )
    quarantine_source(watch.source_id, signs=watch.signs, since=since, batch_id=watch.batch_id, releases=watch.releases)


def learn_unknown(watch: Watch) -> None:
    """After a batch: a product that has sent enough for the first time is known from now on, as is how many rows are
    refused; what few rows have taught is learnt further. A quarantined source teaches nothing."""
    source = Source.objects.get(pk=watch.source_id)
    if source.state == Source.State.HEALTHY:
        learn_refusals(source)
        if watch.unknown:
            learn_usual(source, sorted(watch.unknown))
        learn_more_also(source, watch.learnable())
        learn_anew(source, sorted(watch.profiles.keys() & source.reference.keys()))


def look_after(batch_id: int, case_ids: Sequence[int]) -> Watch:
    """Look at cases that came as messages; a source that turns out bad is quarantined."""
    batch = Batch.objects.select_related("source").get(pk=batch_id)
    watch = open_watch(batch)
    watch.on_record = True
    mine = _since_release(batch)
    found = by_product(mine.filter(pk__in=case_ids))
    if 0 < len(case_ids) < ROWS_LEAST:
        # Each by itself they are too few to tell, and all of an hour hide a break: what came last shows it.
        first = min(case_ids)
        watch.before = by_product(mine.filter(pk__lt=first, pk__gte=first - NEAR).order_by("-pk")[:ROWS_LEAST])
    watch.look(found)
    watch.settle()
    if watch.is_bad:
        quarantine_if_new(watch)
    return watch


def _since_release(batch: Batch) -> QuerySet[Case]:
    """The cases of its source, without those from before a person released it: that person has looked into them."""
    cases: QuerySet[Case] = Case.objects.filter(source=batch.source.slug)
    released = SourceStep.objects.filter(source=batch.source_id, name=SourceStep.Name.RELEASED).last()
    return cases.filter(received_at__gt=released.at) if released else cases
