"""Applicants that may be one."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.shared import Problem, RevealForm


@dataclass(frozen=True)
class LinkSide:
    """One of two applicants: where it comes from, what it is called there, and its newest case."""

    source: str
    reference: str
    name: str
    numbers: tuple[str, ...]
    cases: str
    case_ref: str = ""
    case_url: str = ""


@dataclass(frozen=True)
class LinkRow:
    """Two applicants. `may_join` and `may_part` say which answers are left; `said` who answered, when and why;
    `without_effect` why an answer brings nobody together; `reveal` has both shown at once, None where neither has a
    case."""

    pk: int
    state: str
    sides: tuple[LinkSide, LinkSide]
    evidence: tuple[str, ...]
    since: str
    said: str = ""
    without_effect: str = ""
    reveal: RevealForm | None = None
    may_join: bool = False
    may_part: bool = False
    problems: tuple[Problem, ...] = ()
    typed: str = ""


@dataclass(frozen=True)
class LinksPage:
    """desk/links.html. `tabs` are (words, address, chosen)."""

    rows: tuple[LinkRow, ...]
    tabs: tuple[tuple[str, str, bool], ...]
    settle_url: str
    held_url: str
    shown_words: str
    next_url: str = ""
