"""Overrides settled in money: what was measured, what is estimated, and which groups of applicants they fall on."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.models import Table
from desk.pages.overview import Figure
from desk.pages.team import Choice
from desk.whiskers import Whiskers


@dataclass(frozen=True)
class Filter:
    """A list of the form: GET field, its words, its options."""

    name: str
    words: str
    options: tuple[Choice, ...]


@dataclass(frozen=True)
class OverridePart:
    """One kind of overrides: `measured` on loans, or else estimated; what they won altogether in words, drawn and as a
    table by group."""

    key: str
    words: str
    measured: bool
    sentences: tuple[str, ...]
    chart: Whiskers | None
    table: Table | None


@dataclass(frozen=True)
class OverridesPage:
    """desk/overrides.html. GET fields: months, direction, product, reviewer, segment, reason, currency, by, group."""

    as_of: str
    since_words: str
    url: str
    file_url: str
    team_url: str
    filters: tuple[Filter, ...]
    is_narrowed: bool
    figures: tuple[Figure, ...]
    empty: tuple[str, ...]
    parts: tuple[OverridePart, ...]
    groups: tuple[Table, ...]
    groups_note: str
