"""A source of which something is watched for long, and never bad: its owner is told once a spell, no quarantine."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Notification, User
from intake.models import Batch, Source, SourceStep, Way
from intake.quarantine import quarantine_source, release_source
from intake.watched import tell_of_watched
from tests.intake.arriving import opened
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
    batches(source, range(1, 7), sign())
    assert (tell_of_watched(), steps(), Notification.objects.count()) == (0, [], 0)
    since = NOW - timedelta(days=7)
    Batch.objects.filter(pk=Batch.objects.earliest("pk").pk).update(started_at=since)
    assert [tell_of_watched() for _time in range(3)] == [1, 0, 0]
    assert [(feature, datetime.fromisoformat(at)) for feature, at in steps()] == [("annual_income", since)]
    notice = Notification.objects.get()
    assert (notice.person, notice.code) == (supervisor, "source_watched")
    assert notice.params == {"source": "branch", "feature": "annual income", "day": "2026-11-20", "days": "7"}
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
    batches(source, range(7, 9), sign())
    batches(source, range(2, 7))
    batches(source, range(1, 2), sign())
    assert tell_of_watched() == 1


def test_six_quiet_batches_in_between_end_it(source: Source) -> None:
    batches(source, range(8, 10), sign())
    batches(source, range(2, 8))
    batches(source, range(1, 2), sign())
    assert tell_of_watched() == 0


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
