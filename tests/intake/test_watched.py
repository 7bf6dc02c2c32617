"""A source of which something is watched for long, and never bad: its owner is told once a spell, no quarantine."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Notification, User
from cases.notices import notice_words
from intake.health.quarantine import quarantine_source, release_source
from intake.health.watched import tell_of_watched
from intake.models import Batch, Source, SourceStep, Way
from tests.intake.arriving import opened
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import lines
from tests.together import together

NOW = datetime.fromisoformat("2026-11-27T09:00:00+08:00")
REASON = "the export was mended today"


@pytest.fixture
def source(db: None, supervisor: User, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    opened("branch", (NOW - timedelta(days=60)).date())
    Source.objects.update(owner=supervisor)
    return Source.objects.get()


def sign(feature: str = "annual_income") -> dict[str, Any]:
    return {
        "product": "consumer", "feature": feature, "what": "missing", "value": 0.07, "usual": 0.01, "rows": 900,
        "grade": "watch",
    }  # fmt: skip


def batches(source: Source, days: range, *signs: dict[str, Any]) -> None:
    """One a day, so many days ago, the oldest first."""
    for ago in sorted(days, reverse=True):
        at = NOW - timedelta(days=ago)
        batch = Batch.objects.create(
            source=source, kind=Way.REDIS, name=f"{ago} {len(signs)}", finished_at=at,
            profile={"consumer": {"rows": 90}}, signs=list(signs)
        )  # fmt: skip
        Batch.objects.filter(pk=batch.pk).update(started_at=at)


def steps() -> list[tuple[str, str]]:
    told = SourceStep.objects.filter(name="watched").order_by("pk")
    return [(step.facts["feature"], step.facts["since"]) for step in told]


def test_a_feature_that_is_watched_for_a_week_is_told_of_once_and_quarantines_nothing(
    source: Source, supervisor: User
) -> None:
    batches(source, range(7), sign())
    assert (tell_of_watched(), steps(), Notification.objects.count()) == (0, [], 0)
    since = NOW - timedelta(days=7)
    Batch.objects.filter(pk=Batch.objects.earliest("pk").pk).update(started_at=since)
    assert [tell_of_watched() for _time in range(3)] == [1, 0, 0]
    assert [(feature, datetime.fromisoformat(at)) for feature, at in steps()] == [("annual_income", since)]
    notice = Notification.objects.get()
    assert (notice.person, notice.code) == (supervisor, "source_watched_missing")
    assert notice.params == {
        "source": "branch", "since": "2026-11-20", "batches": "7", "product": "consumer",
        "feature": "annual_income", "value": "7.0%", "usual": "1.0%", "rows": "900",
    }  # fmt: skip
    assert Source.objects.get().state == "healthy"


def test_a_spell_ends_with_more_than_five_quiet_batches_and_the_next_is_told_of_again(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches(source, range(8), sign())
    assert tell_of_watched() == 1
    later = timezone.now() + timedelta(days=60)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    batches(source, range(-40, -30))
    assert tell_of_watched() == 0
    batches(source, range(-60, -50), sign("age"))
    assert (tell_of_watched(), [feature for feature, _since in steps()]) == (1, ["annual_income", "age"])


def test_five_quiet_batches_in_between_end_no_spell(source: Source) -> None:
    batches(source, range(7, 10), sign())
    batches(source, range(2, 7))
    batches(source, range(1, 2), sign())
    assert tell_of_watched() == 1


def test_six_quiet_batches_in_between_end_it(source: Source) -> None:
    batches(source, range(8, 11), sign())
    batches(source, range(2, 8))
    batches(source, range(1, 2), sign())
    assert tell_of_watched() == 0


@pytest.mark.parametrize(
    ("days", "count"),
    [
        # Four files of a source that sends one a week; three are too few.
        (range(0, 22, 7), 1),
        (range(0, 15, 7), 0),
        # What came within a few days is no longer for the silence after it.
        (range(20, 26), 0),
    ],
)
def test_four_batches_over_a_week_are_needed_however_long_ago(source: Source, days: range, count: int) -> None:
    batches(source, days, sign())
    assert (tell_of_watched(), len(steps())) == (count, count)


@pytest.mark.parametrize(
    ("what", "value", "shown"),
    [
        ("new_values", 0.07, "7.0%"),
        ("one_value", 0.21, "21.0%"),
        ("refused", 0.07, "7.0%"),
        ("distribution", 0.2345, "0.23"),
    ],
)
def test_each_kind_of_sign_is_told_of_with_its_figures(source: Source, what: str, value: float, shown: str) -> None:
    batches(source, range(8), {**sign(), "what": what, "value": value})
    assert tell_of_watched() == 1
    notice = Notification.objects.get()
    assert (notice.code, notice.params["value"]) == (f"source_watched_{what}", shown)
    assert (f"{shown} of 900 rows" in notice_words(notice)) == (what != "distribution")
    assert ("in 900 rows: index 0.23" in notice_words(notice)) == (what == "distribution")
    facts = SourceStep.objects.get().facts
    assert (facts["what"], facts["value"], facts["batches"]) == (what, value, 8)


def test_a_source_in_quarantine_is_told_of_as_that_alone_and_a_release_begins_anew(
    source: Source, supervisor: User
) -> None:
    batches(source, range(8), sign())
    quarantine_source(source.pk, signs=[], since=NOW)
    assert tell_of_watched() == 0
    release_source("branch", by=supervisor, reason=REASON)
    assert (tell_of_watched(), steps()) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_two_at_once_tell_once(source: Source) -> None:
    batches(source, range(8), sign())
    assert sorted(together([tell_of_watched, tell_of_watched])) == [0, 1]
    assert (len(steps()), Notification.objects.count()) == (1, 1)


def test_files_that_lack_a_little_more_than_usual_are_told_of_and_never_quarantined(
    db: None, supervisor: User, make_file: MakeFile
) -> None:
    """Seven of a hundred rows have no income, where none of four hundred had none: watched from five, bad from ten."""
    take_in(make_file("usual.csv", lines(400, first=0)))
    Source.objects.update(owner=supervisor)
    for day in range(8):
        head, *rows = lines(100, first=1_000 * (day + 1)).splitlines()
        lacking = [f"{row.rpartition(',')[0]}," for row in rows[:7]]
        take_in(make_file(f"{day}.csv", "\n".join([head, *lacking, *rows[7:]])))
        Batch.objects.filter(pk=Batch.objects.latest("pk").pk).update(started_at=NOW + timedelta(days=day))
        assert tell_of_watched() == (day == 7)
    notice = Notification.objects.get()
    assert (notice.person, notice.code) == (supervisor, "source_watched_missing")
    assert notice.params == {
        "source": "branch", "since": "2026-11-27", "batches": "8", "product": "consumer",
        "feature": "annual_income", "value": "7.0%", "usual": "0.0%", "rows": "100",
    }  # fmt: skip
    assert Source.objects.get().state == "healthy"
