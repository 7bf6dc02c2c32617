"""A person releases a source while what it sends is being looked at: nothing of before the release is kept."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.utils import timezone

from cases.accounts import create_token
from cases.models import User
from intake import actions
from intake.actions import import_rows, start_import
from intake.admission.taking_in import take_in as take_in_rows
from intake.health import message_looks
from intake.health.quarantine import quarantine_source, release_source
from intake.health.watch import Watch
from intake.health.watching import look_after
from intake.mapped.mapping_data import mapping_as_data
from intake.models import Batch, Source, SourceStep, Tally
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from tests.api.calls import Caller
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_looks import sound
from tests.intake.test_quarantine import REASON, lines
from tests.together import at_once, started_until_it_waits


@pytest.fixture
def waiting(shared_db: None) -> Batch:
    """The open batch of a source in quarantine, with one message that nobody has looked at."""
    caller = Caller(create_token("los", scopes=["ingest"]))
    assert caller.post("/cases/batch", [sound(f"A-{n}", n) for n in range(400)]).json()["accepted"] == 400
    message_looks.look_at_messages()
    assert caller.post("/cases/batch", [sound(f"B-{n}", n) for n in range(400)]).json()["accepted"] == 400
    message_looks.look_at_messages()
    batch = Batch.objects.get()
    assert batch.profile["consumer"]["rows"] == 400
    quarantine_source(batch.source_id, signs=[], since=timezone.now())
    caller.post("/cases", sound("C-1", 1))
    assert Tally.objects.count() == 1
    return batch


def released(by: User) -> Source:
    return release_source(Source.objects.get().slug, by=by, reason=REASON)


def found() -> tuple[Any, ...]:
    batch = Batch.objects.get()
    return Source.objects.get().state, batch.profile, batch.signs, batch.rows, Tally.objects.count()


def test_a_look_keeps_nothing_where_the_source_was_released_while_it_went_on(
    waiting: Batch, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(batch_id: int, case_ids: Sequence[int]) -> Watch:
        watch = look_after(batch_id, case_ids)
        assert watch.profiles["consumer"].rows == 401
        (source,) = at_once(lambda: released(admin))
        assert isinstance(source, Source)
        return watch

    monkeypatch.setattr(message_looks, "look_after", look)
    message_looks.look_at_messages()
    assert found() == ("healthy", {}, [], waiting.rows + 1, 0)


def test_a_release_that_comes_while_a_look_is_kept_waits_for_it_and_clears_it(
    waiting: Batch, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_up = message_looks._add_up
    with ThreadPoolExecutor(1) as pool:

        def add(tallies: Sequence[int]) -> None:
            release = started_until_it_waits(pool, lambda: released(admin))
            assert not release.done()
            add_up(tallies)

        monkeypatch.setattr(message_looks, "_add_up", add)
        message_looks.look_at_messages()
    assert found() == ("healthy", {}, [], waiting.rows + 1, 0)


def test_a_look_that_fails_does_not_bring_back_a_quarantine_that_was_ended_meanwhile(
    waiting: Batch, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(batch_id: int, case_ids: Sequence[int]) -> Watch:
        at_once(lambda: released(admin))
        raise ValueError("unreadable")

    monkeypatch.setattr(message_looks, "look_after", look)
    message_looks.look_at_messages()
    assert found() == ("healthy", {}, [], waiting.rows + 1, 0)
    assert list(SourceStep.objects.filter(name__in=["quarantined", "released"]).values_list("name", flat=True)) == [
        "quarantined",
        "released",
    ]


def import_file(make_file: MakeFile, text: str, *, progress: Any = None) -> Batch:
    path = make_file("second.csv", text)
    table = open_table(path)
    name, mapping = mapping_for(table, "branch", None)
    file = start_import(path, source="branch", mapping_name=name, mapping=mapping_as_data(mapping), by=None)
    import_rows(file, read_rows(table, mapping, now=timezone.now()), progress=progress)
    return Batch.objects.get(pk=file.pk)


def test_after_a_release_in_the_middle_of_a_file_its_other_rows_are_judged_by_themselves(
    db: None, make_file: MakeFile, admin: User
) -> None:
    take_in(make_file("first.csv", lines(400, first=0)))
    seen: list[str] = []

    def progress(rows: int) -> None:
        seen.append(Source.objects.get().state)
        if len(seen) == 1:
            released(admin)

    batch = import_file(make_file, lines(1_300, first=400, broken=True), progress=progress)
    assert seen == ["quarantined", "quarantined"]
    assert (batch.rows, batch.profile["consumer"]["rows"]) == (1_300, 300)
    assert SourceStep.objects.filter(name="quarantined").count() == 2


def test_a_release_while_a_piece_of_a_file_is_taken_in_waits_for_it_and_neither_fails(
    shared_db: None, make_file: MakeFile, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(make_file("first.csv", lines(400, first=0)))
    quarantine_source(Source.objects.get().pk, signs=[], since=timezone.now())
    with ThreadPoolExecutor(1) as pool:

        def taken(*args: Any, **more: Any) -> Any:
            release = started_until_it_waits(pool, lambda: released(admin))
            assert not release.done()
            return take_in_rows(*args, **more)

        monkeypatch.setattr(actions, "take_in", taken)
        batch = import_file(make_file, lines(300, first=400))
    assert Source.objects.get().state == "healthy"
    assert (batch.rows, batch.accepted) == (300, 300)
