"""Rows read by a process of their own while those before them are stored: a large file is taken in on two processors.

A fork, not a fresh interpreter: the rows of any reader can be handed over as they stand, and nothing is loaded twice.
Not one of `multiprocessing`, which starts none from a worker's process. The reader is at most three parts ahead, and
ends when nobody takes its rows any more, also where the process that took them was killed: then its pipe breaks.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from itertools import islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import Queue
from threading import Thread
from typing import Final, NoReturn

from django.db import connections

from intake.reading.rows import ReadRow
from intake.wording.sentences import IntakeError

log: Final = logging.getLogger(__name__)
# What it costs to start the reader is nothing beside reading so many bytes.
BYTES_LEAST: Final = 2**20


class ReaderLost(IntakeError):
    """The reading process was ended from outside, as by a system without memory; what was taken in stays."""


def read_ahead(rows: Iterator[ReadRow], part: int) -> Iterator[ReadRow]:
    """The same rows in the same order, `part` of them read while as many before them are stored.

    Raises:
        ReaderLost: the reader was ended. What `rows` raises is raised behind the rows before it.
    """
    with _garbage_sought_only_in_what_is_new():
        receiver, sender = Pipe(duplex=False)
        try:
            reader = os.fork()
        except OSError as problem:
            # The system gives no further process, or no memory for one: slower, and no reason to refuse the file.
            log.warning("A file is read without a process of its own: %s", problem)
            yield from rows
            return
        if not reader:
            _read(rows, part, sender, receiver)
        sender.close()
        try:
            while came := _next_part(receiver):
                yield from came
        finally:
            receiver.close()
            os.kill(reader, signal.SIGKILL)
            os.waitpid(reader, 0)


@contextmanager
def _garbage_sought_only_in_what_is_new() -> Iterator[None]:
    """What is here stays meanwhile: neither process walks it in search of garbage, nor copies its pages by doing so."""
    if gc.get_freeze_count():
        # What a process froze at its start stays so behind this file, too.
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _next_part(receiver: Connection) -> list[ReadRow]:
    """The rows that follow, none at the end."""
    try:
        came: list[ReadRow] | Exception = receiver.recv()
    except (EOFError, OSError):
        # The latter where it was ended in the midst of a part, of which a pipe holds only the beginning.
        raise ReaderLost("reader_lost") from None
    if isinstance(came, Exception):
        raise came
    return came


def _read(rows: Iterator[ReadRow], part: int, sender: Connection, receiver: Connection) -> NoReturn:
    """What the reader does from its first to its last moment: nothing that the other process is in the midst of."""
    try:
        # Ctrl-C, and the SIGTERM of whoever stops a service, reach both; the other one says when it is over. A worker
        # goes on with what it has in hand.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        # With an end of its own the pipe would never break.
        receiver.close()
        _let_go_of_connections()
        parts: Queue[bytes | None] = Queue(maxsize=1)
        sending = Thread(target=_send, args=(parts, sender))
        sending.start()
        try:
            while read := list(islice(rows, part)):
                parts.put(pickle.dumps(read))
            parts.put(pickle.dumps([]))
        except Exception as problem:
            parts.put(_packed(problem))
        parts.put(None)
        sending.join()
    finally:
        os._exit(0)


def _send(parts: Queue[bytes | None], sender: Connection) -> None:
    """In a thread of its own: a pipe holds less than a part, and reading would wait until it is taken."""
    try:
        for each in iter(parts.get, None):
            sender.send_bytes(each)
    except Exception:
        # Nobody takes them any more, or they cannot be sent: then whoever waits for them is told by the pipe's end.
        os._exit(1)


def _let_go_of_connections() -> None:
    """Joins are looked up on a connection of the reader's own: on one both would read answers to the other. That of the
    other process stays open, with the locks of its session; psycopg ends none that another process has begun."""
    for each in connections.all(initialized_only=True):
        if each.connection is not None:
            os.close(each.connection.fileno())
            each.connection = None


def _packed(problem: Exception) -> bytes:
    """The problem with where it arose, or only that where it cannot go to another process."""
    problem.add_note(traceback.format_exc())
    try:
        copy(problem)  # as it is made again over there
        return pickle.dumps(problem)
    except Exception:
        return pickle.dumps(RuntimeError(traceback.format_exc()))
