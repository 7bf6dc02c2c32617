"""What the product's watch over sources makes of a book: whose cases wait, until when, and when a failure is noticed.

Every day is a batch. The watch of `intake/health/watch.py` looks at it before anything is decided, and then the breaker
at each case as it comes to be routed (`bench/_breaker.py`): those before the one that opens it are decided. What the
bench adds is what people do then: two days later somebody has asked the source. Where it had failed its cases wait
until it is mended and has sent them again, rightly; where its applicants had truly changed they go on, and what is
usual is learned anew. Meanwhile its cases wait, though the product would have people decide them: all are seen as
often.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench._breaker import SourceBreaker
from bench._lender import DAYS, FAILING, NAMES, SEGMENT, SOURCES, Calendar, Cases
from intake.health.batches_before import WINDOW
from intake.health.profiles import REFERENCE_MOST, Profile, Reference, Row, make_reference
from intake.health.watch import Watch

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ASKED_AFTER: Final = 2
PRODUCT: Final = "loan"
BEGINNING: Final = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Watched:
    """Of n cases when the machine may decide about them (`ready`, in months, (n,)), and which of them it decides about
    with zeros (`zeroed`); when the failure was noticed, in working days after its first case (None: never), and how
    many times a source was stopped that had not failed."""

    ready: FloatArray
    zeroed: BoolArray
    noticed_after: int | None
    false_alarms: int


def unwatched(cases: Cases, calendar: Calendar, *, fails: bool) -> Watched:
    """The same without any watch: the monthly report shows the failure."""
    days = calendar.unnoticed_days + calendar.mend_days
    until = calendar.failure + days / DAYS
    zeroed = (cases.source == FAILING) & (cases.at >= calendar.failure) & (cases.at < until) & fails
    return Watched(cases.at, zeroed, None, 0)


def watched(cases: Cases, calendar: Calendar, *, fails: bool, breaks: bool = True) -> Watched:
    """Every source, day after day; with the breaker or (not `breaks`) without it."""
    found = [
        _one_source(cases, calendar, source, fails=fails and source == FAILING, breaks=breaks)
        for source in range(len(SOURCES))
    ]
    ready, zeroed = cases.at.copy(), np.zeros(len(cases), dtype=np.bool_)
    for source, each in enumerate(found):
        mine = cases.source == source
        ready[mine], zeroed[mine] = each.ready[mine], each.zeroed[mine]
    return Watched(ready, zeroed, found[FAILING].noticed_after, sum(each.false_alarms for each in found))


def _one_source(cases: Cases, calendar: Calendar, source: int, *, fails: bool, breaks: bool) -> Watched:
    day = cases.month * DAYS + cases.day
    mine = cases.source == source
    ready, zeroed = cases.at.copy(), np.zeros(len(cases), dtype=np.bool_)
    reference = _usual(cases, np.flatnonzero(mine & (day < 0)))
    earlier: deque[Profile] = deque(maxlen=WINDOW)
    breaker = SourceBreaker.of(cases.values[day < 0]) if breaks else None
    starts = calendar.failure * DAYS
    mended = starts + calendar.unnoticed_days + calendar.mend_days if fails else starts
    noticed: int | None = None
    alarms, today = 0, 0
    while today < calendar.months * DAYS:
        rows = np.flatnonzero(mine & (day == today))
        failed = starts <= today < mended
        watch = _look(cases, rows, reference, earlier, failed=failed)
        stopped = 0 if watch.is_bad else None
        if breaker is not None and stopped is None:
            stopped = breaker.opens_at((cases.zeroed if failed else cases.values)[rows])
        decided = rows[:stopped]
        zeroed[decided] = failed
        if stopped is None:
            earlier.append(watch.profiles.get(PRODUCT, Profile()))
            today += 1
            continue
        if failed:
            noticed = today - starts
            mended = today + calendar.mend_days
            back = mended
        else:
            alarms += 1
            back = today + ASKED_AFTER
        waiting = mine & (day >= today) & (day < back)
        waiting[decided] = False
        ready[waiting] = back / DAYS
        earlier.clear()
        if breaker is not None:
            breaker.close(new_usual=not failed)
        if not failed:
            reference = _usual(cases, np.flatnonzero(mine & (day < back) & (day >= today - DAYS))) or reference
        today = back
    return Watched(ready, zeroed, noticed, alarms)


def _look(cases: Cases, rows: IntArray, reference: Reference | None, earlier: deque[Profile], *, failed: bool) -> Watch:
    known = {PRODUCT: reference} if reference else {}
    watch = Watch(0, 0, BEGINNING, known, {}, {PRODUCT: [*reversed(earlier)]})
    watch.look({PRODUCT: _rows(cases, rows, failed=failed)})
    return watch


def _usual(cases: Cases, rows: IntArray) -> Reference | None:
    return make_reference(_rows(cases, rows[-REFERENCE_MOST:], failed=False))


def _rows(cases: Cases, rows: IntArray, *, failed: bool) -> list[Row]:
    """The cases as a source sends them: the segment is a word."""
    values = (cases.zeroed if failed else cases.values)[rows].tolist()
    told = [dict(zip(NAMES, each, strict=True)) for each in values]
    for each, amount in zip(told, cases.exposure[rows].tolist(), strict=True):
        each["amount"] = amount
    return [{**each, NAMES[SEGMENT]: f"S{each[NAMES[SEGMENT]]:.0f}"} for each in told]
