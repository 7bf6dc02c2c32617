"""The quality rules, and why cases are held."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class RulesPage:
    """desk/quality_rules.html. Fields: product, source, text, reason. `set_url` is "" for whoever only reads."""

    product: str
    source: str
    text: str
    versions: tuple[RulesVersionRow, ...]
    list_url: str
    set_url: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = ()
