"""The sign-off list, the page on which a decision is signed, changed or sent back, and the pens that are given away."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.case import Assessment, Decided, ReasonCode
from desk.pages.case_file import DocumentsCard
from desk.pages.mappings import ProposalRow
from desk.pages.money import Grant
from desk.pages.overview import Pair
from desk.pages.pending import Pending
from desk.pages.shared import CaseHead, Event, FactGroup, Finding, Problem, TimeLeft, Tone


@dataclass(frozen=True)
class SignoffRow:
    """A decision waiting for a signature. `progress` says how far one that needs several is signed; `asked` who asked
    for the reader's own; `void` that the case has changed since; `refusal` why the reader cannot confirm it."""

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
    left: TimeLeft
    progress: str = ""
    override: bool = False
    asked: str = ""
    void: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class ReopeningRow:
    """A decided case that somebody wants opened again; `own` is the reader's own request, which they cannot answer, and
    `apart` one on an applicant with whom they have a conflict of interest."""

    key: str
    ref: str
    url: str
    applicant: str
    amount: str
    decision: str
    decision_tone: Tone
    asked_by: str
    asked_at: str
    reason: str
    own: bool
    apart: bool = False
    note: str = ""
    problem: str = ""


@dataclass(frozen=True)
class SignoffListPage:
    """desk/signoff_list.html. An answer posts reopening (key), verdict (approve | refuse) and note to `answer_url`."""

    rows: tuple[SignoffRow, ...]
    shown_words: str
    delegations_url: str
    updated_at: str
    reopenings: tuple[ReopeningRow, ...] = ()
    mappings: tuple[ProposalRow, ...] = ()
    answer_url: str = ""
    pen: str = ""
    next_url: str = ""


@dataclass(frozen=True)
class LimitLine:
    """A limit of the policy or of an authority against this case; `broken` when the case is beyond it."""

    words: str
    limit: str
    here: str
    broken: bool


@dataclass(frozen=True)
class WhyLine:
    """Why a signature is needed; `url` leads to the table of the policy that asks for it."""

    words: str
    row: str = ""
    url: str = ""


@dataclass(frozen=True)
class FixOption:
    """An outcome the signer may find right; another than the reviewer's is a new decision."""

    value: str
    words: str
    tone: Tone
    chosen: bool
    decided: bool
    hint: str = ""


@dataclass(frozen=True)
class FixForm:
    """Sign with other reasons, or decide otherwise. Fields: act (fix), outcome, reason_codes (many), note, version."""

    options: tuple[FixOption, ...]
    codes: tuple[ReasonCode, ...]
    note: str
    open: bool
    sign_words: str
    revise_words: str


@dataclass(frozen=True)
class SignoffPage:
    """desk/signoff.html. Fields: act (confirm | fix | send_back), reason, version. `refusal` says why the reader may
    not confirm; `confirms`, `sends_back` what they may do."""

    head: CaseHead
    why: tuple[WhyLine, ...]
    assessment: Assessment | None
    decided: Decided
    lean: str
    limits: tuple[LimitLine, ...]
    policy: str
    policy_url: str
    grant: Grant | None
    findings: tuple[Finding, ...]
    facts: tuple[FactGroup, ...]
    events: tuple[Event, ...]
    hashes: tuple[Pair, ...]
    documents: DocumentsCard
    pending: Pending
    list_url: str
    case_url: str
    action_url: str
    version: int
    refusal: str = ""
    pen: str = ""
    confirms: bool = False
    sends_back: bool = False
    fix: FixForm | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class PersonOption:
    """Somebody to choose; `value` is posted."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class AskSignerPage:
    """desk/ask_signer.html. Fields: signer, reason, version."""

    head: CaseHead
    decided: Decided
    people: tuple[PersonOption, ...]
    action_url: str
    back_url: str
    version: int
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class DelegationRow:
    """A pen that is or will be in another's hand; `end_words` names what ending it posts, "" for who may not."""

    key: str
    giver: str
    holder: str
    days: str
    reason: str
    state: str
    holds: bool
    end_words: str = ""


@dataclass(frozen=True)
class DelegationForm:
    """Fields: holder, first_day, last_day (`2026-11-28`), reason. No day before `earliest`."""

    action_url: str
    people: tuple[PersonOption, ...]
    first_day: str
    last_day: str
    reason: str
    earliest: str


@dataclass(frozen=True)
class DelegationsPage:
    """desk/delegations.html. Ending one posts its key as `delegation` to `end_url`."""

    rows: tuple[DelegationRow, ...]
    past: tuple[DelegationRow, ...]
    list_url: str
    end_url: str
    form: DelegationForm | None = None
    problems: tuple[Problem, ...] = ()
