"""A source that is watched for long, just below what is bad: told once a spell, with its figures, never quarantined."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case, Notification, User
from intake.batches_before import is_beyond_reach, reach, spells_before
from intake.models import Batch, MappingVersion, Source, SourceStep
from intake.watched import tell_of_watched
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import lines
from tests.together import together

NOW = timezone.now()
LATER = 10**9


def decayed(turn: int) -> str:
    """A hundred rows, seven without the income, which is usually never missing: watched from five, bad from ten."""
    head, *rows = lines(100, first=1_000 * (turn + 1), seed=turn).splitlines()
    return "\n".join([head, *(f"{row.rpartition(',')[0]}," for row in rows[:7]), *rows[7:]])


def sign(feature: str = "annual_income", **changes: Any) -> dict[str, Any]:
    usual = {"product": "consumer", "feature": feature, "what": "missing", "value": 0.09, "usual": 0.01, "rows": 1_200}
    return {**usual, "grade": "watch", "since": (NOW - timedelta(weeks=4)).isoformat(), "batches": 4, **changes}


def batch(source: Source, *signs: dict[str, Any], at: datetime = NOW, rows: int = 100) -> Batch:
    """A file that came then and was looked at."""
    mapping, _made = MappingVersion.objects.get_or_create(
        source=source, number=1, defaults={"name": "m", "sha256": "0" * 64, "content": {}}
    )
    made: Batch = Batch.objects.create(
        source=source, name="a.csv", sha256=f"{Batch.objects.count():064}", mapping=mapping, started_at=at,
        finished_at=at, rows=rows, accepted=rows, profile={"consumer": {}}, signs=list(signs),
    )  # fmt: skip
    return made


@pytest.fixture
def branch(db: None, supervisor: User) -> Source:
    source: Source = Source.objects.create(slug="branch", owner=supervisor)
    return source


def told() -> list[tuple[str, str]]:
    return [(notice.code, notice.params["feature"]) for notice in Notification.objects.order_by("id")]


def test_a_decay_just_below_bad_is_told_of_once_by_the_twelfth_file_however_often_it_is_swept(
    shared_db: None, supervisor: User, make_file: MakeFile
) -> None:
    take_in(make_file("first.csv", lines(400, first=0)))
    Source.objects.update(owner=supervisor)
    for turn in range(11):
        take_in(make_file(f"{turn}.csv", decayed(turn)))
        assert tell_of_watched() == 0
    take_in(make_file("11.csv", decayed(11)))
    assert sorted(together([tell_of_watched] * 2)) == [0, 1]
    first = Batch.objects.order_by("id")[1]
    step = SourceStep.objects.get(name="watched")
    assert {(each["feature"], each["what"], each["grade"]) for each in step.facts["signs"]} == {
        ("annual_income", "missing", "watch")
    }
    worst = step.facts["signs"][0]
    assert (worst["since"], worst["batches"]) == (first.started_at.isoformat(), 12)
    notice = Notification.objects.get()
    assert (notice.person, notice.code) == (supervisor, "source_watched_missing")
    assert notice.params == {
        "source": "branch", "since": timezone.localtime(first.started_at).date().isoformat(), "batches": "12",
        "feature": "annual income", "value": "7.0%", "usual": "0.0%", "rows": f"{worst['rows']:,}",
    }  # fmt: skip
    # The same spell goes on.
    take_in(make_file("12.csv", decayed(12)))
    assert (tell_of_watched(), Notification.objects.count()) == (0, 1)
    # It is never more than told: what waits for a person are the rows without an income, by their own rule.
    assert Source.objects.get().state == "healthy"
    assert Case.objects.filter(state="received").count() == 400 + 13 * 93
    assert Case.objects.filter(state="needs_data").count() == 13 * 7


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"batches": 3}, 0),
        ({"since": (NOW - timedelta(weeks=4) + timedelta(minutes=1)).isoformat()}, 0),
        ({"grade": "bad"}, 0),
    ],
)
def test_whoever_sends_seldom_is_told_of_after_four_weeks_and_four_files(
    branch: Source, changes: dict[str, Any], count: int
) -> None:
    batch(branch, sign(**changes))
    assert (tell_of_watched(), Notification.objects.count(), SourceStep.objects.count()) == (count, count, count)


@pytest.mark.parametrize(("quiet", "count"), [(5, 1), (6, 0)])
def test_batches_of_another_table_in_between_hide_no_sign(branch: Source, quiet: int, count: int) -> None:
    batch(branch, sign())
    for _number in range(quiet):
        batch(branch)
    assert tell_of_watched() == count


def test_a_source_is_told_of_once_with_what_is_nearest_to_bad(branch: Source) -> None:
    shift = sign("amount", what="distribution", value=0.24, usual=0.0)
    once = sign("region", what="new_values", value=0.09, usual=0.0, batches=1)
    batch(branch, sign(), sign(value=0.03, rows=9_000), shift, once)
    assert (tell_of_watched(), tell_of_watched()) == (1, 0)
    assert told() == [("source_watched_distribution", "amount")]
    assert Notification.objects.get().params["value"] == "0.24"
    step = SourceStep.objects.get()
    assert [(each["feature"], each["value"]) for each in step.facts["signs"]] == [
        ("amount", 0.24),
        ("annual_income", 0.09),
    ]
    # What becomes long only later is told of for itself.
    batch(branch, sign(), shift, {**once, "batches": 4})
    assert (tell_of_watched(), tell_of_watched()) == (1, 0)
    assert told()[1:] == [("source_watched_new_values", "region")]


def test_another_spell_is_told_of_but_not_within_a_week(branch: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    batch(branch, sign())
    assert tell_of_watched() == 1
    for passed, count in ((timedelta(days=6), 0), (timedelta(days=8), 1)):
        began = timezone.now() + timedelta(minutes=1)
        batch(branch, sign(since=began.isoformat()), at=began + timedelta(weeks=4))
        with monkeypatch.context() as clock:
            now = timezone.now() + passed
            clock.setattr("django.utils.timezone.now", lambda now=now: now)
            assert tell_of_watched() == count


def test_a_quarantined_source_and_what_came_before_its_release_are_not_told_of(branch: Source, admin: User) -> None:
    batch(branch, sign())
    Source.objects.update(state="quarantined", bad_since=NOW)
    assert tell_of_watched() == 0
    Source.objects.update(state="healthy", bad_since=None)
    SourceStep.objects.create(source=branch, name="released", actor=admin, reason="the export was mended")
    assert tell_of_watched() == 0
    assert spells_before(branch.pk, LATER) == {}
    batch(branch, sign(), at=timezone.now() + timedelta(minutes=1))
    assert tell_of_watched() == 1


def test_a_spell_goes_on_over_five_quiet_batches_and_not_over_six(branch: Source) -> None:
    batch(branch, {key: value for key, value in sign().items() if key not in ("since", "batches")})
    key = ("consumer", "annual_income")
    # A batch from before this was written begins its spell.
    assert spells_before(branch.pk, LATER) == {key: (NOW.isoformat(), 1)}
    batch(branch, sign(batches=7))
    for _number in range(5):
        batch(branch)
    assert spells_before(branch.pk, LATER) == {key: (sign()["since"], 7)}
    batch(branch)
    assert spells_before(branch.pk, LATER) == {}


@pytest.mark.parametrize(
    ("rows", "reached"), [([], 0), ([100] * 9, 9), ([100] * 20, 10), ([20] * 20, 15), ([1] * 200, 100), ([900], 1)]
)
def test_a_look_takes_ten_batches_and_more_of_small_ones(rows: list[int], reached: int) -> None:
    assert reach(rows) == reached


def test_what_began_in_the_eleventh_batch_before_is_beyond_reach(branch: Source) -> None:
    came = [batch(branch, at=NOW + timedelta(days=day)) for day in range(13)]
    assert not is_beyond_reach(came[2].started_at, came[12])
    assert is_beyond_reach(came[1].started_at, came[12])


def test_many_sources_are_swept_by_as_few_questions_as_one(branch: Source, supervisor: User) -> None:
    batch(branch, sign())
    for number in range(6):
        batch(Source.objects.create(slug=f"other-{number}", owner=supervisor), sign())
    assert (tell_of_watched(), Notification.objects.count()) == (7, 7)
    with CaptureQueriesContext(connection) as asked:
        assert tell_of_watched() == 0
    # Their newest batches, the signs of these, and what was told.
    assert len(asked) == 3
