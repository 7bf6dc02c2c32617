"""The page of one case: evidence, the model's answer, the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desk.charts import Bar, Ruler, Step
from desk.pages.case_file import FilePart
from desk.pages.deciding import NextStep, PassLink
from desk.pages.lists import Option
from desk.pages.money import DecisionCosts, Grant
from desk.pages.opinions import OpinionForm, Veil
from desk.pages.pending import Pending
from desk.pages.shared import Action, CaseHead, Direction, Event, FactGroup, Finding, Problem, Tone


@dataclass(frozen=True)
class Lease:
    """Who holds the case. Only the holder gets `extend_url`, `release_url` and the countdown."""

    mine: bool
    holder: str = ""
    seconds_left: int = 0
    ends_at: str = ""
    extend_url: str = ""
    release_url: str = ""


@dataclass(frozen=True)
class Reason:
    """A row of the explanation: the sentence, and its step of the waterfall in percentage points of PD; `withheld` when
    it rests on something that must not be named to the applicant."""

    words: str
    direction: Direction
    points: str
    bar: Bar
    code: str = ""
    withheld: bool = False


@dataclass(frozen=True)
class Waterfall:
    """From the PD of others (`base_words` says whose) to this case's; the rows and `others` sum to the difference;
    `norm_words` says whose median a sentence calls typical."""

    title: str
    base_words: str
    base_pd: str
    base_bar: Bar
    reasons: tuple[Reason, ...]
    others: Step | None
    pd: str
    pd_bar: Bar
    norm_words: str


@dataclass(frozen=True)
class DoubtPart:
    """A named part of the model's doubt, e.g. `models disagree` `12%` with a bar, and what it rests on here."""

    words: str
    value: str
    bar: Bar
    sentence: str = ""


@dataclass(frozen=True)
class ChangeOption:
    """One way to another answer: the facts that change, and the PD the model would then give."""

    words: str
    pd: str


@dataclass(frozen=True)
class RuleLine:
    """One rule of the policy for this case: `told` is what it found, or the first thing that failed."""

    id: str
    words: str
    state: str
    state_words: str
    way: str
    told: str = ""
    decides: bool = False


@dataclass(frozen=True)
class WhatIf:
    """What the model answers when asked: `options` that reach what `aim` says, and whether its reasons hold.

    `refusal` stands alone where nothing can be asked; `doubted` are reasons that the model does not bear out.
    """

    aim: str = ""
    options: tuple[ChangeOption, ...] = ()
    doubted: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Assessment:
    """What the model says. `why` and `cohort` are None where the explanation does not add up or there is none.

    `what_if_url` asks the model what would change its answer, `what_if_key` is the key for it; `what_if` is the answer.
    `leaned` is what the reader thought before they saw it. `others` are sentences: what it would be under other models.
    """

    pd: str
    pd_range: str
    book_pd: str
    cut_off: str
    points: str
    margin: str
    ruler: Ruler
    ruler_words: str
    explanation_holds: bool
    why: Waterfall | None
    cohort: Waterfall | None
    doubt: str
    doubt_level: Literal["low", "middle", "high"]
    doubt_words: str
    doubt_parts: tuple[DoubtPart, ...]
    advice: Literal["approve", "decline", "review"]
    advice_words: str
    route_reasons: tuple[str, ...]
    model: str
    model_url: str
    trained: str
    policy: str
    scored_at: str
    what_if_url: str = ""
    what_if_key: str = ""
    what_if: WhatIf | None = None
    rules: tuple[RuleLine, ...] = ()
    leaned: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecisionOption:
    """A choice in the decision bar; `key` is an event.code, `cap` what its <kbd> prints."""

    value: str
    words: str
    key: str
    cap: str
    tone: Tone
    needs_codes: bool = False
    needs_note: bool = False
    hint: str = ""


@dataclass(frozen=True)
class ReasonCode:
    """A coded reason a person may tick; the frequent ones have a digit (`key` `Digit1`, `cap` `1`).

    `fits` are the decisions it can be given for, separated by spaces.
    """

    code: str
    words: str
    fits: str
    key: str = ""
    cap: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class SignOff:
    """A choice (`outcome` as in DecisionOption.value) that a second person, or two, will be asked to sign, and why."""

    outcome: str
    title: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class DecisionForm:
    """The decision bar. Fields: decision, reason_codes (many), note, signer, version, view; button `release_url` posts
    too. `signers` are listed once they were asked for, at `signers_url`. `changed` is what happened behind the version
    that was refused; `taken_back` that the form holds an old decision.
    """

    action_url: str
    version: int
    view: str
    options: tuple[DecisionOption, ...]
    codes: tuple[ReasonCode, ...]
    advice: str
    chosen: str = ""
    note: str = ""
    sign_offs: tuple[SignOff, ...] = ()
    problems: tuple[Problem, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    signers: tuple[Option, ...] = ()
    signers_url: str = ""
    phrases_url: str = ""
    ways_out: tuple[PassLink, ...] = ()
    goes_on: bool = True
    taken_back: bool = False
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signed:
    """A second person who confirmed a decision. `for_whom` gave them the pen, `codes` are the reasons they found right;
    `void` when the case has changed since, so that it does not count."""

    by: str
    at: str
    note: str = ""
    for_whom: str = ""
    codes: tuple[str, ...] = ()
    void: bool = False


@dataclass(frozen=True)
class Decided:
    """A decision that was taken, by whom and why, and who signed it; `progress` says what is still to be signed, `lean`
    what its maker thought before they saw the model."""

    words: str
    tone: Tone
    by: str
    at: str
    codes: tuple[str, ...] = ()
    note: str = ""
    override: bool = False
    spent: str = ""
    released: str = ""
    signatures: tuple[Signed, ...] = ()
    progress: str = ""
    lean: str = ""


@dataclass(frozen=True)
class CasePage:
    """desk/case.html (partials `case`, `case_next`). Exactly one of `form`, `opinion`, `decided`, `notice` fills the
    foot. `veil` stands for everything that comes from the model while the case is blind for its reader.

    `form` for the holder; `decided` with `awaiting` when the decision still needs a signature; `notice` with
    `actions` for everyone else (claim, take over, read only).
    """

    head: CaseHead
    lease: Lease
    findings: tuple[Finding, ...]
    facts: tuple[FactGroup, ...]
    assessment: Assessment | None
    events: tuple[Event, ...]
    queue_url: str
    own_url: str = ""
    version: int = 0
    previous_url: str = ""
    next_url: str = ""
    no_score: str = ""
    grant: Grant | None = None
    costs: DecisionCosts | None = None
    form: DecisionForm | None = None
    veil: Veil | None = None
    opinion: OpinionForm | None = None
    decided: Decided | None = None
    awaiting: str = ""
    pending: Pending | None = None
    sign_url: str = ""
    notice: str = ""
    actions: tuple[Action, ...] = ()
    file: FilePart | None = None
    flash: str = ""
