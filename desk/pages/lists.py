"""Held data, all cases and imported files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desk.charts import Bar
from desk.pages.first_looks import LookMark
from desk.pages.quality import HeldGroup
from desk.pages.shared import Action, CaseHead, Event, FactGroup, Finding, Problem, StateMark


@dataclass(frozen=True)
class HeldRow:
    """A case whose data is held, with what was found."""

    ref: str
    url: str
    applicant: str
    source: str
    product: str
    amount: str
    findings: tuple[str, ...]
    since: str


@dataclass(frozen=True)
class HeldPage:
    """desk/held.html. `all_url` is set where only some reason is shown; `links` counts pairs of applicants in doubt."""

    rows: tuple[HeldRow, ...]
    shown_words: str
    next_url: str = ""
    links: str = ""
    links_url: str = ""
    groups: tuple[HeldGroup, ...] = ()
    all_url: str = ""


@dataclass(frozen=True)
class SupplyField:
    """A value somebody has to supply. Posted as `feature-<name>`; `choices` (value, words) make it a list."""

    name: str
    words: str
    kind: Literal["number", "text", "choice", "flag"]
    value: str
    now: str = ""
    unit: str = ""
    hint: str = ""
    problem: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True


@dataclass(frozen=True)
class HeldCasePage:
    """desk/held_case.html. Fields: feature-<name>…, reason, version.

    `refusal` says why nothing can be supplied here; then there are no `fields`. Without either nothing is missing, and
    the case goes on with a reason. `lenders` says which side of a check only the lender may say, and which can be
    mended here. `follows` says what is computed anew. `ends` says who may withdraw it, where the reader may not.
    """

    head: CaseHead
    findings: tuple[Finding, ...]
    fields: tuple[SupplyField, ...]
    facts: tuple[FactGroup, ...]
    events: tuple[Event, ...]
    list_url: str
    action_url: str
    version: int
    reason: str = ""
    refusal: str = ""
    problems: tuple[Problem, ...] = ()
    actions: tuple[Action, ...] = ()
    ends: str = ""
    lenders: str = ""
    follows: str = ""


@dataclass(frozen=True)
class Option:
    """A choice of a filter."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class Filter:
    """A filter as a drop-down; `name` is its query parameter, its first option has the empty value."""

    name: str
    words: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class CaseRow:
    """A case in the list of all cases."""

    ref: str
    url: str
    external_ref: str
    source: str
    applicant: str
    product: str
    kind: str
    amount: str
    pd: str
    state: StateMark
    decided_by: str
    received_at: str


@dataclass(frozen=True)
class CasesPage:
    """desk/cases.html. GET fields: q and one per filter. `next_url` is a keyset page."""

    url: str
    search: str
    filters: tuple[Filter, ...]
    rows: tuple[CaseRow, ...]
    shown_words: str
    filtered: bool
    next_url: str = ""
    first_url: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a file that is taken in has come: `value` of about `top` rows, which is "" where nobody knows it."""

    words: str
    value: str
    top: str = ""


@dataclass(frozen=True)
class ImportRow:
    """A file, or messages that came together; `held` cases wait for a person. `bars` are accepted, duplicates and
    rejected as parts of one line. `progress` is there while it is taken in, `look` where nobody has looked at how it is
    read."""

    file: str
    source: str
    mapping: str
    by: str
    at: str
    state: StateMark
    rows: str
    accepted: str
    duplicates: str
    rejected: str
    held: str
    bars: tuple[Bar, ...]
    rejected_url: str = ""
    progress: Progress | None = None
    key: str = ""
    problem: str = ""
    look: LookMark | None = None


@dataclass(frozen=True)
class IncomingRow:
    """A file that waits, or was refused as a whole; `problem` says why, and `mapping_url` leads to the mapping of its
    source where that may help."""

    name: str
    source: str
    at: str
    by: str
    state: StateMark
    problem: str = ""
    mapping_url: str = ""


@dataclass(frozen=True)
class ImportsPage:
    """desk/imports.html. Upload fields: source, file (several). `upload_url` is "" for whoever only reads; `sent`
    are the files that were taken beside those that were refused. The lists read themselves anew every `seconds`."""

    rows: tuple[ImportRow, ...]
    shown_words: str
    updated_at: str
    seconds: str
    next_url: str = ""
    incoming: tuple[IncomingRow, ...] = ()
    upload_url: str = ""
    source: str = ""
    source_hint: str = ""
    sources: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
