"""Days of a source with far fewer or far more cases than usual, or far later ones: told once a spell, no quarantine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Notification, User
from intake.health.silence import tell_of_silence
from intake.health.source_days import tell_of_unusual_days
from intake.models import Batch, Source, SourceDay, SourceStep
from tests.intake.arriving import arrive, at, opened, working_days
from tests.together import together

FIRST = date(2026, 9, 28)  # A Monday
LAST_WEEK = FIRST + timedelta(weeks=8)
FRIDAY = FIRST + timedelta(weeks=8, days=4)
SATURDAY, MONDAY = FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=3)
TUESDAY = MONDAY + timedelta(days=1)
NIGHT = time(0, 10)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets what time it is."""
    return lambda now: monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def usual(supervisor: User) -> Source:
    """Eight weeks and four days with 60 cases from Monday to Friday, two hours after their application; those of the
    last four days are on record, of the others that they were counted."""
    source = opened("branch", FIRST - timedelta(days=1))
    Source.objects.update(owner=supervisor)
    counted(source)
    arrive(source, working_days(LAST_WEEK, FRIDAY, 60))
    return source


def counted(source: Source) -> None:
    """Eight weeks that were kept as they went by."""
    for more in range((LAST_WEEK - FIRST).days):
        day = FIRST + timedelta(days=more)
        delay = 2.0 if day.weekday() < 5 else None
        SourceDay.objects.create(source=source, day=day, cases=60 if delay else 0, delay=delay, delay_least=delay)


def swept(times: int = 3) -> int:
    return sum(tell_of_unusual_days() for _time in range(times))


def questions_of_a_sweep() -> int:
    with CaptureQueriesContext(connection) as asked:
        assert swept(1) == 0
    return len(asked)


def facts(day: date, what: str, value: float, low: float, high: float, *, so_far: bool = False) -> dict[str, Any]:
    return {"day": day.isoformat(), "what": what, "value": value, "low": low, "high": high, "so_far": so_far}


def steps() -> list[tuple[str, dict[str, Any]]]:
    return list(SourceStep.objects.values_list("name", "facts"))


def test_usual_days_and_weekends_are_quiet(usual: Source, clock: Callable[[datetime], None]) -> None:
    arrive(usual, {FRIDAY: 55, MONDAY: 70})
    for day in range(FRIDAY.toordinal(), TUESDAY.toordinal() + 1):
        clock(at(date.fromordinal(day), NIGHT))
        assert swept() == 0
    days = {day.day: (day.cases, day.low, day.high, day.delay, day.late) for day in usual.days.all()}
    assert days[LAST_WEEK] == (60, 33, 92, 2.0, 3.0)
    assert days[FRIDAY] == (55, 33, 92, 2.0, 3.0)
    assert days[SATURDAY] == (0, None, None, None, None)
    assert days[MONDAY][0] == 70
    assert days[TUESDAY][:3] == (None, 33, 92)
    assert (len(days), Notification.objects.count(), steps()) == ((TUESDAY - FIRST).days + 1, 0, [])


def test_a_halved_day_is_told_of_once_however_often_it_is_swept(
    shared_db: None, usual: Source, supervisor: User, clock: Callable[[datetime], None]
) -> None:
    arrive(usual, {FRIDAY: 30, MONDAY: 28, TUESDAY: 60})
    # The day is not over, or has just ended: what came before midnight may not be on record.
    for moment in (at(FRIDAY, time(23, 59)), at(SATURDAY, time(0, 9))):
        clock(moment)
        assert swept() == 0
    clock(at(SATURDAY, NIGHT))
    assert sorted(together([tell_of_unusual_days] * 2)) == [0, 1]
    assert swept() == 0
    assert steps() == [("volume", facts(FRIDAY, "fewer", 30, 33, 92))]
    told = Notification.objects.get()
    assert (told.person, told.code) == (supervisor, "source_fewer")
    assert told.params == {"source": "branch", "day": FRIDAY.isoformat(), "value": "30", "low": "33", "high": "92"}
    # The same spell goes on after the weekend.
    for day in (MONDAY, TUESDAY, TUESDAY + timedelta(days=1)):
        clock(at(day, NIGHT))
        assert swept() == 0
    assert (SourceStep.objects.count(), Notification.objects.count()) == (1, 1)
    # It is never more than told.
    assert Source.objects.get().state == "healthy"
    assert set(Case.objects.values_list("state", flat=True)) == {"received"}


def test_after_a_quiet_week_another_spell_is_told_of(usual: Source, clock: Callable[[datetime], None]) -> None:
    wednesday = FRIDAY + timedelta(days=12)
    arrive(usual, {FRIDAY: 30} | working_days(MONDAY, wednesday, 60) | {wednesday: 20})
    told = []
    for more in range(1, 14):
        clock(at(FRIDAY + timedelta(days=more), NIGHT))
        told.append(swept())
    assert told == [1, *[0] * 11, 1]
    assert [step["day"] for _name, step in steps()] == [FRIDAY.isoformat(), wednesday.isoformat()]


def test_a_doubled_day_is_told_of_before_it_is_over_and_not_again_after(
    usual: Source, clock: Callable[[datetime], None]
) -> None:
    clock(at(FRIDAY, NIGHT))
    assert swept() == 0
    arrive(usual, {FRIDAY: 92})
    clock(at(FRIDAY, time(12)))
    assert swept() == 0
    Batch.objects.filter(started_at=at(FRIDAY)).update(rows=93, accepted=93)
    assert swept() == 1
    arrive(usual, {SATURDAY: 0})
    Batch.objects.filter(started_at=at(FRIDAY)).update(rows=120, accepted=120)
    clock(at(SATURDAY, NIGHT))
    assert swept() == 0
    assert steps() == [("volume", facts(FRIDAY, "more", 93, 33, 92, so_far=True))]
    assert Notification.objects.get().code == "source_more"
    assert Source.objects.get().state == "healthy"


def test_a_day_without_cases_is_told_of_unless_its_source_promises_and_is_silent(
    usual: Source, clock: Callable[[datetime], None]
) -> None:
    promising = opened("promising", FIRST - timedelta(days=1))
    Source.objects.filter(pk=promising.pk).update(every_hours=24)
    counted(promising)
    arrive(promising, working_days(LAST_WEEK, FRIDAY, 60))
    clock(at(SATURDAY, NIGHT))
    assert (swept(), tell_of_silence()) == (1, 1)
    assert list(SourceStep.objects.values_list("source__slug", "name")) == [
        ("branch", "volume"),
        ("promising", "silent"),
    ]
    assert SourceDay.objects.get(source=promising, day=FRIDAY).cases == 0


def test_cases_that_come_far_later_than_usual_are_told_of_once(
    usual: Source, clock: Callable[[datetime], None]
) -> None:
    arrive(usual, {FRIDAY: 60}, hours=26)
    arrive(usual, {MONDAY: 60}, hours=30)
    clock(at(SATURDAY, NIGHT))
    assert swept() == 1
    clock(at(TUESDAY, NIGHT))
    assert swept() == 0
    assert steps() == [("late", facts(FRIDAY, "late", 26.0, 0, 3.0))]
    told = Notification.objects.get()
    assert told.code == "source_late"
    assert told.params == {"source": "branch", "day": FRIDAY.isoformat(), "value": "26.0", "low": "0.0", "high": "3.0"}
    assert Source.objects.get().state == "healthy"
    assert set(Case.objects.values_list("state", flat=True)) == {"received"}


def test_a_file_a_week_that_comes_a_day_late_is_quiet(db: None, clock: Callable[[datetime], None]) -> None:
    """Four Mondays tell too little of how much Mondays differ; the Tuesday and its delay have nothing like them."""
    source = opened("weekly", FIRST - timedelta(days=1))
    arrive(source, {FIRST + timedelta(weeks=week): 60 for week in range(4)}, hours=100)
    late = FIRST + timedelta(weeks=4, days=1)
    arrive(source, {late: 60}, hours=124)
    for more in range(28, 32):
        clock(at(FIRST + timedelta(days=more), NIGHT))
        swept()
    assert steps() == []
    assert source.days.filter(cases=60).count() == 5


def test_many_sources_are_swept_by_as_few_questions_as_one(usual: Source, clock: Callable[[datetime], None]) -> None:
    arrive(usual, {FRIDAY: 60})
    for number in range(12):
        arrive(opened(f"other-{number}", FRIDAY - timedelta(days=3)), {FRIDAY: 60})
    clock(at(SATURDAY, NIGHT))
    swept(2)
    assert SourceDay.objects.filter(day=SATURDAY).count() == 10
    swept(1)
    assert SourceDay.objects.filter(day=SATURDAY).count() == 13
    assert questions_of_a_sweep() == 2


def test_a_day_on_which_all_sources_are_unusual_asks_no_more_questions_for_many(
    usual: Source, clock: Callable[[datetime], None]
) -> None:
    clock(at(SATURDAY, NIGHT))
    for number in range(12):
        source = opened(f"other-{number}", FRIDAY - timedelta(days=3))
        SourceDay.objects.create(source=source, day=FRIDAY, low=33, high=92, cases=10)
        SourceDay.objects.create(source=source, day=SATURDAY)
    assert swept(1) == 13
    assert swept(1) == 0
    # Sources to be counted, unusual days; of these those before, and what was told.
    assert questions_of_a_sweep() == 4


def test_the_database_refuses_half_of_what_is_usual_and_a_delay_of_a_day_that_is_not_over(usual: Source) -> None:
    for wrong in ({"low": 3}, {"high": 3}, {"low": 4, "high": 3}, {"delay": 1.0, "delay_least": 1.0},
                  {"cases": 30, "delay": 1.0}, {"cases": 30, "delay": 1.0, "delay_least": 2.0},
                  {"cases": 30, "delay": 1.0, "delay_least": -1.0}, {"cases": 0, "delay": 1.0, "delay_least": 1.0},
                  {"late": 0.0}, {"cases": -1}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            SourceDay.objects.create(source=usual, day=FRIDAY, **wrong)
    assert not SourceDay.objects.filter(day=FRIDAY).exists()


def test_a_day_is_closed_once_and_kept_as_it_was(usual: Source) -> None:
    SourceDay.objects.create(source=usual, day=FRIDAY, low=33, high=92, late=3.0)
    friday = SourceDay.objects.filter(day=FRIDAY)
    # Of an open day nothing changes but that it gets its figures.
    wrong: dict[str, Any]
    for wrong in ({"low": 1}, {"late": 9.0}, {"cases": 30, "high": 99}, {"day": SATURDAY, "cases": 30}, {"low": 33}):
        refused(partial(friday.update, **wrong))
    assert friday.update(cases=30, delay=2.0, delay_least=1.0) == 1
    for wrong in ({"cases": 60}, {"cases": None, "delay": None, "delay_least": None}, {"delay": 1.5}, {"cases": 30}):
        refused(partial(friday.update, **wrong))
    refused(friday.delete)
    refused(lambda: connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE intake_sourceday"))
    figures = ("low", "high", "late", "cases", "delay", "delay_least")
    assert friday.values_list(*figures).get() == (33, 92, 3.0, 30, 2.0, 1.0)


def refused(change: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        change()


def test_a_day_that_another_sweep_has_closed_stays_as_it_is(
    usual: Source, clock: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(usual, {FRIDAY: 55})
    clock(at(FRIDAY, NIGHT))
    swept()
    clock(at(SATURDAY, NIGHT))

    def closed_meanwhile(source: Source, since: date, until: date) -> dict[date, list[float]]:
        SourceDay.objects.filter(source=source, day=FRIDAY).update(cases=54)
        return {FRIDAY: [2.0] * 55}

    monkeypatch.setattr("intake.health.source_days._hours", closed_meanwhile)
    swept()
    friday, saturday = usual.days.filter(day__gte=FRIDAY).order_by("day")
    assert (friday.cases, friday.delay, friday.low, saturday.cases) == (54, None, 33, None)
