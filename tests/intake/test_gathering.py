"""Work of several threads done in lots: each has its own answer, and who is alone waits for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from intake.ways_in.gathering import Gathering

SECONDS = 10


class Worker:
    """Notes the lots it was given; the piece "first" keeps it busy until it is let go, "bad" cannot be done."""

    def __init__(self) -> None:
        self.lots: list[list[str]] = []
        self.busy, self.free = Event(), Event()

    def do(self, lot: list[str]) -> list[str]:
        self.lots.append(lot)
        if lot == ["first"]:
            self.busy.set()
            assert self.free.wait(SECONDS)
        if "bad" in lot:
            raise ValueError("bad")
        return [piece.upper() for piece in lot]


@contextmanager
def brought(worker: Worker, pieces: list[str], most: int = 10) -> Iterator[list[Future[str]]]:
    """`pieces` come in their order while "first" is being worked at."""
    gathering = Gathering(worker.do, most, patience=0)
    with ThreadPoolExecutor(len(pieces) + 1) as pool:
        futures = [pool.submit(gathering.bring, "key", "first")]
        assert worker.busy.wait(SECONDS)
        for at, piece in enumerate(pieces):
            futures.append(pool.submit(gathering.bring, "key", piece))
            while len(gathering._lines["key"]) <= at:
                pass
        worker.free.set()
        yield futures
    assert gathering._lines == {}


def test_who_comes_alone_is_served_alone_and_at_once() -> None:
    worker = Worker()
    gathering = Gathering(worker.do, 10, SECONDS)
    assert [gathering.bring("key", piece) for piece in ("a", "b")] == ["A", "B"]
    assert worker.lots == [["a"], ["b"]]


def test_what_comes_while_one_works_is_done_in_one_lot_and_each_has_its_own_answer() -> None:
    worker = Worker()
    with brought(worker, ["a", "b", "c"]) as futures:
        assert [each.result(SECONDS) for each in futures] == ["FIRST", "A", "B", "C"]
    assert worker.lots == [["first"], ["a", "b", "c"]]


def test_a_lot_has_no_more_than_it_may() -> None:
    worker = Worker()
    with brought(worker, ["a", "b", "c"], most=2) as futures:
        assert [each.result(SECONDS) for each in futures] == ["FIRST", "A", "B", "C"]
    assert worker.lots == [["first"], ["a", "b"], ["c"]]


def test_a_bad_piece_harms_only_the_one_who_brought_it() -> None:
    worker = Worker()
    with brought(worker, ["a", "bad", "c"]) as (first, one, bad, other):
        assert [each.result(SECONDS) for each in (first, one, other)] == ["FIRST", "A", "C"]
        with pytest.raises(ValueError, match="bad"):
            bad.result(SECONDS)
    assert worker.lots[:2] == [["first"], ["a", "bad", "c"]]
    assert sorted(worker.lots[2:]) == [["a"], ["bad"], ["c"]]


def test_two_keys_do_not_wait_for_each_other() -> None:
    worker = Worker()
    gathering = Gathering(worker.do, 10, SECONDS)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gathering.bring, "key", "first")
        assert worker.busy.wait(SECONDS)
        assert gathering.bring("other", "a") == "A"
        worker.free.set()
        assert first.result(SECONDS) == "FIRST"


def test_as_many_as_came_together_before_are_awaited() -> None:
    worker = Worker()
    gathering = Gathering(worker.do, 10, SECONDS)
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(gathering.bring, "key", "first")]
        assert worker.busy.wait(SECONDS)
        futures += [pool.submit(gathering.bring, "key", piece) for piece in ("a", "b", "c")]
        while len(gathering._lines["key"]) < 3:
            pass
        worker.free.set()
        assert [each.result(SECONDS) for each in futures] == ["FIRST", "A", "B", "C"]
        again = [pool.submit(gathering.bring, "key", piece) for piece in ("d", "e", "f")]
        assert [each.result(SECONDS) for each in again] == ["D", "E", "F"]
    assert [sorted(lot) for lot in worker.lots] == [["first"], ["a", "b", "c"], ["d", "e", "f"]]


def test_who_is_left_alone_waits_for_one_less_each_time() -> None:
    worker = Worker()
    gathering = Gathering(worker.do, 10, patience=0.001)
    gathering._awaited = 3
    assert [(gathering.bring("key", piece), gathering._awaited) for piece in "abc"] == [("A", 2), ("B", 1), ("C", 1)]
