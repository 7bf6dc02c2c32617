"""The figures of the whole."""

from __future__ import annotations

from dataclasses import dataclass

from desk.charts import Bar
from desk.pages.shared import Level


@dataclass(frozen=True)
class Figure:
    """A headline number with what it means; `note` compares it, `level` colours the note, `url` shows the rows."""

    words: str
    value: str
    note: str = ""
    level: Level = "none"
    url: str = ""


@dataclass(frozen=True)
class BarRow:
    """A labelled bar; `share` is its part of the whole in words, "" where parts make no sense."""

    words: str
    value: str
    bar: Bar
    share: str = ""
    url: str = ""


@dataclass(frozen=True)
class BarChart:
    """A heading over labelled bars; `note` says what is counted."""

    words: str
    rows: tuple[BarRow, ...]
    note: str = ""


@dataclass(frozen=True)
class Pair:
    """A term and its value in a card."""

    words: str
    value: str


@dataclass(frozen=True)
class Card:
    """The model or the policy in force, as terms and values."""

    words: str
    title: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class OverviewPage:
    """desk/overview.html."""

    as_of: str
    figures: tuple[Figure, ...]
    charts: tuple[BarChart, ...]
    cards: tuple[Card, ...]
