"""The board of the team, handing cases over, and the rules of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desk.charts import Bar
from desk.pages.capacity import Swatch
from desk.pages.overview import Figure
from desk.pages.shared import Problem

DayKind = Literal["on", "away", "free"]


@dataclass(frozen=True)
class Choice:
    """An option of a list: what is posted, and its words."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class MemberRow:
    """One person of the team since the chosen day. Shares are "" where nothing stands behind them; `few` says that a
    share rests on too few decisions to mean much; `loads` are the bars of what is before them, in one track."""

    name: str
    role: str
    away: bool
    load: str
    load_words: str
    loads: tuple[Bar, ...]
    late: str
    decided: str
    spent: str
    agreement: str
    to_approve: str
    to_decline: str
    too_fast: str
    skipped: str
    few: bool = False
    key: str = ""
    movable: bool = False


@dataclass(frozen=True)
class QueueLine:
    """The waiting cases of a product: how many, how late, how old."""

    words: str
    waiting: str
    late: str
    soon: str
    resting: str
    oldest: str
    ages: tuple[str, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class CalendarDay:
    """A column of the calendar: `weekday` above `day`; `free` where nobody works."""

    day: str
    weekday: str
    free: bool
    words: str


@dataclass(frozen=True)
class CalendarCell:
    """Whether somebody is there on a day, as a colour and as words."""

    kind: DayKind
    sign: str
    words: str


@dataclass(frozen=True)
class CalendarRow:
    name: str
    cells: tuple[CalendarCell, ...]


@dataclass(frozen=True)
class ShiftRow:
    """A case that evening out would hand to somebody else."""

    ref: str
    url: str
    origin: str
    to: str


@dataclass(frozen=True)
class ConflictRow:
    """A stated conflict of interest; `key` is posted as `conflict` to end it, "" for one's own."""

    person: str
    applicant: str
    reason: str
    at: str
    key: str = ""


@dataclass(frozen=True)
class TeamPage:
    """desk/team.html. Handing over posts `person` (whose), `to` ("" frees) and `reason`; balancing posts `reason`."""

    as_of: str
    since_words: str
    spans: tuple[Choice, ...]
    figures: tuple[Figure, ...]
    swatches: tuple[Swatch, ...]
    members: tuple[MemberRow, ...]
    age_words: tuple[Swatch, ...]
    lines: tuple[QueueLine, ...]
    days: tuple[CalendarDay, ...]
    calendar: tuple[CalendarRow, ...]
    may_change: bool
    url: str
    capacity_url: str
    overrides_url: str
    reviewers_url: str
    reveals_url: str
    hand_over_url: str
    balance_url: str
    end_conflict_url: str
    conflicts: tuple[ConflictRow, ...] = ()
    people: tuple[Choice, ...] = ()
    shifts: tuple[ShiftRow, ...] = ()
    shifts_words: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class RevealRow:
    """Somebody had name and numbers of a case shown; `ref` is "" while it would tell who judges a decision a second
    time."""

    at: str
    at_iso: str
    person: str
    ref: str
    url: str
    why: str
    until: str


@dataclass(frozen=True)
class RevealCount:
    """How often a person did so in the last seven days, and on how many cases; `url` leads to theirs alone."""

    person: str
    url: str
    reveals: str
    cases: str
    chosen: bool = False


@dataclass(frozen=True)
class RevealsPage:
    """desk/reveals.html, the newest first; `all_url` is set where those of one person are shown."""

    counts: tuple[RevealCount, ...]
    rows: tuple[RevealRow, ...]
    shown_words: str
    team_url: str
    all_url: str = ""
    next_url: str = ""
    first_url: str = ""


@dataclass(frozen=True)
class RuleField:
    """One rule of the desk: `kind` is the type of its input."""

    name: str
    words: str
    value: str
    kind: Literal["number", "percent", "text", "time", "check"]
    hint: str = ""


@dataclass(frozen=True)
class RulesVersion:
    """One version of the rules: who set it, why, and what it changed."""

    at: str
    by: str
    reason: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class DeskRulesPage:
    """desk/desk_rules.html. Fields by their names, and reason."""

    fields: tuple[RuleField, ...]
    versions: tuple[RulesVersion, ...]
    may_change: bool
    action_url: str
    reason: str = ""
    problems: tuple[Problem, ...] = ()
