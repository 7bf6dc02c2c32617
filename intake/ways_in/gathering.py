"""Work that several threads bring at the same moment, done once for all of them: one does it, the others wait for it.

As with the group commit of a database: while one lot is worked off the next gathers by itself, and where several came
together a moment ago, as many are awaited for some milliseconds. Those who send again as soon as they are answered
would otherwise come one by one while the first of them is served. A single sender is served at once, and sixteen share
the cost of one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from threading import Condition, Event
from typing import Generic, TypeVar

Work = TypeVar("Work")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class _Brought(Generic[Work, Answer]):
    """What one thread brought: it is woken with an answer, with a lot that is now its to work off, or with neither."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.woken = Event()
        self.answers: list[Answer] = []
        self.lot: list[_Brought[Work, Answer]] = []


class Gathering(Generic[Work, Answer]):
    """Does work in lots of at most `most`, one lot of a key at a time; `do` gives an answer for each, in its order.

    `do` must do all of a lot or nothing, and may do a piece again that was undone with its lot. As many as the last lot
    had are awaited, for at most `patience` seconds, and one less after each time that they did not come: who is alone
    after a crowd soon waits for nobody.
    """

    def __init__(self, do: Callable[[list[Work]], list[Answer]], most: int, patience: float) -> None:
        self._do = do
        self._most = most
        self._patience = patience
        self._guard = Condition()
        self._awaited = 1
        # The keys that somebody works for now, with those who wait for their turn.
        self._lines: dict[Hashable, list[_Brought[Work, Answer]]] = {}

    def bring(self, key: Hashable, work: Work) -> Answer:
        """The answer to this piece of work; raises what `do` raises for it when it is done alone."""
        mine = _Brought[Work, Answer](work)
        with self._guard:
            if key in self._lines:
                self._lines[key].append(mine)
                self._guard.notify_all()
            else:
                self._lines[key] = []
                mine.lot = [mine]
        if not mine.lot:
            mine.woken.wait()
        if mine.lot:
            self._work_off(key, mine)
        return mine.answers[0] if mine.answers else self._do([work])[0]

    def _work_off(self, key: Hashable, mine: _Brought[Work, Answer]) -> None:
        self._await_others(key, mine.lot)
        try:
            if len(mine.lot) > 1:
                for each, answer in zip(mine.lot, self._do([each.work for each in mine.lot]), strict=True):
                    each.answers.append(answer)
            else:
                mine.answers = self._do([mine.work])
        except Exception:
            # One bad piece, or a deadlock with another process, must harm nobody else: each tries its own alone.
            if len(mine.lot) == 1:
                raise
            log.warning("What %d senders brought together is done one by one", len(mine.lot), exc_info=True)
        finally:
            self._hand_on(key)
            for each in mine.lot[1:]:
                each.woken.set()

    def _await_others(self, key: Hashable, lot: list[_Brought[Work, Answer]]) -> None:
        with self._guard:
            line = self._lines[key]
            self._guard.wait_for(lambda: len(lot) + len(line) >= self._awaited, self._patience)
            room = self._most - len(lot)
            lot += line[:room]
            self._lines[key] = line[room:]
            self._awaited = max(len(lot), self._awaited - 1)

    def _hand_on(self, key: Hashable) -> None:
        """Let the first of those who wait work off what they brought meanwhile; under the guard, so that whoever comes
        just now is among them, or finds nobody at work."""
        with self._guard:
            line = self._lines[key]
            if not line:
                del self._lines[key]
                return
            lot, self._lines[key] = line[: self._most], line[self._most :]
            lot[0].lot = lot
        lot[0].woken.set()
