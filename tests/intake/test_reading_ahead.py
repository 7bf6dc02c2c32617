"""Rows read by a process of their own: all of them, in their order, with what went wrong, and no process is left."""

from __future__ import annotations

import errno
import gc
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import pytest
from django.db import connection

from cases.locks import alone
from cases.models import Case
from intake.admission import files
from intake.admission.files import FileChanged
from intake.reading.reading_ahead import ReaderLost, read_ahead
from intake.reading.rows import ReadRow
from tests.intake.places import MakeFile
from tests.intake.test_joins import BUREAU, LOANS, scores, take
from tests.worker import is_running, wait_for


def rows(count: int, then: Exception | None = None) -> Iterator[ReadRow]:
    for number in range(count):
        yield ReadRow(number, None, [], {"reader": str(os.getpid())})
    if then is not None:
        raise then


class Odd(Exception):
    """One that cannot be made again of what it says."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)


def test_rows_come_in_their_order_from_a_process_that_is_gone_afterwards() -> None:
    read = list(read_ahead(rows(2_500), 1_000))
    assert [row.row_number for row in read] == list(range(2_500))
    (reader,) = {int(row.raw["reader"]) for row in read}
    assert reader != os.getpid()
    assert not is_running(reader)
    assert list(read_ahead(rows(0), 1_000)) == []


def test_where_the_system_gives_no_process_the_rows_are_read_in_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    read = list(read_ahead(rows(1_500), 1_000))
    assert [row.row_number for row in read] == list(range(1_500))
    assert {row.raw["reader"] for row in read} == {str(os.getpid())}


def test_what_a_process_keeps_from_the_search_for_garbage_stays_so_and_nothing_more() -> None:
    frozen = gc.get_freeze_count()
    try:
        gc.unfreeze()
        found = read_ahead(rows(1_500), 1_000)
        next(found)
        assert gc.get_freeze_count() > 0
        assert len(list(found)) == 1_499
        assert gc.get_freeze_count() == 0
        gc.freeze()
        assert len(list(read_ahead(rows(1_500), 1_000))) == 1_500
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        if frozen:
            gc.freeze()


def test_what_reading_raises_is_raised_behind_the_parts_before_it_and_says_where_it_arose() -> None:
    found = read_ahead(rows(1_500, FileChanged("table_changed", value="a.csv")), 1_000)
    assert [next(found).row_number for _ in range(1_000)] == list(range(1_000))
    with pytest.raises(FileChanged) as refused:
        next(found)
    assert (refused.value.code, refused.value.params) == ("table_changed", {"value": "a.csv"})
    assert refused.value.sentence("zh-hans").startswith("文件 a.csv 在读取过程中被改动")
    assert "in rows\n    raise then" in refused.value.__notes__[0]
    with pytest.raises(RuntimeError, match="Odd: ab"):
        list(read_ahead(rows(1, Odd("a", "b")), 1_000))


def test_a_reader_that_is_killed_is_told_of_and_one_whose_rows_nobody_takes_ends() -> None:
    found = read_ahead(rows(10_000), 100)
    reader = int(next(found).raw["reader"])
    os.kill(reader, signal.SIGKILL)
    with pytest.raises(ReaderLost):
        list(found)
    found = read_ahead(rows(10_000), 100)
    reader = int(next(found).raw["reader"])
    found.close()  # type: ignore[attr-defined]
    assert not is_running(reader)


def test_a_reader_that_is_killed_in_the_midst_of_a_part_is_told_of_as_well() -> None:
    # A part is larger than what a pipe holds: the next one waits there half sent.
    found = read_ahead(rows(30_000), 10_000)
    reader = int(next(found).raw["reader"])
    time.sleep(1)
    os.kill(reader, signal.SIGKILL)
    with pytest.raises(ReaderLost):
        list(found)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_stops_a_service_leaves_the_reader_to_the_process_that_takes_its_rows(number: signal.Signals) -> None:
    found = read_ahead(rows(2_500), 1_000)
    reader = int(next(found).raw["reader"])
    os.kill(reader, number)
    assert len(list(found)) == 2_499
    assert not is_running(reader)


def test_a_reader_that_cannot_send_its_rows_ends_and_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_sender: Connection, _part: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr(Connection, "send_bytes", fail)
    with pytest.raises(ReaderLost):
        list(read_ahead(rows(10_000), 100))


def test_a_reader_ends_when_the_process_that_took_its_rows_is_killed() -> None:
    told, tell = os.pipe()
    taking = os.fork()
    if not taking:
        os.write(tell, next(read_ahead(rows(10**9), 100)).raw["reader"].encode() + b"\n")
        time.sleep(600)
        os._exit(1)
    reader = int(os.read(told, 100))
    os.kill(taking, signal.SIGKILL)
    os.waitpid(taking, 0)
    wait_for(lambda: not is_running(reader), 30, "the reader to end")
    assert not is_running(reader)
    for each in (told, tell):
        os.close(each)


def test_joins_are_looked_up_on_a_connection_of_the_reader_s_own_and_the_locks_of_the_other_stay(
    transactional_db: None, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BYTES_LEAST", 1)
    take(make_file, "credit-bureau", BUREAU, "身份证号,查询时间,评分\nP1,2026-01-05,610\nP2,2026-01-05,700\n")
    loans = "id,person,amount,applied\n" + "".join(
        f"A-{number},P{number % 2 + 1},5000,2026-02-01\n" for number in range(2_500)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        before = cursor.fetchone()
    with alone("a name") as mine:
        assert mine
        report = take(make_file, "branch", LOANS, loans)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            assert cursor.fetchone() == before
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            assert cursor.fetchone() == (1,)
    assert (report.rows, report.accepted, report.rejected) == (2_500, 2_500, 0)
    found: dict[str, Any] = scores()
    assert (found["A-0"], found["A-1"], found["A-2499"]) == (610, 700, 700)
    assert Case.objects.filter(source="branch").count() == 2_500
