"""What the rows that came before tell of what is usual, read by a mapping that people sign: what is read in another way
has been seen before, only not so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import Final

from django.db.models import Q
from django.utils import timezone

from intake.health.case_rows import row_of
from intake.health.profiles import Row
from intake.mapped.case_mapping import CaseMapping
from intake.models import Batch, SourceStep
from intake.reading.mapping_replay import ROWS_MOST, SECONDS_MOST, PastRows
from intake.reading.rows import SAMPLE_ROWS, bind_mapping, read_rows
from intake.record.past_rows import past_rows
from intake.record.reference import look_up
from intake.wording.sentences import IntakeError

Step: Final = SourceStep.Name


@dataclass
class PastCases:
    """Rows of one product as they are compared, and of each among which others it came."""

    rows: list[Row] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)


def rows_before(slug: str, mapping: CaseMapping) -> list[PastRows]:
    """What a source sent before and is kept, the newest first, without what came while it was bad: that is not usual.
    None of it is opened yet."""
    return list(past_rows(slug, mapping, {}, but=_while_bad(slug)))


def spelled_out(mapping: CaseMapping, past: Sequence[PastRows]) -> CaseMapping:
    """The mapping with the features that its newest table has; as it is where it fits none."""
    for each in past:
        if not each.is_large:
            try:
                return bind_mapping(mapping, each.opened())
            except IntakeError:
                continue
    return mapping


def cases_before(past: Sequence[PastRows], mapping: CaseMapping) -> dict[str, PastCases]:
    """The past rows by product as the mapping reads them: of each file its first ones, ROWS_MOST at most, and for
    SECONDS_MOST. What it does not fit tells nothing."""
    found: dict[str, PastCases] = defaultdict(PastCases)
    end = monotonic() + SECONDS_MOST
    for product, row, place in islice(_read(past, mapping), ROWS_MOST):
        found[product].rows.append(row)
        found[product].batches.append(place)
        if monotonic() > end:
            break
    return dict(found)


def _read(past: Sequence[PastRows], mapping: CaseMapping) -> Iterator[tuple[str, Row, int]]:
    now = timezone.now()
    for place, each in enumerate(past):
        if each.is_large:
            continue
        try:
            for row in islice(read_rows(each.opened(), mapping, now=now, look_up=look_up), SAMPLE_ROWS):
                if row.submission is not None:
                    yield row.submission.product, row_of(row.submission), place
        except IntakeError:
            continue


def _while_bad(slug: str) -> list[int]:
    """The batches of a source from the first sign of each quarantine until a person released it."""
    steps = SourceStep.objects.filter(source__slug=slug, name__in=(Step.QUARANTINED, Step.RELEASED)).order_by("pk")
    bad, since = Q(), ""
    for name, at, facts in steps.values_list("name", "at", "facts"):
        if name == Step.QUARANTINED:
            since = facts["since"]
        elif since:
            bad, since = bad | Q(started_at__gte=since, started_at__lte=at), ""
    bad = bad | Q(started_at__gte=since) if since else bad
    return list(Batch.objects.filter(bad, source__slug=slug).values_list("pk", flat=True)) if bad else []
