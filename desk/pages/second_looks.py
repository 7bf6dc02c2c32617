"""Blind second looks and the disputes that they open."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.case_file import DocumentsCard
from desk.pages.opinions import OpinionChoice
from desk.pages.shared import FactGroup, Finding, Problem, RevealForm, Tone


@dataclass(frozen=True)
class LookRow:
    """A second look that the reader has answered: what they said, and whether the decision says the same."""

    applicant: str
    product: str
    amount: str
    said: str
    agrees: bool
    result: str
    at: str
    url: str


@dataclass(frozen=True)
class SecondLooksPage:
    """desk/second_looks.html. `waiting` says how many the reader may take; `take_url` posts."""

    waiting: str
    can_take: bool
    take_url: str
    in_hand_url: str
    rows: tuple[LookRow, ...]
    updated_at: str
    disputes_url: str = ""
    disputes: str = ""


@dataclass(frozen=True)
class LookHead:
    """What names the case without naming who decided it, or how."""

    applicant: str
    amount: str
    product: str
    kind: str
    meta: tuple[str, ...]
    reveal: RevealForm


@dataclass(frozen=True)
class CodeChoice:
    """A coded reason; `chosen` after a refused form."""

    code: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class LookForm:
    """Fields: outcome, band, reason_codes (many), note. What was typed comes back after a refusal."""

    action_url: str
    outcomes: tuple[OpinionChoice, ...]
    bands: tuple[OpinionChoice, ...]
    codes: tuple[CodeChoice, ...]
    outcome: str = ""
    band: str = ""
    note: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class SecondLookPage:
    """desk/second_look.html. `form` until it is answered, then `result`."""

    head: LookHead
    findings: tuple[Finding, ...]
    facts: tuple[FactGroup, ...]
    documents: DocumentsCard
    list_url: str
    form: LookForm | None = None
    result: str = ""
    agrees: bool = False
    case_url: str = ""


@dataclass(frozen=True)
class DisputeRow:
    """Two views of one case that differ."""

    url: str
    applicant: str
    product: str
    amount: str
    views: str
    since: str


@dataclass(frozen=True)
class DisputesPage:
    """desk/disputes.html."""

    rows: tuple[DisputeRow, ...]
    list_url: str


@dataclass(frozen=True)
class View:
    """One of two views; `by` is "" until somebody has settled the dispute, `band` too where not both gave one."""

    title: str
    outcome: str
    tone: Tone
    band: str
    codes: tuple[str, ...]
    note: str
    by: str = ""


@dataclass(frozen=True)
class ModelSaid:
    """What the model said, shown when asked for."""

    advice: str
    pd: str
    pd_range: str


@dataclass(frozen=True)
class DisputePage:
    """desk/dispute.html. Fields: outcome, note. `refusal` for who may not settle it, `settled` once somebody has."""

    head: LookHead
    views: tuple[View, ...]
    findings: tuple[Finding, ...]
    facts: tuple[FactGroup, ...]
    documents: DocumentsCard
    list_url: str
    model_url: str
    action_url: str
    outcomes: tuple[OpinionChoice, ...] = ()
    model: ModelSaid | None = None
    outcome: str = ""
    note: str = ""
    problems: tuple[Problem, ...] = ()
    refusal: str = ""
    settled: str = ""
    settled_note: str = ""
    case_url: str = ""
    differs: bool = False
