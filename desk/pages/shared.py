"""What several pages show: the frame, marks, facts, findings, events and the head of a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "soon", "late", "paused", "none"]
Direction = Literal["up", "down"]
Severity = Literal["bad", "warn", "ok"]
Tone = Literal["primary", "approve", "decline", "plain", "quiet"]
KeyMode = Literal["on", "off", "alt"]
Theme = Literal["auto", "light", "dark"]


@dataclass(frozen=True)
class NavItem:
    """A place in the top bar, or `tucked` away in its list of more places. `go_key` is the second key of the chord,
    e.g. `KeyQ` in `KeyG KeyQ`; "" for none. `key` names its count on the page."""

    words: str
    url: str
    current: bool
    count: str = ""
    go_key: str = ""
    tucked: bool = False
    key: str = ""


@dataclass(frozen=True)
class BreakerBanner:
    """That people decide what the machine would: shown above the queue and the overview."""

    words: str
    url: str


@dataclass(frozen=True)
class Shell:
    """The frame: who is signed in and where they may go. `person` is "" when nobody is signed in.

    `person_key` tells people apart who share a browser; `key_map` is their own keys as JSON, "" for the usual ones;
    `key_rows` what each usual key does, with its cap; `case_url` is the address of a case named CR-0, `unread` the
    number of unread notifications, "" for none; `breaker` reads the banner where a page shows one.
    """

    language: Literal["en", "zh-hans"]
    theme: Theme
    keys: KeyMode
    path: str
    home_url: str
    language_url: str
    keys_url: str
    person: str = ""
    role: str = ""
    nav: tuple[NavItem, ...] = ()
    logout_url: str = ""
    key_map: str = ""
    key_rows: tuple[tuple[str, str], ...] = ()
    own_keys_url: str = ""
    case_url: str = ""
    search_url: str = ""
    phrases_url: str = ""
    own_figures_url: str = ""
    notices_url: str = ""
    unread: str = ""
    person_key: str = ""
    breaker: Callable[[], BreakerBanner | None] = lambda: None

    @property
    def has_more(self) -> bool:
        """Whether some places are tucked away."""
        return any(item.tucked for item in self.nav)

    @property
    def more_current(self) -> str:
        """The words of the place one is at, where it is tucked away."""
        return next((item.words for item in self.nav if item.tucked and item.current), "")


@dataclass(frozen=True)
class TimeLeft:
    """Time until the promise to the customer breaks: `1 h 10 min left`, `20 min late`, `paused`; `short` for a column
    whose heading says what it is."""

    words: str
    level: Level
    due_at: str = ""
    short: str = ""


@dataclass(frozen=True)
class Action:
    """A button that posts to `url`. `key` is an event.code (`KeyR`), `cap` what its <kbd> prints (`R`)."""

    words: str
    url: str
    tone: Tone = "plain"
    key: str = ""
    cap: str = ""
    reason_required: bool = False
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Problem:
    """A refused field of a posted form; `field` is the form's field name, or "" for the form as a whole."""

    field: str
    words: str


@dataclass(frozen=True)
class StateMark:
    """A state as a mark: `code` (cases.states.State value) picks the colour, `words` say it."""

    code: str
    words: str


@dataclass(frozen=True)
class Event:
    """One line of the timeline. `at` is a table date, `at_iso` for <time>; `who` may be "machine" in words."""

    at: str
    at_iso: str
    who: str
    what: str
    details: tuple[str, ...] = ()
    by_machine: bool = False


@dataclass(frozen=True)
class Finding:
    """A hard rule or data-quality result: what was found, and where it comes from; `other` is the case that it names,
    for whoever may see it, and `other_url` leads there."""

    severity: Severity
    words: str
    source: str = ""
    other: str = ""
    other_url: str = ""


@dataclass(frozen=True)
class Fact:
    """A value the lender supplied or we derived, beside what is usual. `value` is `--` when missing, then say `why`;
    `norm` is `--` where the model's book holds none. `source_detail` names file and row, system or person; `mark` says
    why the model made no use of a value that is there (too old, or not one it can read). `source_url` leads to where it
    came from in full, `own_source` is `source_detail` where it differs from the origin of the case; `peers` is the norm
    among loans just approved."""

    name: str
    words: str
    value: str
    norm: str = ""
    source: str = ""
    as_of: str = ""
    derived: bool = False
    missing: bool = False
    why: str = ""
    source_detail: str = ""
    age: str = ""
    mark: str = ""
    source_url: str = ""
    own_source: str = ""
    peers: str = ""

    @property
    def is_from_origin(self) -> bool:
        """Whether it comes from where the case as a whole comes from."""
        return bool(self.source_detail) and not self.own_source


@dataclass(frozen=True)
class FactGroup:
    """Facts under one heading; `origin` is where those without an own source come from, with `origin_url` where the
    reader may open it; `common`, on the first of them, is how old most of all facts are: they alone do not say it."""

    words: str
    facts: tuple[Fact, ...]
    origin: str = ""
    origin_url: str = ""
    common: str = ""

    @property
    def has_peers(self) -> bool:
        """Whether a norm among peers is known of any of the facts."""
        return any(fact.peers for fact in self.facts)


@dataclass(frozen=True)
class RevealForm:
    """Having name and numbers shown: posts `why` (one of `choices`: value, words) and `next` to `url`; while they are
    shown, `until` says how long."""

    url: str
    choices: tuple[tuple[str, str], ...] = ()
    until: str = ""


@dataclass(frozen=True)
class CaseHead:
    """The fixed head of every page about one case; `amount_short` stands before the exact amount where it differs."""

    ref: str
    url: str
    applicant: str
    product: str
    kind: str
    amount: str
    term: str
    state: StateMark
    left: TimeLeft
    applied_at: str
    source: str
    external_ref: str
    name_is_derived: bool = False
    region: str = ""
    industry: str = ""
    channel: str = ""
    segment: str = ""
    key_customer: bool = False
    audit_sample: bool = False
    assigned: str = ""
    why_on_top: str = ""
    amount_short: str = ""
    reveal: RevealForm | None = None
