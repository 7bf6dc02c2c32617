"""Reviewers against the model: everybody side by side, and one person."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.models import Cell, Table
from desk.pages.team import Choice


@dataclass(frozen=True)
class ReviewerRow:
    """One person; every figure with how many cases it rests on."""

    name: str
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ReviewersPage:
    """desk/reviewers.html. GET field: months."""

    as_of: str
    since_words: str
    spans: tuple[Choice, ...]
    url: str
    team_url: str
    least_words: str
    columns: tuple[str, ...]
    rows: tuple[ReviewerRow, ...]
    tables: tuple[Table, ...]
    model_words: tuple[str, ...]


@dataclass(frozen=True)
class ReviewerPage:
    """desk/reviewer.html. GET field: months. `list_url` is "" for whoever sees only their own figures."""

    name: str
    as_of: str
    since_words: str
    spans: tuple[Choice, ...]
    url: str
    list_url: str
    least_words: str
    figures: Table
    tables: tuple[Table, ...]
    sentences: tuple[str, ...]
