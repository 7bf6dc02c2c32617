"""Judges the whole decision system on a table with a known outcome: models, routing to people, and the promise kept.

Every fold trains on its training part alone and is judged on its test part. The promised approve cut-off and what is
believed of the PDs and of the reviewers come from the training part too, so the test part decides nothing that it
judges.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from learning.judged_models import FoldModels, ModelFigures, Progress, fit_alone, train_fold, without
from learning.judged_routing import routing_summary
from learning.judged_table import BacktestError, JudgedTable, read_judged_table
from routing.backtest import (
    Cases,
    Figures,
    Stakes,
    Terms,
    advantages,
    decision_cut_off,
    estimated_accuracy,
    judge,
    promise_held,
)
from routing.backtest_choice import believed_chance
from routing.guarantee import CONFIDENCE, promised_cut_off
from scoring.ml.calibration import sigmoid
from scoring.ml.columns import Columns
from scoring.ml.metrics import auc
from scoring.ml.recipes import RECIPES
from scoring.ml.tables.findings import Finding

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Fold = tuple[IntArray, IntArray]

# With --time the newest of these many parts is the test part.
PARTS_OF_TIME: Final = 5
# What else than a leak makes figures too good.
ALSO_WARNED: Final = frozenset({"repeated_rows"})
# The champion's pipeline needs so many of each kind to train on.
LEAST_TO_TRAIN: Final = 5
# What a table without its leaking columns is measured with: one fit a fold.
PLAIN_RECIPE: Final = "gradient_boosting"


@dataclass(frozen=True)
class Options:
    """What is asked of a backtest; the names are those of the command's options. BacktestError names one that is
    out of its range."""

    target: str
    drop: tuple[str, ...] = ()
    time: str | None = None
    amount: str | None = None
    review_share: float = 0.05
    miss_rate: float | None = None
    reviewer_accuracy: float = 0.85
    accuracy_unknown: bool = False
    cost_bad: float = 5.0
    cost_good: float = 1.0
    cost_review: float = 0.1
    seed: int = 0
    folds: int = 5
    recipe: str = "blend"

    def __post_init__(self) -> None:
        for name in ("review_share", "miss_rate", "reviewer_accuracy"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                raise BacktestError(_option(name), f"must lie between 0 and 1, not {share:g}.")
        for name in ("cost_bad", "cost_good"):
            if not 0 < getattr(self, name) < np.inf:
                raise BacktestError(_option(name), f"must be above 0, not {getattr(self, name):g}.")
        if not 0 <= self.cost_review < np.inf:
            raise BacktestError("--cost-review", f"must not be below 0, not {self.cost_review:g}.")
        if self.folds < 2:
            raise BacktestError("--folds", f"must be at least 2, not {self.folds}.")
        if self.seed < 0:
            raise BacktestError("--seed", f"must not be below 0, not {self.seed}.")
        if self.recipe not in RECIPES:
            raise BacktestError("--recipe", f"there is no recipe {self.recipe}; it is one of {', '.join(RECIPES)}.")

    @property
    def cut_off(self) -> float:
        """The PD at which both decisions cost the same."""
        return decision_cut_off(self.cost_bad, self.cost_good)


@dataclass
class _Judged:
    """What the folds gave so far."""

    scores: dict[str, list[tuple[IntArray, FloatArray]]] = field(default_factory=dict)
    routing: list[dict[str, Figures]] = field(default_factory=list)
    advantages: list[Mapping[str, FloatArray]] = field(default_factory=list)
    approve_below: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)
    additivity_error: float = 0.0


def run_backtest(path: Path, options: Options, progress: Progress | None = None) -> dict[str, Any]:
    """Everything that `manage.py backtest --json` prints, as plain dicts, lists and scalars.

    `progress(share, what)` is called as the work goes on. BacktestError names the option at fault; TrainingError says
    what is wrong with the table.
    """
    tell = progress or (lambda share, what: None)
    began = time.monotonic()
    tell(0.0, "reading the table")
    table = read_judged_table(
        path, options.target, drop=options.drop, time=options.time, amount=options.amount, seed=options.seed
    )
    folds = list(folds_of(table, options))
    judged = _Judged()
    for number, fold in enumerate(folds):
        _judge_fold(judged, table, fold, number, options, _part_of(tell, number, len(folds)))
    found = _summary(table, options, judged)
    if table.leaking():
        found["model_without_leaks"] = _without_leaks(table, folds, options.seed)
    tell(1.0, "done")
    return found | {"seconds": round(time.monotonic() - began, 1)}


def folds_of(table: JudgedTable, options: Options) -> Iterator[Fold]:
    """Rows to train on and rows to judge, fold by fold: stratified, or the past and its last fifth."""
    if table.moment is not None:
        yield _past_and_last(table.moment, table.bad)
        return
    rarest = int(min(table.bad.sum(), len(table) - table.bad.sum()))
    if options.folds > rarest:
        raise BacktestError("--folds", f"must not be above the {rarest} rows of the rarer outcome.")
    if rarest - -(-rarest // options.folds) < LEAST_TO_TRAIN:
        raise BacktestError("--folds", f"{options.folds} folds leave too few of the rarer outcome to train on.")
    split = StratifiedKFold(options.folds, shuffle=True, random_state=options.seed).split(table.values, table.bad)
    yield from split


def _past_and_last(moment: FloatArray, bad: IntArray) -> Fold:
    """The rows before and from the moment that leaves nearest to a fifth: rows of one moment stay together."""
    starts = np.unique(moment)[1:]
    if not len(starts):
        raise BacktestError("--time", "every row has the same time.")
    after = 1.0 - np.searchsorted(np.sort(moment), starts) / len(moment)
    start = starts[np.argmin(np.abs(after - 1 / PARTS_OF_TIME))]
    past, last = np.flatnonzero(moment < start), np.flatnonzero(moment >= start)
    for rows, least, words in ((past, LEAST_TO_TRAIN, "the past"), (last, 1, "the last fifth")):
        bads = int(bad[rows].sum())
        if min(bads, len(rows) - bads) < least:
            raise BacktestError("--time", f"{words} has only {bads} bad and {len(rows) - bads} good rows.")
    return past, last


def _part_of(tell: Progress, number: int, folds: int) -> Progress:
    return lambda share, what: tell((number + share) / folds, f"fold {number + 1} of {folds}: {what}")


def _judge_fold(judged: _Judged, table: JudgedTable, fold: Fold, number: int, options: Options, tell: Progress) -> None:
    past, test = fold
    y = table.bad[past]
    models = train_fold(table.values[past], y, table.columns, recipe=options.recipe, seed=options.seed, progress=tell)
    for name, log_odds in models.log_odds(table.values[test]).items():
        judged.scores.setdefault(name, []).append((table.bad[test], log_odds))
    judged.additivity_error = max(judged.additivity_error, models.additivity_error(table.values[test]))
    terms = _terms(models, y, options, seed=(options.seed, number))
    pd = sigmoid(judged.scores[options.recipe][-1][1])
    cases = Cases.simulated(
        pd,
        table.bad[test],
        Stakes.of(options.cost_bad, options.cost_good, options.cost_review, table.weight[test]),
        accuracy=options.reviewer_accuracy,
        seed=terms.seed,
        chance_bad=believed_chance(pd, sigmoid(models.trained.out_of_fold), y),
    )
    figures = judge(cases, terms)
    judged.routing.append(figures)
    judged.advantages.append(advantages(cases, terms))
    judged.approve_below.append(max(terms.approve_below, 0.0))
    if options.miss_rate is not None:
        judged.held.append(promise_held(figures["policy"], int(cases.bad.sum()), options.miss_rate))


def _terms(models: FoldModels, y: IntArray, options: Options, *, seed: Sequence[int]) -> Terms:
    """What the training part says: the promised cut-off, and how far the reviewers can be trusted."""
    approve_below = options.cut_off
    if options.miss_rate is not None:
        bad_scores = sigmoid(models.trained.out_of_fold[y == 1])
        approve_below = min(approve_below, promised_cut_off(bad_scores, options.miss_rate))
    believed = options.reviewer_accuracy
    if options.accuracy_unknown:
        # Nobody tells the policy, but a lender knows how the cases turned out that these reviewers saw in the past.
        answers = int(options.review_share * len(y))
        draw = np.random.default_rng([*seed, 2])
        believed = estimated_accuracy(int(draw.binomial(answers, options.reviewer_accuracy)), answers)
    return Terms(
        decision=options.cut_off,
        approve_below=approve_below,
        review_share=options.review_share,
        accuracy=options.reviewer_accuracy,
        believed_accuracy=believed,
        seed=seed,
        past_cases=len(y),
    )


def _summary(table: JudgedTable, options: Options, judged: _Judged) -> dict[str, Any]:
    models = {name: asdict(ModelFigures.over(folds)) for name, folds in judged.scores.items()}
    ways = {way: Figures.mean([fold[way] for fold in judged.routing]) for way in judged.routing[0]}
    promised = options.miss_rate is not None
    return {
        "rows": len(table),
        "bad_rate": float(table.bad.mean()),
        "features": table.values.shape[1],
        "left_out": table.left_out,
        "leaks": [_told(each) | {"dropped": each.dropped} for each in table.findings if each.is_leak],
        "dropped": [_told(each) for each in table.findings if each.dropped],
        "warnings": [each.en for each in table.findings if each.is_leak or each.code in ALSO_WARNED],
        "model": {"recipe": options.recipe, **models[options.recipe], "additivity_error": judged.additivity_error},
        "models": models,
        "routing": {way: asdict(figures) for way, figures in ways.items()},
        "routing_summary": routing_summary(ways, judged.advantages),
        "guarantee": {
            "miss_rate_bound": options.miss_rate,
            "confidence": CONFIDENCE,
            "approve_below": float(np.mean(judged.approve_below)),
            "held": all(judged.held) if promised else None,
            "folds_held": sum(judged.held) if promised else None,
            "folds": len(judged.routing),
        },
    }


def _without_leaks(table: JudgedTable, folds: Sequence[Fold], seed: int) -> Mapping[str, Any]:
    """What one plain recipe reaches with and without the columns that seem to know the outcome (mean AUC)."""
    reached: dict[str, float | str] = {"recipe": PLAIN_RECIPE}
    for key, leaking in {"auc_with_leaks": [], "auc": table.leaking()}.items():
        kept, columns = without(table.columns, leaking)
        if kept:
            values = table.values[:, kept]
            reached[key] = float(np.mean([_auc_alone(values, table.bad, columns, fold, seed) for fold in folds]))
    return reached


def _auc_alone(values: FloatArray, bad: IntArray, columns: Columns, fold: Fold, seed: int) -> float:
    past, test = fold
    return auc(bad[test], fit_alone(PLAIN_RECIPE, values[past], bad[past], columns, seed)(values[test]))


def _told(finding: Finding) -> dict[str, Any]:
    return {"column": finding.column, "reason": finding.en}


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
