"""The page of one case: evidence, the model's answer, the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desk.charts import Bar, Ruler, Step
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
    """A row of the explanation: the sentence, and its step of the waterfall in percentage points of PD."""

    words: str
    direction: Direction
    points: str
    bar: Bar
    code: str = ""


@dataclass(frozen=True)
class DoubtPart:
    """A named part of the model's doubt, e.g. `models disagree` `12%` with a bar."""

    words: str
    value: str
    bar: Bar


@dataclass(frozen=True)
class Assessment:
    """What the model says: reasons go from `base_pd` to `pd`; the rows and `others` sum to the printed difference."""

    pd: str
    pd_range: str
    points: str
    margin: str
    base_pd: str
    ruler: Ruler
    ruler_words: str
    base_bar: Bar
    reasons: tuple[Reason, ...]
    others: Step | None
    pd_bar: Bar
    doubt: str
    doubt_level: Literal["low", "middle", "high"]
    doubt_words: str
    doubt_parts: tuple[DoubtPart, ...]
    advice: Literal["approve", "decline", "review"]
    advice_words: str
    route_reasons: tuple[str, ...]
    model: str
    trained: str
    policy: str
    scored_at: str


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
class DecisionForm:
    """The decision bar. Fields: decision, reason_codes (many), note, version, view; button `release_url` posts too."""

    action_url: str
    version: int
    view: str
    options: tuple[DecisionOption, ...]
    codes: tuple[ReasonCode, ...]
    advice: str
    chosen: str = ""
    note: str = ""
    sign_off_reasons: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Decided:
    """A decision that was taken, by whom and why."""

    words: str
    tone: Tone
    by: str
    at: str
    codes: tuple[str, ...] = ()
    note: str = ""
    override: bool = False
    spent: str = ""
    signed_by: str = ""
    signed_at: str = ""


@dataclass(frozen=True)
class CasePage:
    """desk/case.html (partials `case`, `case_next`). Exactly one of `form`, `decided`, `notice` fills the foot.

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
    previous_url: str = ""
    next_url: str = ""
    no_score: str = ""
    form: DecisionForm | None = None
    decided: Decided | None = None
    awaiting: str = ""
    sign_url: str = ""
    notice: str = ""
    actions: tuple[Action, ...] = ()
    flash: str = ""
