"""How likely a reviewer errs on a kind of case: a small logistic model, shrunk to the team, used only where it helps.

The team's chance of error depends on the side of the cut-off, the nearness to it and the doubt; each person deviates
from the team, and is drawn back to it as if the team had judged PRIOR_JUDGED further decisions of theirs. Whether the
kind of case says anything is asked of decisions that were held out: where it does not, persons alone are told apart.
Idea: a model of each expert's error, calibrated, beside the model of the outcome (DeCCaF; see docs/people.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Fewer judged decisions, or fewer errors among them, say nothing about kinds of cases.
LEAST_OF_TEAM: Final = 100
LEAST_WRONG: Final = 10
FOLDS: Final = 5
STEPS: Final = 30
# The team's slopes come from a normal around 0 with variance 1: an odds ratio of 2.7 is nothing unusual.
SLOPE_PRECISION: Final = 1.0


@dataclass(frozen=True)
class Cell:
    """Decisions of one person on one kind of case that were judged, and how many of them were wrong. `fold` is the part
    of the decisions that is held out together."""

    person: int
    kind: str
    fold: int
    judged: int
    wrong: int


@dataclass(frozen=True)
class KindCheck:
    """Of one kind: decisions judged, errors found, and errors expected by models that had not seen them."""

    kind: str
    judged: int
    wrong: int
    expected: float


@dataclass(frozen=True)
class ErrorChances:
    """Chances of error of the team by kind and of each person by kind. `helps`: on held-out decisions the kind of case
    told errors apart better (log-loss `loss`, a decision) than the person alone (`plain_loss`)."""

    team: Mapping[str, float]
    people: Mapping[int, Mapping[str, float]]
    checks: tuple[KindCheck, ...]
    loss: float
    plain_loss: float

    @property
    def helps(self) -> bool:
        return self.loss < self.plain_loss


def error_chances(
    cells: Sequence[Cell], features: Mapping[str, Sequence[float]], prior_judged: int
) -> ErrorChances | None:
    """The model of one product's judged decisions; None on too few. `features` has the (d,) values of every kind."""
    judged, wrong = sum(cell.judged for cell in cells), sum(cell.wrong for cell in cells)
    if judged < LEAST_OF_TEAM or min(wrong, judged - wrong) < LEAST_WRONG:
        return None
    plain: dict[str, Sequence[float]] = dict.fromkeys(features, ())
    expected, loss = _held_out(cells, features, prior_judged)
    _plain, plain_loss = _held_out(cells, plain, prior_judged)
    team, people = _fitted(cells, features, prior_judged)
    counts, errors = Counter[str](), Counter[str]()
    for cell in cells:
        counts[cell.kind] += cell.judged
        errors[cell.kind] += cell.wrong
    checks = tuple(KindCheck(kind, counts[kind], errors[kind], expected[kind]) for kind in features if counts[kind])
    return ErrorChances(team, people, checks, loss / judged, plain_loss / judged)


def _held_out(
    cells: Sequence[Cell], features: Mapping[str, Sequence[float]], prior_judged: int
) -> tuple[dict[str, float], float]:
    """By kind the errors expected by models that were fitted without the decisions, and their log-loss in all."""
    expected: dict[str, float] = dict.fromkeys(features, 0.0)
    loss = 0.0
    for fold in range(FOLDS):
        rest = [cell for cell in cells if cell.fold != fold] or cells
        team, people = _fitted(rest, features, prior_judged)
        for cell in cells:
            if cell.fold == fold:
                chance = people.get(cell.person, team)[cell.kind]
                expected[cell.kind] += cell.judged * chance
                loss -= cell.wrong * np.log(chance) + (cell.judged - cell.wrong) * np.log1p(-chance)
    return expected, float(loss)


def _fitted(
    cells: Sequence[Cell], features: Mapping[str, Sequence[float]], prior_judged: int
) -> tuple[dict[str, float], dict[int, dict[str, float]]]:
    """Chances of error by kind, of the team and of each person."""
    width = 1 + max((len(values) for values in features.values()), default=0)
    rows = {kind: np.array([1.0, *values]) for kind, values in features.items()}
    design, counts, errors = _design(cells, rows)
    precision = np.full(width, SLOPE_PRECISION)
    precision[0] = 0.0
    base = _logistic(design, counts, errors, np.zeros(len(design)), precision)
    team = {kind: _chance(float(row @ base)) for kind, row in rows.items()}
    share = float(errors.sum() / counts.sum())
    # So many decisions carry this much information on log-odds.
    shrinking = np.full(width, prior_judged * share * (1 - share))
    people = {}
    for person in sorted({cell.person for cell in cells}):
        design, counts, errors = _design([cell for cell in cells if cell.person == person], rows)
        own = _logistic(design, counts, errors, design @ base, shrinking)
        people[person] = {kind: _chance(float(row @ (base + own))) for kind, row in rows.items()}
    return team, people


def _design(cells: Iterable[Cell], rows: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Features (k, d), counts (k,) and errors (k,) by kind."""
    counts, errors = Counter[str](), Counter[str]()
    for cell in cells:
        counts[cell.kind] += cell.judged
        errors[cell.kind] += cell.wrong
    design = np.stack([rows[kind] for kind in counts])
    return (
        design,
        np.array([counts[kind] for kind in counts], dtype=np.float64),
        np.array([errors[kind] for kind in counts], dtype=np.float64),
    )


def _logistic(
    design: FloatArray, counts: FloatArray, errors: FloatArray, offset: FloatArray, precision: FloatArray
) -> FloatArray:
    """Coefficients (d,) of the most likely logistic model given normal priors around 0 (Newton's method)."""
    found = np.zeros(design.shape[1])
    for _step in range(STEPS):
        chance = 1 / (1 + np.exp(-(offset + design @ found)))
        gradient = design.T @ (errors - counts * chance) - precision * found
        spread = design.T @ (design * (counts * chance * (1 - chance))[:, None]) + np.diag(precision)
        step = np.linalg.solve(spread + 1e-9 * np.eye(len(found)), gradient)
        # A step is cut so that a part without any error does not run away.
        found = found + np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-8:
            break
    return found


def _chance(log_odds: float) -> float:
    return float(np.clip(1 / (1 + np.exp(-log_odds)), 1e-4, 1 - 1e-4))
