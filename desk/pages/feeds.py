"""Decisions as streams: the feeds, and one of them with its form, its messages and its steps."""

from __future__ import annotations

from dataclasses import dataclass, field

from desk.pages.shared import Problem, StateMark
from desk.pages.sources import SourceStepRow


@dataclass(frozen=True)
class FeedRow:
    """A feed in the list; `waiting` counts its decisions."""

    slug: str
    url: str
    kind: str
    target: str
    state: StateMark
    waiting: str
    problem: str = ""


@dataclass(frozen=True)
class FeedForm:
    """Fields: slug and kind (new ones), address, target, most_kept, reason. `set_url` is "" for whoever only reads."""

    kinds: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    address: str = ""
    typed_address: str = ""
    target: str = ""
    most_kept: str = ""
    keeps: bool = True
    set_url: str = ""
    slug: str = ""
    is_new: bool = False
    reason: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class FeedMessageRow:
    """One decision: of which case, what became of it, when it goes out or went."""

    message_id: str
    ref: str
    case_url: str
    state: StateMark
    at: str


@dataclass(frozen=True)
class FeedPage:
    """desk/feed.html. Acts: pause, resume; field: why."""

    slug: str
    kind: str
    state: StateMark
    form: FeedForm
    messages: tuple[FeedMessageRow, ...]
    steps: tuple[SourceStepRow, ...]
    list_url: str
    problem: str = ""
    problem_at: str = ""
    act_url: str = ""
    is_active: bool = True
    problems: tuple[Problem, ...] = field(default_factory=tuple)
