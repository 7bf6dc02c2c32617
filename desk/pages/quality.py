"""The quality rules, and why cases are held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desk.pages.shared import Problem


@dataclass(frozen=True)
class HeldGroup:
    """A reason why cases of a source are held, and the list of them."""

    words: str
    source: str
    cases: str
    url: str
    chosen: bool = False


@dataclass(frozen=True)
class RulesRow:
    """The rules of a product, or of one source for it. `version` is "" for shipped ones."""

    product: str
    source: str
    version: str
    by: str
    at: str
    url: str


@dataclass(frozen=True)
class QualityPage:
    """desk/quality.html. GET fields of the form: product, source."""

    rows: tuple[RulesRow, ...]
    edit_url: str


@dataclass(frozen=True)
class RulesVersionRow:
    """One version of the rules."""

    number: str
    at: str
    by: str
    reason: str
    url: str


@dataclass(frozen=True)
class DiffLine:
    """A line of two texts that are compared: in both, in one of them, or the gap where lines are left out."""

    kind: Literal["same", "new", "gone", "gap"]
    text: str


@dataclass(frozen=True)
class RulesVersion:
    """A version that is opened; `lines` are what differs from the version `before`, "" where it is the first."""

    number: str
    at: str
    by: str
    reason: str
    text: str
    before: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True)
class RulesPage:
    """desk/quality_rules.html. Fields: product, source, text, reason, seen (number of the version the text was written
    over), over. `set_url` is "" for whoever only reads. `newer` is the version that somebody else set meanwhile, whose
    number `over` says may be written over."""

    product: str
    source: str
    text: str
    versions: tuple[RulesVersionRow, ...]
    list_url: str
    set_url: str = ""
    reason: str = ""
    seen: str = "0"
    newer: str = ""
    version: RulesVersion | None = None
    problems: tuple[Problem, ...] = ()
