"""Where each fact of a case comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A later change of a fact: by whom and why, and what stood there before."""

    at: str
    by: str
    words: str
    reason: str


@dataclass(frozen=True)
class LineageRow:
    """A fact: the columns it was read from, what was done to their cells in order, and what changed it later."""

    name: str
    words: str
    value: str
    columns: tuple[str, ...]
    steps: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Again:
    """That the case, or content that is known as it, came of a message that was kept whole: when and why that was, and
    who had it tried again when and why."""

    message: str
    kept: str
    why: str
    at: str
    by: str
    reason: str
    became: str


@dataclass(frozen=True)
class Place:
    """Where a case came from, and when. Of what did not come as a table `file`, `row` and `sha256` are "", and
    `mapping` where nothing was joined; `message` is what its row or message is called in its database, stream or topic.
    """

    at: str
    file: str
    sha256: str
    row: str
    mapping: str
    system: str
    message: str


@dataclass(frozen=True)
class LineagePage:
    """desk/lineage.html. `last` is where it came from when its source sent it again, None where it did not; `again` is
    empty but for messages that were kept whole."""

    ref: str
    case_url: str
    source: str
    source_url: str
    first: Place
    last: Place | None
    rows: tuple[LineageRow, ...]
    again: tuple[Again, ...] = ()
