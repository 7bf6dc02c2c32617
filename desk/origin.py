"""By what the facts of a case came: a row of a file or a system of the lender, at first and when sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cases.models import CaseEvent
from intake.models import Way

SENT_AGAIN: Final = "resubmit"


@dataclass(frozen=True)
class Origin:
    """The row of a file, or the system, a case came from; all empty where a person entered it."""

    file: str = ""
    row: int | None = None
    token: str = ""
    file_id: int | None = None


NOWHERE: Final = Origin()


def origin_of(name: str, kind: str | None, row: int | None, batch: int | None) -> Origin:
    """Of the batch called `name`."""
    return Origin(name, row, file_id=batch) if kind == Way.FILE else Origin(token=name)


def is_sent_again(event: CaseEvent) -> bool:
    """Whether the source of a returned case sent it again with this event."""
    return event.name == SENT_AGAIN and "batch" in event.facts


def came_last(events: Sequence[CaseEvent], first: Origin) -> Origin:
    """By what a case stands that came by `first`: the last time it was sent again, if ever."""
    sent = next((event.facts for event in reversed(events) if is_sent_again(event)), None)
    return first if sent is None else _origin_of_event(sent)


def _origin_of_event(facts: Mapping[str, Any]) -> Origin:
    """Events of before do not tell the row."""
    if "file" in facts:
        return Origin(facts["file"], facts.get("row"), file_id=facts["batch"])
    return Origin(token=next((str(facts[way]) for way in ("token", "database", "stream") if way in facts), ""))
