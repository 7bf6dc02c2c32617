"""A database that several tests stand on, each undone by itself, and the whole undone after the last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def rolled_back() -> Iterator[None]:
    """All that is written within, which the tests' own transactions nest in as savepoints, is taken back at the end.

    For fixtures of a module or a class, whose database nobody else may see: only its own tests ask for them.
    """
    whole = transaction.atomic()
    # As Django marks a test's transaction: an action that insists on the outermost one may begin in it.
    whole._from_testcase = True  # type: ignore[attr-defined]
    with whole:
        yield
        transaction.set_rollback(True)
