"""Months, days and moments that cases hold, as what one of them is compared with another. No database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from enum import IntEnum

from intake.mapped.case_mapping import CHINA
from intake.values.cell_dates import MONTH, read_moment, span_of_text
from intake.values.cells import CellError

# Numbers written as texts are codes, unless a whole day is packed in them: 20260105.
_CODE = re.compile(r"(?!(?:\d{8}|\d{14})$)\d+(?:\.\d+)?", re.ASCII)


class Depth(IntEnum):
    """How much of a moment a value tells."""

    MONTH = 1
    DAY = 2
    MOMENT = 3


@dataclass(frozen=True)
class ToldTime:
    """A moment by the office clock, and how much of it is told."""

    moment: datetime
    depth: Depth

    def down_to(self, depth: Depth) -> tuple[object, ...]:
        """What tells it from others, no deeper than that."""
        day = self.moment.date()
        return {Depth.MONTH: (day.year, day.month), Depth.DAY: (day,), Depth.MOMENT: (self.moment,)}[depth]

    def __str__(self) -> str:
        form = {Depth.MONTH: "%Y-%m", Depth.DAY: "%Y-%m-%d", Depth.MOMENT: "%Y-%m-%d %H:%M"}[self.depth]
        return self.moment.strftime(form)


def told_time(value: object) -> ToldTime | None:
    """The month, day or moment that a text or a moment tells; None for anything else. Midnight by the office clock is a
    day: so files give days."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return None
    if not isinstance(value, str | datetime):
        return None
    try:
        moment = read_moment(value, CHINA).astimezone(CHINA)
    except (CellError, OverflowError):
        return None
    if isinstance(value, str) and span_of_text(value) == MONTH:
        return ToldTime(moment, Depth.MONTH)
    return ToldTime(moment, Depth.DAY if moment.time() == time.min else Depth.MOMENT)


def order_of(first: ToldTime, second: ToldTime) -> int | None:
    """-1, 0 or 1 as the first is before, the same as or after the second; None where the one that tells less of itself
    may be either: 2026-01 beside 2026-01-05."""
    depth = min(first.depth, second.depth)
    one, other = first.down_to(depth), second.down_to(depth)
    if one == other:
        return 0 if first.depth == second.depth else None
    return -1 if one < other else 1
