"""How a source is reached: its form, what is done with it, what it said last, and the last pulls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from desk.pages.shared import Problem, StateMark

FieldKind = Literal["text", "number", "area"]


@dataclass(frozen=True)
class ConnectorField:
    """A setting; `note` says what it means."""

    name: str
    words: str
    value: str
    kind: FieldKind = "text"
    note: str = ""


@dataclass(frozen=True)
class PullRow:
    """One time the database was asked; `read_again` are the rows of a look-back, `late` those of them that were new."""

    at: str
    by: str
    state: StateMark
    rows: str
    accepted: str
    rejected: str
    read_again: str
    late: str
    problem: str = ""


@dataclass(frozen=True)
class PeekRow:
    """A row as it was read, and what is wrong with it."""

    cells: tuple[str, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class PeekTable:
    """The first rows, or why there are none."""

    columns: tuple[str, ...] = ()
    rows: tuple[PeekRow, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class KindLink:
    """A kind of connector to be set up."""

    words: str
    url: str


@dataclass(frozen=True)
class ConnectorPart:
    """The part of desk/source.html about its connector. Fields of the form: kind, address, those of `fields`, anew,
    reason; acts: peek, pull, pause, resume. `set_url` is "" for whoever only reads; `is_again`
    says that the address was typed with a password, which is to be typed again."""

    kinds: tuple[KindLink, ...] = ()
    kind: str = ""
    kind_words: str = ""
    fields: tuple[ConnectorField, ...] = ()
    address: str = ""
    example: str = ""
    typed_address: str = ""
    is_again: bool = False
    is_new: bool = True
    state: StateMark | None = None
    is_active: bool = False
    has_pulls: bool = False
    begins_anew: bool = False
    reached: str = ""
    late: str = ""
    problem: str = ""
    problem_at: str = ""
    pulls: tuple[PullRow, ...] = ()
    peek: PeekTable | None = None
    set_url: str = ""
    act_url: str = ""
    reason: str = ""
    why: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)
