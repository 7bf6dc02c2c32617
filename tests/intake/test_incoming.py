"""The watched folder: whole files are taken in once and set aside, broken ones with their reason, half ones wait."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, transaction

from cases.errors import BadDecision, NotAllowed
from cases.models import Case, User
from intake.actions import ImportReport
from intake.admission.files import take_in_file
from intake.models import Batch, IncomingFile
from intake.reading.reading_ahead import ReaderLost
from intake.ways_in.incoming import has_files, store_upload, take_in_waiting, waiting_files
from tests.intake.test_actions import good, table

Drop = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.INCOMING = tmp_path / "incoming"
    found: Path = settings.INCOMING
    return found


@pytest.fixture
def drop(folder: Path) -> Drop:
    """Puts a file into the folder that nobody has written to for a minute."""

    def put(name: str, text: str, *, source: str = "branch", age: float = 60.0) -> Path:
        path = folder / source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (time.time() - age,) * 2)
        return path

    return put


def test_a_whole_file_is_taken_in_and_set_aside(db: None, folder: Path, drop: Drop) -> None:
    path = drop("a.csv", table(good(1), good(2), "R-3,consumer,abc,24,USD,1"))
    assert take_in_waiting() == 1
    incoming = IncomingFile.objects.get()
    assert incoming.batch == Batch.objects.get()
    assert (incoming.batch.rows, incoming.batch.accepted, incoming.batch.rejected) == (3, 2, 1)
    assert not path.exists()
    assert [each.name for each in (folder / ".done" / "branch").iterdir()] == [f"{incoming.pk}-a.csv"]
    assert take_in_waiting() == 0


def test_a_file_that_is_no_table_is_set_aside_with_the_reason_and_harms_no_other(
    db: None, folder: Path, drop: Drop
) -> None:
    drop("a.csv", "%PDF-1.7", age=90)
    drop("b.csv", table(good(1)))
    assert take_in_waiting() == 2
    refused = IncomingFile.objects.get(name="a.csv")
    assert (refused.batch, refused.refusal["code"]) == (None, "table_other_kind")
    assert refused.refusal["en"] != refused.refusal["zh"]
    assert (folder / ".refused" / "branch" / f"{refused.pk}-a.csv").exists()
    assert Case.objects.count() == 1


def test_of_a_file_that_is_changed_while_it_is_read_the_old_content_is_told_of_and_the_new_comes_next(
    db: None, folder: Path, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop("a.csv", table(good(1), good(2)))
    with monkeypatch.context() as patched:
        # Called before the first row is read.
        patched.setattr(
            "intake.ways_in.incoming._Silent.update", lambda _bar, n=1: drop("a.csv", table(good(1), good(3))) and n
        )
        assert take_in_waiting() == 0
    old = IncomingFile.objects.get()
    assert (old.batch, old.refusal["code"], old.done_at is None) == (None, "table_changed", False)
    assert (path.exists(), Case.objects.count(), Batch.objects.get().finished_at) == (True, 0, None)
    assert take_in_waiting() == 1
    new = IncomingFile.objects.exclude(pk=old.pk).get()
    assert (new.batch and new.batch.accepted, new.refusal) == (2, {})
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["R-1", "R-3"]


def test_a_file_whose_reader_was_ended_goes_on_next_time_and_is_refused_when_that_is_ended_too(
    db: None, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_args: object, **_options: object) -> None:
        raise ReaderLost("reader_lost")

    paths = [drop("a.csv", table(good(1)), age=90), drop("b.csv", table(good(2)))]
    with monkeypatch.context() as patched:
        patched.setattr("intake.ways_in.incoming.take_in_file", lost)
        assert take_in_waiting() == 0
        assert {each.refusal["code"] for each in IncomingFile.objects.all()} == {"reader_lost"}
        paths[1].rename(paths[1].with_suffix(".part"))
        assert take_in_waiting() == 1
    paths[1].with_suffix(".part").rename(paths[1])
    assert [path.exists() for path in paths] == [False, True]
    assert take_in_waiting() == 1
    first, second = IncomingFile.objects.order_by("name")
    assert (first.batch, first.refusal["code"]) == (None, "reader_lost")
    assert (second.batch and second.batch.accepted, second.refusal) == (1, {})
    assert list(Case.objects.values_list("external_ref", flat=True)) == ["R-2"]


@pytest.mark.parametrize("fault", [DataError("out of range"), ValueError("unforeseen")])
def test_a_file_that_nobody_foresaw_holds_up_no_other_and_says_so(
    db: None, drop: Drop, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def take_in(path: Path, **options: Any) -> ImportReport:
        if path.name == "a.csv":
            raise fault
        return take_in_file(path, **options)

    monkeypatch.setattr("intake.ways_in.incoming.take_in_file", take_in)
    paths = [drop("a.csv", table(good(1)), age=90), drop("b.csv", table(good(2)))]
    assert take_in_waiting() == 1
    assert [path.exists() for path in paths] == [True, False]
    assert take_in_waiting() == 1
    bad, other = IncomingFile.objects.order_by("name")
    assert (bad.batch, bad.refusal["code"]) == (None, "reading_failed")
    assert type(fault).__name__ in bad.refusal["zh"]
    assert (other.batch and other.batch.accepted, other.refusal) == (1, {})
    assert (paths[0].exists(), list(Case.objects.values_list("external_ref", flat=True))) == (False, ["R-2"])


def test_a_file_is_no_bad_one_because_the_database_was_away(
    db: None, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_options: object) -> None:
        raise OperationalError("the connection is closed")

    path = drop("a.csv", table(good(1)))
    with monkeypatch.context() as patched:
        patched.setattr("intake.ways_in.incoming.take_in_file", away)
        for _turn in range(3):
            with pytest.raises(OperationalError):
                take_in_waiting()
    assert (path.exists(), IncomingFile.objects.get().refusal) == (True, {})
    assert take_in_waiting() == 1


def test_a_file_whose_sender_had_only_paused_is_read_again_once_it_is_whole(db: None, folder: Path, drop: Drop) -> None:
    whole = table(good(1), good(2), "R-3,consumer,7500,24,USD,1")
    drop("a.csv", whole[: whole.index("7500") + 2], age=60)
    assert take_in_waiting() == 1
    half = IncomingFile.objects.get()
    aside = folder / ".done" / "branch" / f"{half.pk}-a.csv"
    assert not has_files()
    # The sender goes on, in the file that it holds open, and gives it the time that it has at home.
    aside.write_text(whole, encoding="utf-8")
    os.utime(aside, (time.time() - 86400,) * 2)
    assert has_files()
    assert take_in_waiting() == 1
    half.refresh_from_db()
    assert (half.batch, half.refusal["code"]) == (None, "file_written_on")
    assert f"it is read again as {aside.name}" in half.refusal["en"]
    again = IncomingFile.objects.exclude(pk=half.pk).get()
    assert again.batch is not None
    assert (again.name, again.batch.rows, again.batch.accepted, again.batch.duplicates) == (aside.name, 3, 1, 2)
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["R-1", "R-2", "R-3"]
    assert not has_files()
    assert not aside.exists()


def test_a_file_that_is_overwritten_in_place_and_still_written_to_waits_until_it_rests(
    db: None, folder: Path, drop: Drop
) -> None:
    drop("a.csv", table(good(1)))
    assert take_in_waiting() == 1
    half = IncomingFile.objects.get()
    (folder / ".done" / "branch" / f"{half.pk}-a.csv").write_text(table(good(2)), encoding="utf-8")
    drop("a.csv", table(good(3)), age=1)
    assert take_in_waiting() == 0
    back = folder / "branch" / f"{half.pk}-a.csv"
    assert (back.read_text(encoding="utf-8"), (folder / "branch" / "a.csv").exists()) == (table(good(2)), True)
    for path in (back, folder / "branch" / "a.csv"):
        os.utime(path, (time.time() - 60,) * 2)
    assert take_in_waiting() == 2
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["R-1", "R-2", "R-3"]
    assert not has_files()


def test_what_was_refused_half_is_read_once_it_is_whole(db: None, folder: Path, drop: Drop) -> None:
    drop("a.csv", "")
    assert take_in_waiting() == 1
    refused = IncomingFile.objects.get()
    (folder / ".refused" / "branch" / f"{refused.pk}-a.csv").write_text(table(good(1)), encoding="utf-8")
    assert take_in_waiting() == 0
    os.utime(folder / "branch" / f"{refused.pk}-a.csv", (time.time() - 60,) * 2)
    assert take_in_waiting() == 1
    assert Case.objects.count() == 1


def test_a_name_that_is_as_long_as_a_disk_takes_holds_up_no_other(db: None, folder: Path, drop: Drop) -> None:
    name = "贷款" * 41 + "1.csv"
    assert len(name.encode()) == 251
    drop(name, table(good(1)), age=90)
    drop("b.csv", table(good(2)))
    assert take_in_waiting() == 2
    assert (waiting_files(), Case.objects.count()) == ([], 2)
    assert IncomingFile.objects.earliest("pk").name == name


def test_a_file_that_cannot_be_read_holds_up_no_other(
    db: None, folder: Path, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests may run as a user who reads everything, so that the refusal is the disk's in name only."""
    locked = drop("a.csv", table(good(1)), age=90)
    drop("b.csv", table(good(2)))
    opened = Path.open

    def open_others(path: Path, *args: Any, **options: Any) -> Any:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **options)

    monkeypatch.setattr(Path, "open", open_others)
    assert take_in_waiting() == 1
    assert (Case.objects.get().external_ref, locked.exists(), IncomingFile.objects.count()) == ("R-2", True, 1)


def test_files_that_were_set_aside_before_their_size_was_kept_stay_there(db: None, folder: Path, drop: Drop) -> None:
    drop("a.csv", table(good(1)))
    assert take_in_waiting() == 1
    IncomingFile.objects.update(size=None)
    assert not has_files()


def test_what_is_still_written_to_waits(drop: Drop, db: None) -> None:
    drop("new.csv", table(good(1)), age=1)
    drop("a.csv.part", table(good(1)))
    drop(".hidden.csv", table(good(1)))
    drop("a.csv", table(good(1)), source="no source")
    assert waiting_files() == []
    assert take_in_waiting() == 0


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", b"\n"), ("utf-16-le", b"\n\x00"), ("utf-16-be", b"\x00\r")])
def test_a_table_that_ends_within_a_line_waits_longer(
    db: None, folder: Path, drop: Drop, encoding: str, end: bytes
) -> None:
    """Its last number may be cut: 600 of 60000."""
    path = drop("a.csv", "")
    path.write_bytes((table(good(1)) + "R-2,consumer,5000,24,USD,600").encode(encoding))
    os.utime(path, (time.time() - 30,) * 2)
    assert waiting_files() == []
    with path.open("ab") as file:
        file.write(end)
    os.utime(path, (time.time() - 30,) * 2)
    assert waiting_files() == [("branch", path)]


def test_the_same_file_again_adds_nothing(db: None, drop: Drop) -> None:
    for _turn in range(2):
        drop("a.csv", table(good(1)))
        assert take_in_waiting() == 1
    assert (Case.objects.count(), Batch.objects.count(), IncomingFile.objects.count()) == (1, 1, 1)


def test_a_file_that_was_taken_in_and_not_set_aside_is_set_aside_later(db: None, folder: Path, drop: Drop) -> None:
    drop("a.csv", table(good(1)))
    take_in_waiting()
    drop("a.csv", table(good(1)))
    assert take_in_waiting() == 1
    assert waiting_files() == []


def test_an_upload_takes_the_place_of_no_file_that_waits_under_its_name(folder: Path, supervisor: User) -> None:
    texts = [table(good(number)) for number in (1, 2, 3)]
    stored = [store_upload("branch", "a.csv", [text.encode()], by=supervisor) for text in texts]
    assert [each.name for each in stored] == ["a.csv", "2-a.csv", "3-a.csv"]
    assert take_in_waiting() == 3
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["R-1", "R-2", "R-3"]
    assert not IncomingFile.objects.filter(done_at=None).exists()


def test_an_upload_lands_whole_in_the_folder_under_a_plain_name(folder: Path, supervisor: User) -> None:
    # Without an end of its last line, too: an upload is whole, and waits for nothing.
    text = table(good(1)).rstrip("\n").encode()
    incoming = store_upload("branch", "../../x y/表 1.csv", [text[:10], text[10:]], by=supervisor)
    assert (incoming.name, incoming.uploaded_by) == ("表_1.csv", supervisor)
    path = folder / "branch" / "表_1.csv"
    assert path.read_bytes() == text
    assert take_in_waiting() == 1
    assert Batch.objects.get().started_by == supervisor


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a.csv.part", "a.csv_part"), ("a.TMP", "a_TMP"), (".part", "part"), (f"x.{'9' * 195}.csv", f"{'9' * 195}.csv")],
)
def test_an_upload_is_whole_whatever_it_is_called(folder: Path, supervisor: User, name: str, kept: str) -> None:
    """Others write such names into the folder until a file is whole, and hidden files are never looked at."""
    assert store_upload("branch", name, [table(good(1)).encode()], by=supervisor).name == kept
    assert take_in_waiting() == 1
    assert Case.objects.get().external_ref == "R-1"


@pytest.mark.parametrize(
    ("source", "content", "field"),
    [("no source", b"x", "source"), ("", b"x", "source"), ("branch", b"", "file"), ("branch", b"x" * 11, "file")],
)
def test_an_upload_that_is_no_use_is_refused_and_leaves_nothing(
    folder: Path, supervisor: User, settings: Any, source: str, content: bytes, field: str
) -> None:
    settings.INCOMING_BYTES = 10
    with pytest.raises(BadDecision) as refusal:
        store_upload(source, "a.csv", [content] if content else [], by=supervisor)
    assert refusal.value.field == field
    assert not IncomingFile.objects.exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_reviewer_uploads_nothing(folder: Path, reviewer: User) -> None:
    with pytest.raises(NotAllowed):
        store_upload("branch", "a.csv", [b"x"], by=reviewer)


def test_the_database_knows_no_file_that_is_done_and_led_to_nothing(db: None, drop: Drop) -> None:
    drop("a.csv", table(good(1)))
    take_in_waiting()
    with pytest.raises(IntegrityError, match="incoming_file_ends"), transaction.atomic():
        IncomingFile.objects.update(batch=None)
