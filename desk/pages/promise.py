"""What a version of the policy promises: what it rests on, which lines follow, what else could be promised."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.models import Table
from desk.pages.overview import Pair
from desk.pages.policies import Input
from desk.pages.shared import Finding, Problem, StateMark
from desk.plots import FrontierPlot


@dataclass(frozen=True)
class PromisePage:
    """desk/promise.html. `refusal` says why nothing can be promised, and then only what is known is shown.

    `inputs` are shown with what follows from them; `given` are the same values for the form that draws the lines, whose
    address `draw_url` is "" for whoever may not. `seen` is the hash of the terms on the page. `live` are the terms and
    values of the check while outcomes mature, `answers` what the evidence says to the promise, `notes` what it rests
    on, `shared` which segments have no lines of their own, `other_model` that the version in force was
    drawn for another model.
    """

    title: str
    state: StateMark
    says: str
    inputs: tuple[Input, ...]
    problems: tuple[Problem, ...]
    given: tuple[tuple[str, str], ...]
    seen: str
    version_url: str
    show_url: str
    draw_url: str = ""
    refusal: str = ""
    other_model: str = ""
    live: tuple[Pair, ...] = ()
    evidence: tuple[Pair, ...] = ()
    notes: tuple[str, ...] = ()
    answers: tuple[Finding, ...] = ()
    lines: Table | None = None
    shared: str = ""
    present: Table | None = None
    plot: FrontierPlot | None = None
    least: Table | None = None
    frontier: Table | None = None
