"""Faults of RiskReview itself while it reads what others send: none of them may hold up what waits behind it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from intake.wording.sentences import IntakeError

log: Final = logging.getLogger(__name__)
# What passes by itself: the database is away, the disk is full, or it is somebody else's turn.
PASSING: Final = (OperationalError, InterfaceError, OSError, SoftTimeLimitExceeded)


class Failed(IntakeError):
    """Something that was not foreseen; what was taken in before stays."""


@contextmanager
def told_as_failed(what: str) -> Iterator[None]:
    """Raises Failed for what is neither a refusal nor passes by itself; the log has the whole of it."""
    try:
        yield
    except (IntakeError, *PASSING):
        raise
    except Exception as fault:
        log.exception("Reading %s failed", what)
        raise Failed("reading_failed", value=type(fault).__name__) from fault
