"""Days of sources on which far fewer or far more cases came than usual, or far later: kept, and told once a spell.

It is never more than a sign for people. Volume and lateness do not say whether the data is right, and holidays and
campaigns are no fault of a source: no quarantine follows from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from cases.models import Case
from cases.notices import notify
from cases.office import OFFICE
from intake.health.quarantine import told_of
from intake.health.usual_days import WEEKS, Day, Delay, Usual, delay_of, usual_of
from intake.models import Batch, Source, SourceDay, SourceStep

# What began before midnight is on record by then; it counts for the day on which it began.
SETTLED: Final = timedelta(minutes=10)
# Of how many sources one sweep counts days, so that others get their turn.
SOURCES_A_SWEEP: Final = 5
ONE: Final = timedelta(days=1)
# Unusual days with no more than so many days from one to the next are one spell: a week, as weekdays differ.
SPELL: Final = timedelta(days=7)
TOLD: Final = (SourceStep.Name.VOLUME, SourceStep.Name.LATE, SourceStep.Name.SILENT)
What = Literal["fewer", "more", "late"]
STEPS: Final[Mapping[What, SourceStep.Name]] = {
    "fewer": SourceStep.Name.VOLUME,
    "more": SourceStep.Name.VOLUME,
    "late": SourceStep.Name.LATE,
}


@dataclass(frozen=True)
class DaySign:
    """A day on which `value` cases came where `low` to `high` are usual; or, where they came late, the hours that half
    of them came after their application, where up to `high` are usual. `so_far`: the day is not over."""

    day: date
    what: What
    value: float
    low: float
    high: float
    so_far: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"day": self.day.isoformat()}


def sign_from(data: Mapping[str, Any]) -> DaySign:
    """What `DaySign.as_dict` wrote."""
    return DaySign(**{**data, "day": date.fromisoformat(data["day"])})


def tell_of_unusual_days() -> int:
    """Keep the days that are over, and tell of each spell of unusual days that was not told of; returns of how many."""
    keep_days()
    # Only what has news is locked: whatever comes in waits for the row meanwhile.
    return sum(_tell(key, sign) for key, sign in _untold(unusual_days(since=_today() - ONE)))


def keep_days() -> None:
    """Keep how many cases came on the days that are over, and open today with what is usual; once a day and source."""
    today = _today()
    behind = Source.objects.filter(created_at__lt=_start(today)).exclude(days__day=today)
    for source in behind.defer("reference").order_by("pk")[:SOURCES_A_SWEEP]:
        _keep(source, today)


def _keep(source: Source, today: date) -> None:
    """The day on which a source was opened is no whole one, and is left out."""
    first = max(source.created_at.astimezone(OFFICE).date() + ONE, today - timedelta(weeks=WEEKS))
    over = source.days.filter(day__gte=today - timedelta(weeks=WEEKS + 1), cases__isnull=False)
    before = [_day(row) for row in over.order_by("day")]
    since = before[-1].day + ONE if before else first
    came, days = _hours(source, since, today), list(before)
    while since < today:
        hours = came.get(since, [])
        days.append(Day(since, len(hours), delay_of(hours), usual_of(since, days)))
        since += ONE
    counted = [_row(source, day) for day in days[len(before) :]]
    with transaction.atomic(durable=True):
        SourceDay.objects.bulk_create(counted, ignore_conflicts=True)
        for row in counted:
            # Two sweeps at once: the second waits for the day, and finds that the first has closed it. It stays so.
            still_open = source.days.filter(day=row.day, cases__isnull=True)
            still_open.update(cases=row.cases, delay=row.delay, delay_least=row.delay_least)
        usual = usual_of(today, days)
        SourceDay.objects.bulk_create(
            [SourceDay(source=source, day=today, low=usual.low, high=usual.high, late=usual.late)],
            ignore_conflicts=True,
        )


def _hours(source: Source, since: date, until: date) -> dict[date, list[float]]:
    """From application to arrival, of the cases that came from `since` on and before `until`, by the day they came;
    found by their batches, since cases have no index by source and arrival."""
    start, end = _start(since), _start(until)
    of_then = Q(origin__batch__finished_at__isnull=True) | Q(origin__batch__finished_at__gte=start)
    cases = Case.objects.filter(
        of_then, origin__batch__source=source, origin__batch__started_at__lt=end,
        received_at__gte=start, received_at__lt=end,
    )  # fmt: skip
    found: dict[date, list[float]] = defaultdict(list)
    for received_at, applied_at in cases.values_list("received_at", "applied_at"):
        found[received_at.astimezone(OFFICE).date()].append((received_at - applied_at).total_seconds() / 3600)
    return found


def recent_unusual_days(source: Source | None = None) -> dict[int, list[DaySign]]:
    """Those of the last week, of one source or of all: the spells that may still go on."""
    return unusual_days(since=_today() - SPELL, sources=None if source is None else [source.pk])


def unusual_days(*, since: date, sources: Collection[int] | None = None) -> dict[int, list[DaySign]]:
    """The unusual days since then by the key of their source, the newest first: of all sources, or of those keys."""
    days = SourceDay.objects.filter(day__gte=since).select_related("source").defer("source__reference")
    days = days.order_by("-day") if sources is None else days.filter(source__in=sources).order_by("-day")
    odd = Q(cases__lt=F("low")) | Q(cases__gt=F("high")) | Q(delay_least__gt=F("late"))
    going_on = Q(day=_today(), cases__isnull=True, high__isnull=False)
    rows = list(days.filter(odd | going_on))
    came = _came_today() if any(row.cases is None for row in rows) else {}
    found: dict[int, list[DaySign]] = defaultdict(list)
    for row in rows:
        found[row.source_id] += _signs(row, came.get(row.source_id, 0))
    return {key: signs for key, signs in found.items() if signs}


def _signs(row: SourceDay, so_far: int) -> list[DaySign]:
    """A source that promises when something comes is silent on a day without anything, and told of as that."""
    cases, found = so_far if row.cases is None else row.cases, list[DaySign]()
    if row.low is not None and row.high is not None:
        if cases > row.high:
            found.append(DaySign(row.day, "more", cases, row.low, row.high, so_far=row.cases is None))
        elif cases < row.low and row.cases is not None and not (cases == 0 and row.source.every_hours):
            found.append(DaySign(row.day, "fewer", cases, row.low, row.high))
    day = _day(row)
    if day.is_late and day.delay is not None and row.late is not None:
        found.append(DaySign(row.day, "late", round(day.delay.median, 2), 0, round(row.late, 2)))
    return found


def _came_today() -> dict[int, int]:
    """How many cases came today by the key of their source, as far as they are counted: by batches that began today,
    at most an hour's messages fewer than came."""
    today = _today()
    batches = Batch.objects.filter(started_at__gte=_start(today), started_at__lt=_start(today + ONE))
    return dict(batches.order_by().values_list("source").annotate(Sum("accepted")))


def _untold(found: Mapping[int, Sequence[DaySign]]) -> list[tuple[int, DaySign]]:
    """Those whose spell was not told of; nor, where few came, that nothing comes any more. Asks no more questions for
    many sources than for one: after a holiday all of them are unusual for a day of sweeps."""
    if not found:
        return []
    since = _today() - timedelta(weeks=WEEKS)
    past = unusual_days(since=since, sources=found.keys())
    told: dict[int, list[SourceStep]] = defaultdict(list)
    steps = SourceStep.objects.filter(source__in=found.keys(), name__in=TOLD, at__gte=_start(since))
    for step in steps:
        told[step.source_id].append(step)
    return [
        (key, sign) for key, signs in found.items() for sign in signs
        if not _is_told(sign, past.get(key, []), told[key])
    ]  # fmt: skip


def _is_told(sign: DaySign, past: Sequence[DaySign], told: Sequence[SourceStep]) -> bool:
    """`past` are the unusual days of its source, the newest first."""
    began = sign.day
    for each in past:
        if each.what == sign.what and began - SPELL <= each.day < began:
            began = each.day
    return any(
        step.at >= _start(sign.day) and sign.what == "fewer"
        if step.name == SourceStep.Name.SILENT
        else step.facts["what"] == sign.what and step.facts["day"] >= began.isoformat()
        for step in told
    )


def _tell(source_id: int, sign: DaySign) -> bool:
    """Two sweeps at once: the second waits for the source's row, and finds that the first has told of it."""
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().defer("reference").get(pk=source_id)
        if not _untold({source_id: [sign]}):
            return False
        SourceStep.objects.create(source=source, name=STEPS[sign.what], facts=sign.as_dict())
        digits = 1 if sign.what == "late" else 0
        figures = {name: f"{getattr(sign, name):,.{digits}f}" for name in ("value", "low", "high")}
        params = {"source": source.slug, "day": sign.day.isoformat(), **figures}
        notify(told_of(source), f"source_{sign.what}", None, params, caused_by=None)
        return True


def _day(row: SourceDay) -> Day:
    delay = None if row.delay is None or row.delay_least is None else Delay(row.delay, row.delay_least)
    return Day(row.day, row.cases or 0, delay, Usual(row.low, row.high, row.late))


def _row(source: Source, day: Day) -> SourceDay:
    return SourceDay(
        source=source, day=day.day, low=day.usual.low, high=day.usual.high, late=day.usual.late, cases=day.cases,
        delay=day.delay.median if day.delay else None, delay_least=day.delay.least if day.delay else None,
    )  # fmt: skip


def _today() -> date:
    """The day of the office clock that is not over, or has just ended and is not settled."""
    return (timezone.now() - SETTLED).astimezone(OFFICE).date()


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE)
