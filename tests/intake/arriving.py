"""Cases that came from a source on days of the past, in a batch a day: the database tells when they came."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from cases.models import ApiToken, Case
from cases.office import OFFICE
from intake.models import Batch, CaseOrigin, Source
from tests import make

TEN = time(10)


def at(day: date, clock: time = TEN) -> datetime:
    """That time on the office clock."""
    return datetime.combine(day, clock, OFFICE)


def opened(slug: str, day: date) -> Source:
    """A source that was opened then."""
    return Source.objects.create(slug=slug, kind="push", created_at=at(day))


def arrive(source: Source, counts: dict[date, int], *, hours: float = 2.0) -> None:
    """So many cases at ten o'clock of each day, so long after their application."""
    token = ApiToken.objects.get_or_create(name=source.slug, defaults={"token_hash": source.slug, "scopes": ["ingest"]})
    for day, count in counts.items():
        batch = Batch.objects.create(
            source=source, kind="push", name="los", token=token[0], rows=count, accepted=count,
            started_at=at(day), finished_at=at(day) + timedelta(hours=1),
        )  # fmt: skip
        applied = at(day) - timedelta(hours=hours)
        arrivals = [make.new_case(f"{batch.pk}-{each}", applied_at=applied) for each in range(count)]
        keys = [case.pk for case in make.taken_in(arrivals, source=source.slug)]
        CaseOrigin.objects.bulk_create(CaseOrigin(case_id=key, batch=batch) for key in keys)
        Case.objects.filter(pk__in=keys).update(received_at=at(day))


def working_days(first: date, until: date, count: int) -> dict[date, int]:
    """So many on each day from Monday to Friday, from `first` on and before `until`."""
    days = [first + timedelta(days=more) for more in range((until - first).days)]
    return {day: count for day in days if day.weekday() < 5}
