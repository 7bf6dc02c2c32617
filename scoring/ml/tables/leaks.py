"""Names the columns of a table that seem to know the outcome, each with the reason; what to do about them is not ours.

Four signs, each hardly possible for a fact that was known when the loan was decided on:
a column that predicts the outcome almost by itself, far better than all others together; a column whose being filled in
predicts it; one column that lifts a model by a great step; values where the outcome is all the same although the other
columns expect both. A name that speaks of what comes after the decision makes a smaller step suspicious.
"""

import re
from collections.abc import Sequence

import lightgbm as lgb
import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.header_words.later_headers import known_after_decision, may_be_after_decision, tells_decision
from scoring.ml.columns import Columns
from scoring.ml.folds import stratified_folds
from scoring.ml.metrics import auc
from scoring.ml.tables.column_kinds import words_of
from scoring.ml.tables.findings import Finding, finding

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Rows that are looked at: enough for an AUC good to a hundredth at any usual rate of bads.
MOST_ROWS = 10_000
LEAST_OF_A_KIND = 1_000
FOLDS = 4
BINS = 64
# Rows of the overall rate that each bin starts with, so that a bin of two loans says little.
PRIOR_ROWS = 10.0
# The AUC that a column must reach alone before it is compared with all others.
STRONG = 0.75
ALMOST_ALONE = 0.9
AHEAD_OF_REST = 0.05
MISSING_TELLS = 0.85
# Steps of a model's AUC by one column; facts known at the decision stay below a twentieth in real books.
GREAT_STEP = 0.12
LEAST_REST = 3
STEP_OF_A_NAME = 0.02
# Values with one outcome only: at least this share of the rows, this many outcomes of the other kind expected by the
# other columns, and at most this share of them seen.
PURE_SHARE = 0.2
PURE_EXPECTED = 20.0
PURE_SEEN = 0.1
PURE_GROUPS = 20
WATCHED = frozenset({"observed", "observation", "mob"})
WATCHED_ZH = re.compile(r"观察期|观察月|表现期|账龄")
QUICK_MODEL = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "max_bin": 127,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
QUICK_ROUNDS = 60


def find_leaks(
    values: FloatArray, y: ArrayLike, columns: Columns, headers: Sequence[str], *, seed: int = 0
) -> list[Finding]:
    """Findings on the columns of values (n, k) that seem to know the outcome y (n,), the strongest first.

    `headers` (k,) are the names as in the file. Needs a few bads and goods in every fold; with fewer nothing is found.
    """
    outcomes = np.asarray(y, dtype=np.int64)
    if min(outcomes.sum(), len(outcomes) - outcomes.sum()) < FOLDS:
        return []
    rows = _sample(outcomes, np.random.default_rng(seed))
    return _Search(values[rows], outcomes[rows], columns, headers, seed).findings()


def _sample(y: IntArray, random: np.random.Generator) -> IntArray:
    """Rows to look at, in order: all of a small table, else a share of each outcome, of the rarer one all that help."""
    if len(y) <= MOST_ROWS:
        return np.arange(len(y))
    rows = []
    for outcome in (0, 1):
        there = np.flatnonzero(y == outcome)
        wanted = max(round(MOST_ROWS * len(there) / len(y)), min(LEAST_OF_A_KIND, len(there)))
        rows.append(random.choice(there, wanted, replace=False))
    return np.sort(np.concatenate(rows))


class _Search:
    """One search: bins and own AUC of every column, quick models of sets of columns, findings by column."""

    def __init__(self, values: FloatArray, y: IntArray, columns: Columns, headers: Sequence[str], seed: int) -> None:
        self.values, self.y, self.columns, self.headers, self.seed = values, y, columns, headers, seed
        self.fold = np.zeros(len(y), dtype=np.int64)
        self.fold = stratified_folds(y, FOLDS, seed)
        self.models: dict[tuple[int, ...], FloatArray] = {}
        self.alone = np.array([self._auc_alone(_binned(column, BINS)) for column in values.T])
        self.found: dict[int, Finding] = {}

    def findings(self) -> list[Finding]:
        """All findings, the strongest first."""
        self._missing_that_tells()
        named = {column for column, header in enumerate(self.headers) if says_after_decision(header)}
        strong = set(np.flatnonzero(self.alone >= STRONG).tolist())
        self._strong_columns((strong | named) - self.found.keys(), named)
        self._pure_values()
        return sorted(self.found.values(), key=lambda one: -one.strength)

    def _missing_that_tells(self) -> None:
        for column, header in enumerate(self.headers):
            missing = np.isnan(self.values[:, column]).astype(np.float64)
            tells = auc(self.y, missing)
            tells = max(tells, 1 - tells)
            if tells >= MISSING_TELLS:
                self.found[column] = finding("missing_tells", header, auc=f"{tells:.3f}", strength=tells)

    def _strong_columns(self, suspects: set[int], named: set[int]) -> None:
        """Judge the suspects, the weakest first, by what they add to all columns that are above suspicion."""
        rest = [column for column in range(len(self.headers)) if column not in self.found.keys() | suspects]
        for column in sorted(suspects, key=lambda column: self.alone[column]):
            if not self._judge(column, rest, named):
                rest.append(column)
        # What was judged early is judged again with all that turned out to be above suspicion.
        for column in [column for column, one in self.found.items() if one.code == "lifts_model"]:
            del self.found[column]
            if not self._judge(column, rest, named):
                rest.append(column)

    def _judge(self, column: int, rest: Sequence[int], named: set[int]) -> bool:
        """Whether a column is found to know the outcome, beside the columns of `rest`."""
        header, alone = self.headers[column], float(self.alone[column])
        without = self._auc_of(rest)
        step = self._auc_of([*rest, column]) - without
        code, reached = "", alone
        if column in named and (step >= STEP_OF_A_NAME or alone >= STRONG):
            code = "named_after_decision"
        elif alone >= ALMOST_ALONE and alone >= without + AHEAD_OF_REST:
            code = "single_column"
        elif step >= GREAT_STEP and len(rest) >= LEAST_REST:
            code, reached = "lifts_model", without + step
        if code:
            self.found[column] = finding(code, header, strength=alone, auc=f"{reached:.3f}", rest=f"{without:.3f}")
        return bool(code)

    def _pure_values(self) -> None:
        """Find values, or all but the most common value, where nearly every outcome is of one kind."""
        for column in [column for column in range(len(self.headers)) if column not in self.found]:
            bins = _binned(self.values[:, column], PURE_GROUPS)
            counts = np.bincount(bins)
            common = int(counts.argmax())
            groups = [bins == group for group in np.flatnonzero(counts >= PURE_SHARE * len(bins))]
            for rows in (*groups, bins != common):
                if column not in self.found and rows.mean() >= PURE_SHARE:
                    self._judge_purity(column, rows)

    def _judge_purity(self, column: int, rows: BoolArray) -> None:
        """Find a column whose values in these rows show far fewer bads, or goods, than the other columns expect."""
        for outcome, side, side_zh in ((1, "bad", "坏"), (0, "good", "好")):
            seen = int((self.y[rows] == outcome).sum())
            usual = float((self.y == outcome).mean() * rows.sum())
            if usual < PURE_EXPECTED or seen > PURE_SEEN * usual:
                continue
            others = [other for other in range(len(self.headers)) if other not in (column, *self.found)]
            pd = self._out_of_fold(others)[rows]
            expected = float(pd.sum() if outcome else (1 - pd).sum())
            if expected >= PURE_EXPECTED and seen <= PURE_SEEN * expected:
                self.found[column] = finding(
                    "pure_values",
                    self.headers[column],
                    strength=float(self.alone[column]),
                    rows=int(rows.sum()),
                    observed=seen,
                    expected=f"{expected:.0f}",
                    side=side,
                    side_zh=side_zh,
                )
                return

    def _auc_alone(self, bins: IntArray) -> float:
        """AUC of a column by the rate of bads of its bin in the other folds."""
        rates, overall = np.zeros(len(bins)), self.y.mean()
        for fold in range(FOLDS):
            train = self.fold != fold
            bads = np.bincount(bins[train], weights=self.y[train], minlength=bins.max() + 1)
            rows = np.bincount(bins[train], minlength=bins.max() + 1)
            rates[~train] = ((bads + PRIOR_ROWS * overall) / (rows + PRIOR_ROWS))[bins[~train]]
        return auc(self.y, rates)

    def _auc_of(self, columns: Sequence[int]) -> float:
        """Out-of-fold AUC of a quick model of these columns; 0.5 of none."""
        return auc(self.y, self._out_of_fold(columns))

    def _out_of_fold(self, columns: Sequence[int]) -> FloatArray:
        """PD (n,) of each row by a quick model that did not see its fold; each set of columns is learned from once."""
        chosen = tuple(sorted(columns))
        if chosen not in self.models:
            self.models[chosen] = self._quick_model(chosen) if chosen else np.full(len(self.y), self.y.mean())
        return self.models[chosen]

    def _quick_model(self, columns: tuple[int, ...]) -> FloatArray:
        values, pd = self.values[:, columns], np.zeros(len(self.y))
        categorical = [place for place, column in enumerate(columns) if self.columns.categorical[column]]
        for fold in range(FOLDS):
            train = self.fold != fold
            data = lgb.Dataset(values[train], self.y[train], categorical_feature=categorical)
            model = lgb.train({**QUICK_MODEL, "seed": self.seed}, data, QUICK_ROUNDS)
            pd[~train] = model.predict(values[~train], num_threads=1)
        return pd


def says_after_decision(header: str) -> bool:
    """Whether a header speaks of what comes after the decision, such as for how long the loan was watched, or may do
    so, such as 逾期次数. What was paid out is left to the other signs: it is often as old as the contract."""
    if WATCHED & set(words_of(header)) or WATCHED_ZH.search(header):
        return True
    if may_be_after_decision(header) or tells_decision(header, ()):
        return True
    return known_after_decision(header) and not header.casefold().startswith("disbursement")


def _binned(values: FloatArray, most: int) -> IntArray:
    """Bins (n,) of a column: 0 is missing, then its values where they are few, else quantiles, the frequent values
    each in a bin of its own."""
    bins, known = np.zeros(len(values), dtype=np.int64), ~np.isnan(values)
    levels, places, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    if len(levels) <= most:
        bins[known] = places + 1
        return bins
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, most + 1)[1:-1]))
    found = np.searchsorted(edges, values[known], side="right") + 1
    frequent = np.flatnonzero(counts >= len(values) / most)
    own = np.zeros(len(levels), dtype=np.int64)
    own[frequent] = np.arange(len(frequent)) + len(edges) + 2
    bins[known] = np.where(own[places] > 0, own[places], found)
    return bins
