"""Challengers and promotions: the life of a model on its card, a comparison, and the page of whoever approves."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.models import Table
from desk.pages.overview import Pair
from desk.pages.policies import Tick
from desk.pages.shared import Action, Event, Problem
from desk.plots import EvidencePlot


@dataclass(frozen=True)
class SplitForm:
    """A share of the traffic: `ask_url` asks for one, `sign` and `stop` are there for whoever may."""

    words: str = ""
    ask_url: str = ""
    sign: Action | None = None
    stop: Action | None = None


@dataclass(frozen=True)
class ModelLife:
    """What may be done with a model, and what was done. `links` are (words, address)."""

    about: tuple[Pair, ...]
    events: tuple[Event, ...]
    links: tuple[tuple[str, str], ...] = ()
    actions: tuple[Action, ...] = ()
    split: SplitForm | None = None


@dataclass(frozen=True)
class Gate:
    """One thing that a promotion is held to."""

    words: str
    passed: bool


@dataclass(frozen=True)
class SwapRow:
    """A case that one model would approve and the other not; PDs are "" where the reader may not see them yet."""

    name: str
    url: str
    champion: str
    challenger: str
    outcome: str


@dataclass(frozen=True)
class SwapSide:
    words: str
    counts: str
    rows: tuple[SwapRow, ...]


@dataclass(frozen=True)
class Comparison:
    """components/comparison.html: what was found, the answer to "can this sample detect it" first."""

    detects: str
    is_enough: bool
    about: tuple[Pair, ...]
    gates: tuple[Gate, ...]
    tables: tuple[Table, ...]
    swaps: tuple[SwapSide, ...]
    evidence: EvidencePlot | None = None
    evidence_words: str = ""


@dataclass(frozen=True)
class ComparisonPage:
    """desk/comparison.html. `samples` are (key, words, whether it is shown); `propose_url` "" where one may not."""

    title: str
    champion_url: str
    challenger_url: str
    champion: str
    challenger: str
    comparison: Comparison
    samples: tuple[tuple[str, str, bool], ...]
    sample: str
    difference: str
    propose_url: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class PromotionPage:
    """desk/promotion.html: the frozen comparison, what is to be ticked, and when the model starts."""

    title: str
    model_url: str
    state: str
    about: tuple[Pair, ...]
    comparison: Comparison
    comparison_sha256: str
    ticks: tuple[Tick, ...]
    action_url: str
    may: bool
    refusal: str = ""
    give_back: Action | None = None
    problems: tuple[Problem, ...] = ()
    note: str = ""
    starts_at: str = ""


@dataclass(frozen=True)
class RescoringPage:
    """desk/rescoring.html: what scoring the waiting cases again would change; `move` asks for it."""

    title: str
    model_url: str
    about: tuple[Pair, ...]
    table: Table
    sentence: str
    move: Action | None = None
