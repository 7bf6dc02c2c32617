"""The sign-off list and the page on which a decision is signed or sent back."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.case import Assessment, Decided
from desk.pages.money import Grant
from desk.pages.shared import CaseHead, Event, FactGroup, Finding, Problem, TimeLeft, Tone


@dataclass(frozen=True)
class SignoffRow:
    """A decision waiting for a signature. `own` marks the reader's own case, which they cannot sign; `progress` says
    how far one that needs two is signed."""

    ref: str
    url: str
    applicant: str
    product: str
    amount: str
    advice: str
    decision: str
    decision_tone: Tone
    decided_by: str
    why: str
    waiting: TimeLeft
    progress: str = ""
    override: bool = False
    own: bool = False


@dataclass(frozen=True)
class SignoffListPage:
    """desk/signoff_list.html."""

    rows: tuple[SignoffRow, ...]
    shown_words: str
    next_url: str = ""


@dataclass(frozen=True)
class LimitLine:
    """A limit of the policy or of the reviewer's authority against this case; `broken` when the case is beyond it."""

    words: str
    limit: str
    here: str
    broken: bool


@dataclass(frozen=True)
class SignoffPage:
    """desk/signoff.html. Fields: act (confirm | send_back), reason, version. `refusal` is set for who may not sign."""

    head: CaseHead
    why: tuple[str, ...]
    assessment: Assessment | None
    decided: Decided
    limits: tuple[LimitLine, ...]
    policy: str
    grant: Grant | None
    findings: tuple[Finding, ...]
    facts: tuple[FactGroup, ...]
    events: tuple[Event, ...]
    list_url: str
    case_url: str
    action_url: str
    version: int
    refusal: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = ()
