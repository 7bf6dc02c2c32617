"""Progress bars that nobody watches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext


class Silent:
    def update(self, n: int = 1) -> object:
        return n


def silent(_total: int | None) -> AbstractContextManager[Silent]:
    return nullcontext(Silent())


class _CutOff(Silent):
    def __init__(self, rows: int) -> None:
        self.through, self.rows = 0, rows

    def update(self, n: int = 1) -> object:
        self.through += n
        if self.through == self.rows:
            raise InterruptedError
        return n


def cut_off_behind(rows: int) -> Callable[[int | None], AbstractContextManager[Silent]]:
    """A bar with which the run ends once it is through so many rows."""
    return lambda _total: nullcontext(_CutOff(rows))
