"""Watching over models: the board, one feature, the breakers and one of them."""

from __future__ import annotations

from dataclasses import dataclass

from desk.charts import Bar
from desk.pages.shared import Problem, StateMark
from desk.sparks import Spark


@dataclass(frozen=True)
class AlarmRow:
    """An alarm: what is off, what it touches, and the form that acknowledges it (where `url`)."""

    key: str
    model: str
    what: str
    figures: str
    state: StateMark
    at: str
    touches: str
    queue: str
    feature_url: str = ""
    url: str = ""
    said: str = ""


@dataclass(frozen=True)
class Measured:
    """One figure of the newest window, its last windows as a line, and what it is compared with."""

    words: str
    value: str
    note: str
    state: StateMark | None = None
    line: Spark | None = None
    url: str = ""


@dataclass(frozen=True)
class WatchedModel:
    """A model in force with its figures; `since` says of how many cases, `reference` what they are compared with."""

    title: str
    url: str
    since: str
    reference: str
    figures: tuple[Measured, ...] = ()
    features: tuple[Measured, ...] = ()


@dataclass(frozen=True)
class MonitoringPage:
    """desk/monitoring.html. Fields: reason, under `problems` the key of the alarm."""

    alarms: tuple[AlarmRow, ...]
    models: tuple[WatchedModel, ...]
    breakers_url: str
    acknowledged: tuple[AlarmRow, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class BinRow:
    """A bin of a feature: its share in the reference and now."""

    words: str
    usual: str
    usual_bar: Bar
    now: str
    now_bar: Bar


@dataclass(frozen=True)
class FeaturePage:
    """desk/monitoring_feature.html."""

    title: str
    model: str
    list_url: str
    figures: str
    bins: tuple[BinRow, ...]
    windows: Measured | None = None


@dataclass(frozen=True)
class BreakerRow:
    """A breaker in the list."""

    place: str
    url: str
    state: StateMark
    signs: tuple[str, ...]
    since: str
    opened: str
    held: str
    closed: str = ""


@dataclass(frozen=True)
class RuleField:
    """A rule of breakers; `options` (value, words, chosen) make it a list, several with `many`."""

    name: str
    words: str
    value: str = ""
    options: tuple[tuple[str, str, bool], ...] = ()
    many: bool = False


@dataclass(frozen=True)
class BreakersPage:
    """desk/breakers.html. Fields: those of the rules, and reason."""

    rows: tuple[BreakerRow, ...]
    closed: tuple[BreakerRow, ...]
    list_url: str
    fields: tuple[RuleField, ...]
    set_url: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class AffectedRow:
    """A case that the machine decided since the first sign."""

    ref: str
    url: str
    outcome: str
    amount: str
    pd: str
    at: str


@dataclass(frozen=True)
class StepLine:
    """What happened to a breaker."""

    at: str
    by: str
    words: str
    note: str = ""


@dataclass(frozen=True)
class BreakerPage:
    """desk/breaker.html. Fields: reason, new_usual; note; reason. An address is "" for whoever may not act now."""

    row: BreakerRow
    list_url: str
    asked: str
    reason: str
    trial: str
    affected: tuple[AffectedRow, ...]
    affected_words: str
    waiting_words: str
    steps: tuple[StepLine, ...]
    ask_url: str = ""
    answer_url: str = ""
    pull_url: str = ""
    open_url: str = ""
    typed: str = ""
    problems: tuple[Problem, ...] = ()
