"""Where cases come from: the sources, and one source with its form, its batches and its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from desk.pages.connectors import ConnectorPart
from desk.pages.first_looks import LookMark
from desk.pages.mappings import ProposalMark
from desk.pages.shared import Problem, StateMark
from desk.sparks import Spark


@dataclass(frozen=True)
class HealthLines:
    """The last batches as sparklines: rows, shares of refused rows and of missing cells, shift (stability index)."""

    volume: Spark | None = None
    refused: Spark | None = None
    missing: Spark | None = None
    shift: Spark | None = None


@dataclass(frozen=True)
class SignLine:
    """One thing that is not as usual."""

    words: str
    is_bad: bool


@dataclass(frozen=True)
class DecidedRow:
    """A case that was decided since the first sign."""

    ref: str
    url: str
    decided_by: str
    outcome: str
    at: str
    amount: str


@dataclass(frozen=True)
class DecidedPage:
    """desk/source_decided.html."""

    title: str
    since: str
    source_url: str
    rows: tuple[DecidedRow, ...]
    shown_words: str
    next_url: str = ""


@dataclass(frozen=True)
class Quarantine:
    """Why the source is quarantined, how many cases wait, and the form that releases it (where `release_url`)."""

    since: str
    signs: tuple[SignLine, ...]
    held: str
    release_url: str = ""
    reason: str = ""


@dataclass(frozen=True)
class SourceRow:
    """A source: who answers for it, what it promised, and what came last; `days` are those with far more cases than
    usual, far fewer, or far later; `watched` says since when it shows its signs, `proposal` what mapping waits for a
    signature, `look` that cases wait until somebody has looked at how its columns are read."""

    title: str
    slug: str
    url: str
    kind: str
    owner: str
    promise: tuple[str, ...]
    trust: str
    state: StateMark
    last: str
    rows: str
    lines: HealthLines
    signs: tuple[SignLine, ...] = ()
    days: tuple[str, ...] = ()
    silence: str = ""
    watched: str = ""
    proposal: ProposalMark | None = None
    look: LookMark | None = None


@dataclass(frozen=True)
class SourcesPage:
    """desk/sources.html. Fields of the form: slug, reason; `add_url` is "" for whoever only reads."""

    rows: tuple[SourceRow, ...]
    shown_words: str
    next_url: str = ""
    add_url: str = ""
    slug: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class SourceField:
    """A setting; `options` (value, words) make it a list."""

    name: str
    words: str
    value: str
    kind: Literal["text", "number", "choice"]
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class BatchRow:
    """What arrived together, with its counts."""

    name: str
    mapping: str
    at: str
    state: StateMark
    rows: str
    accepted: str
    held: str
    duplicates: str
    rejected: str
    rejected_url: str = ""


@dataclass(frozen=True)
class SourceStepRow:
    """One change of the source."""

    at: str
    by: str
    name: str
    details: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class SourcePage:
    """desk/source.html. Fields: the settings and reason. `set_url` is "" for whoever only reads; `days` and `watched`
    as in the row of the source; `signs` are those for which it is not quarantined, `is_usual` says that there are none
    at all."""

    title: str
    slug: str
    state: StateMark
    fields: tuple[SourceField, ...]
    batches: tuple[BatchRow, ...]
    steps: tuple[SourceStepRow, ...]
    list_url: str
    mapping_url: str
    lines: HealthLines
    signs: tuple[SignLine, ...] = ()
    is_usual: bool = True
    days: tuple[str, ...] = ()
    silence: str = ""
    watched: str = ""
    proposal: ProposalMark | None = None
    look: LookMark | None = None
    quarantine: Quarantine | None = None
    decided_url: str = ""
    decided_since: str = ""
    connector: ConnectorPart | None = None
    kept_url: str = ""
    kept_words: str = ""
    set_url: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)
