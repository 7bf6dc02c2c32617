"""The trained models, and the card of one of them."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.overview import BarChart, Figure, Pair
from desk.pages.shared import StateMark
from desk.plots import CalibrationPlot
from desk.whiskers import Whiskers


@dataclass(frozen=True)
class ModelRow:
    """A model in the list; `auc_range` is its 95 % interval, "" for models from before cards."""

    name: str
    url: str
    product: str
    recipe: str
    state: StateMark
    trained_at: str
    loans: str
    auc: str
    auc_range: str
    promoted: str


@dataclass(frozen=True)
class ModelsPage:
    """desk/models.html."""

    rows: tuple[ModelRow, ...]
    shown_words: str
    next_url: str = ""
    train_url: str = ""


@dataclass(frozen=True)
class Cell:
    """A figure and its 95 % interval; `note` is "" where there is none."""

    value: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table under its heading: the first column names the row. `note` says what is counted, `empty` stands there
    when it has no rows. `drawings` show some of its figures, each under words of its own."""

    words: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    note: str = ""
    empty: str = ""
    drawings: tuple[tuple[str, Whiskers], ...] = ()


@dataclass(frozen=True)
class CardLink:
    """The card as a file in one language, whose own name it carries."""

    words: str
    url: str
    language: str


@dataclass(frozen=True)
class ModelCardPage:
    """desk/model_card.html and the card as a file.

    `missing` says why there is nothing but `identity` to show; `plot` is None then. `limits` and `leaks` are
    sentences. `reliability` are the figures of the plot, `bins` those of the scorecard; both are folded away.
    """

    title: str
    name: str
    state: StateMark
    about: str
    identity: tuple[Pair, ...]
    missing: str = ""
    figures: tuple[Figure, ...] = ()
    limits: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    plot: CalibrationPlot | None = None
    reliability: Table | None = None
    charts: tuple[BarChart, ...] = ()
    data: tuple[Pair, ...] = ()
    tables: tuple[Table, ...] = ()
    bins: tuple[Table, ...] = ()
    list_url: str = ""
    files: tuple[CardLink, ...] = ()
