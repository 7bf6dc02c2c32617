"""What would change the answer: the smallest feasible changes of a case that carry its PD across a line.

Found by search on the very model that gave the PD, on nothing but its log-odds: candidates are values that borrowers of
the training rows had, a change is made to the plain features, and what is derived from them is computed anew.

What counts as feasible: only features that the table calls actionable. The amount may become smaller (larger, where the
question is what would raise the PD) and the term either way. Other numbers and flags move to their safer side, and
never past more than a third of the borrowers; without a direction in the table they stay, because nobody could say
which way is better. No number becomes more than half as much again, or less than two thirds of itself. A category moves
on in the table's list, which is why that names `not_verified` before `verified`.
Missing and special values stay: what is not known cannot be changed by a step.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from scoring.ml.calibration import sigmoid
from scoring.ml.errors import Language
from scoring.ml.features import FeatureTable
from scoring.ml.formulas import apply_formula
from scoring.ml.vocabulary import Feature
from scoring.ml.wording import value_text

FloatArray = NDArray[np.float64]
LogOdds = Callable[[FloatArray], FloatArray]
Quantiles = Mapping[str, Sequence[float] | None]

# The terms of the loan itself, which are asked for and not lived: they may become anything that was lent before.
AMOUNT, TERM = "amount", "term_months"
QUANTILES = 41
# What lies outside of the middle 99.8 % of the training rows is no aim for anybody.
TAIL = 0.001
MOST_DISTANCE = 1 / 3
# In the tail a third of the borrowers is no bound: nobody earns five times as much, or wants a fortieth of the loan.
MOST_FACTOR = 1.5
# Another category, or the other side of a flag, counts as far as a quarter of the borrowers.
CATEGORY_DISTANCE = 0.25
# So few different values are a list to choose from (36 or 60 months), not a scale to round on.
FEW_VALUES = 12
MOST_PARTNERS = 5
PAIR_VALUES, TRIPLE_VALUES = 5, 3


@dataclass(frozen=True)
class Step:
    """One feature changed, in the feature's own unit (category: its place in the table's list)."""

    feature: str
    before: float
    after: float


@dataclass(frozen=True)
class Change:
    """One option: its steps, the model's `log_odds` after them, and its `size`, the share of the training borrowers
    that the steps pass, summed."""

    steps: tuple[Step, ...]
    log_odds: float
    size: float

    @property
    def pd(self) -> float:
        """The PD after the change."""
        return float(sigmoid(np.array(self.log_odds)))

    def text(self, table: FeatureTable, language: Language) -> str:
        """The steps in words, like "Loan amount USD 24,000 → USD 17,500"."""
        joint = "；" if language == "zh-hans" else "; "
        return joint.join(_step_text(table, step, language) for step in self.steps)


@dataclass(frozen=True)
class _Moves:
    """Where one column can go: `values` and their `distances`, the nearest first."""

    column: int
    values: FloatArray
    distances: FloatArray


def training_quantiles(column: FloatArray, specials: Sequence[float] = ()) -> tuple[float, ...] | None:
    """Ascending values of a training column (n,) at 41 evenly spaced ranks of its middle 99.8 %, each one that occurs;
    missing and special values are left out. None where nothing is left."""
    known = column[~np.isnan(column) & ~np.isin(column, specials)]
    if not len(known):
        return None
    ranks = np.linspace(TAIL, 1 - TAIL, QUANTILES)
    return tuple(np.quantile(known, ranks, method="inverted_cdf").tolist())


def find_changes(
    log_odds: LogOdds,
    table: FeatureTable,
    values: FloatArray,
    target: float,
    quantiles: Quantiles,
    most: int = 3,
) -> list[Change]:
    """At most `most` changes that carry a case with `values` (k,) past the log-odds `target`, the smallest first.

    `log_odds` takes values (m, k) to m calibrated log-odds; some hundreds of rows are asked, in a handful of calls.
    `quantiles` are those of `training_quantiles`. Where the case lies below the target, the changes are those that
    would raise its PD past it. Each changes one, two or three features; three only where fewer do not suffice. An
    empty list means that no feasible change was found.
    """
    search = _Search(log_odds, table, values, target, quantiles)
    found = search.singles()
    if len(found) < most:
        found += search.together(2, PAIR_VALUES)
    if not found:
        found += search.together(3, TRIPLE_VALUES)
    return sorted(found, key=lambda change: change.size)[:most]


class _Search:
    """One case on its way past the target."""

    def __init__(
        self, log_odds: LogOdds, table: FeatureTable, values: FloatArray, target: float, quantiles: Quantiles
    ) -> None:
        self.log_odds = log_odds
        self.table = table
        self.values = values
        self.target = target
        # +1 where the PD must rise to cross, -1 where it must fall.
        self.way = 1.0 if float(log_odds(values[None])[0]) <= target else -1.0
        self.moves = list(_moves_of(table, values, quantiles, self.way))
        self.partners: list[_Moves] = []

    def singles(self) -> list[Change]:
        """The nearest value of each feature that crosses alone; the others, the most helpful first, are partners."""
        answers = iter(self.ask([[(moves, at)] for moves in self.moves for at in range(len(moves.values))]))
        found, helpful = [], []
        for moves in self.moves:
            gained = np.array([self.way * (next(answers) - self.target) for _value in moves.values])
            if (gained > 0).any():
                at = int(np.argmax(gained > 0))
                found.append(self.change([(moves, at)], self.target + self.way * gained[at]))
            else:
                helpful.append((float(gained.max()), moves))
        helpful.sort(key=lambda pair: -pair[0])
        self.partners = [moves for _gain, moves in helpful[:MOST_PARTNERS]]
        return found

    def together(self, size: int, number: int) -> list[Change]:
        """The smallest crossing choice of each `size` partners, over `number` values of each."""
        found = []
        for team in combinations(self.partners, size):
            places = [np.unique(np.linspace(0, len(moves.values) - 1, number).round().astype(int)) for moves in team]
            choices = [list(zip(team, at, strict=True)) for at in product(*(each.tolist() for each in places))]
            choices.sort(key=_distance)
            crossing = np.flatnonzero(self.crosses(self.ask(choices)))
            if len(crossing):
                found.append(self.trimmed(choices[crossing[0]]))
        return found

    def trimmed(self, choice: list[tuple[_Moves, int]]) -> Change:
        """The choice with each part, the longest first, taken back as far as the rest still crosses."""
        for part in sorted(range(len(choice)), key=lambda one: -_distance([choice[one]])):
            moves, last = choice[part]
            shorter = [[*choice[:part], (moves, at), *choice[part + 1 :]] for at in range(last + 1)]
            choice = shorter[int(np.argmax(self.crosses(self.ask(shorter))))]
        return self.change(choice, float(self.ask([choice])[0]))

    def crosses(self, answers: FloatArray) -> NDArray[np.bool_]:
        crossing: NDArray[np.bool_] = self.way * (answers - self.target) > 0
        return crossing

    def ask(self, choices: Sequence[Sequence[tuple[_Moves, int]]]) -> FloatArray:
        """The model's log-odds of each choice, with what is derived computed anew."""
        trial = np.repeat(self.values[None], len(choices), axis=0)
        for row, choice in enumerate(choices):
            for moves, at in choice:
                trial[row, moves.column] = moves.values[at]
        changed = {self.table.names[moves.column] for choice in choices for moves, _at in choice}
        _derive(self.table, trial, changed)
        return self.log_odds(trial) if len(trial) else np.zeros(0)

    def change(self, choice: Sequence[tuple[_Moves, int]], log_odds: float) -> Change:
        steps = tuple(
            Step(self.table.names[moves.column], float(self.values[moves.column]), float(moves.values[at]))
            for moves, at in choice
        )
        return Change(steps, log_odds, _distance(choice))


def _distance(choice: Sequence[tuple[_Moves, int]]) -> float:
    return float(sum(moves.distances[at] for moves, at in choice))


def _derive(table: FeatureTable, values: FloatArray, changed: set[str]) -> None:
    """Compute anew, in place, what is derived from the changed features."""
    for column, feature in enumerate(table.features):
        if feature.formula is not None and changed & {*feature.formula.inputs()}:
            inputs = {name: values[:, table.names.index(name)] for name in feature.formula.inputs()}
            values[:, column] = apply_formula(feature.formula, inputs)


def _moves_of(table: FeatureTable, values: FloatArray, quantiles: Quantiles, way: float) -> Iterator[_Moves]:
    for column, feature in enumerate(table.features):
        value = float(values[column])
        if _stays(table, feature, values):
            continue
        if feature.type == "number":
            aims, distances = _number_aims(feature, value, quantiles.get(feature.name))
        else:
            aims = np.array([0.0, 1.0]) if feature.type == "flag" else np.arange(float(len(feature.categories)))
            distances = np.full(len(aims), CATEGORY_DISTANCE)
        kept = _is_feasible(feature, aims - value, distances, way)
        order = np.argsort(distances[kept], kind="stable")
        if len(order):
            yield _Moves(column, aims[kept][order], distances[kept][order])


def _stays(table: FeatureTable, feature: Feature, values: FloatArray) -> bool:
    """Whether the feature cannot be changed: by its nature, for want of a value, or because something derived from it
    is known here that could not be computed anew (a ratio of two amounts in a foreign currency)."""
    value = values[table.names.index(feature.name)]
    if not feature.actionable or not feature.nameable or feature.formula is not None:
        return True
    if np.isnan(value) or value in feature.specials:
        return True
    derived = [one.formula.inputs() for one in table.features if one.formula and feature.name in one.formula.inputs()]
    return any(np.isnan(values[table.names.index(name)]) for inputs in derived for name in inputs)


def _number_aims(feature: Feature, value: float, known: Sequence[float] | None) -> tuple[FloatArray, FloatArray]:
    """Values that a number may take and how many borrowers (as a share) stand between each and `value`."""
    if not known:
        return np.zeros(0), np.zeros(0)
    seen, first, count = np.unique(np.array(known), return_index=True, return_counts=True)
    # Borrowers of one value are taken to stand around the middle of their ranks.
    ranks = (first + (count - 1) / 2) / max(len(known) - 1, 1)
    aims = seen if len(seen) <= FEW_VALUES else np.unique(_rounded(feature, seen))
    low = -np.inf if feature.minimum is None else feature.minimum
    high = np.inf if feature.maximum is None else feature.maximum
    if len(seen) > FEW_VALUES and value > 0:
        low, high = max(low, value / MOST_FACTOR), min(high, value * MOST_FACTOR)
    aims = aims[(aims >= max(low, seen[0])) & (aims <= min(high, seen[-1]))]
    distances: FloatArray = np.abs(np.interp(aims, seen, ranks) - np.interp(value, seen, ranks))
    return aims, distances


def _rounded(feature: Feature, values: FloatArray) -> FloatArray:
    """As a person would put them: money to half a step of its second digit (17,500), the rest as it is printed."""
    if feature.unit != "money":
        return values.round(feature.decimals + 2 if feature.unit == "share" else feature.decimals)
    step = 5.0 * 10.0 ** (np.floor(np.log10(np.maximum(np.abs(values), 1.0))) - 2)
    rounded: FloatArray = (values / step).round() * step
    return rounded


def _is_feasible(feature: Feature, difference: FloatArray, distances: FloatArray, way: float) -> NDArray[np.bool_]:
    feasible: NDArray[np.bool_]
    if feature.name == TERM:
        feasible = difference != 0
    elif feature.name == AMOUNT:
        feasible = way * difference > 0
    elif feature.type == "category":
        feasible = way * difference < 0
    else:
        feasible = (way * feature.direction * difference > 0) & (distances <= MOST_DISTANCE)
    return feasible


def _step_text(table: FeatureTable, step: Step, language: Language) -> str:
    feature = table.by_name[step.feature]
    before, after = (value_text(feature, one, language, currency=table.currency) for one in (step.before, step.after))
    return f"{feature.words.text(language)}{'：' if language == 'zh-hans' else ': '}{before} → {after}"
