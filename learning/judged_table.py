"""A table with a known outcome in a file: which rows can be judged, which turned bad, when, and for how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.values.cells import MISSING_NUMBER, CellError, cell_text, read_number
from scoring.ml.columns import Columns
from scoring.ml.tables.any_table import Column, read_any_table
from scoring.ml.tables.column_kinds import recognise
from scoring.ml.tables.findings import Finding
from scoring.ml.tables.infer import InferredTable, infer_table
from scoring.ml.tables.leaks import find_leaks
from scoring.ml.tables.outcomes import BAD, GOOD

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Fewer of a kind cannot be judged: the pipeline needs five to train on, and one must be left (the folds ask for more).
LEAST_OF_A_KIND: Final = 6
SHOWN: Final = 20


class BacktestError(ValueError):
    """What was asked cannot be judged; `field` names the option at fault, the message is a sentence for a person."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(f"{field}: {sentence}")


@dataclass(frozen=True)
class JudgedTable:
    """The n rows of a file that have an outcome, as a model reads them.

    `values` (n, k) with NaN for missing, `headers` the file's name of each column; `bad` (n,) is 1 or 0. `moment` (n,)
    orders the rows in time, None where that was not asked for. `weight` (n,) is the amount over the mean amount, 1
    where the amount is missing or not asked for. `left_out` rows were broken, or had no outcome or no time.
    """

    values: FloatArray
    columns: Columns
    headers: tuple[str, ...]
    bad: IntArray
    moment: FloatArray | None
    weight: FloatArray
    findings: tuple[Finding, ...]
    left_out: int

    def __len__(self) -> int:
        return len(self.bad)

    def leaking(self) -> list[int]:
        """Places of the columns that seem to know the outcome."""
        names = {finding.column for finding in self.findings if finding.is_leak}
        return [place for place, header in enumerate(self.headers) if header in names]


def read_judged_table(
    path: Path,
    target: str,
    *,
    drop: Sequence[str] = (),
    time: str | None = None,
    amount: str | None = None,
    seed: int = 0,
) -> JudgedTable:
    """Read a CSV, XLSX or Parquet file and find out what its columns are.

    The columns of target and time, and those in `drop`, are not for the model; the amount is. BacktestError names the
    option that does not fit the table; TrainingError says what is wrong with the table as a whole.
    """
    table = read_any_table(path)
    _check_names(table.columns, {"--target": [target], "--drop": drop, "--time": [time], "--amount": [amount]})
    for option, names in (("--drop", drop), ("--time", [time]), ("--amount", [amount])):
        if target in names:
            raise BacktestError(option, f"names the outcome, {target}; that is the one column that cannot serve here.")
    _check_kinds(table.columns, time, amount)
    outcome = _outcomes(table.columns[target])
    inferred = infer_table({**table.columns, target: outcome}, target=target, drop=drop, time=time, amount=amount)
    kept = np.ones(len(inferred.y), dtype=np.bool_) if inferred.when is None else ~np.isnan(inferred.when)
    _check_outcomes(inferred.y[kept], target)
    values, headers = inferred.read.values[kept], tuple(inferred.headers[name] for name in inferred.table.names)
    leaks = find_leaks(values, inferred.y[kept], inferred.table.columns, headers, seed=seed)
    return JudgedTable(
        values=values,
        columns=inferred.table.columns,
        headers=headers,
        bad=inferred.y[kept],
        moment=None if inferred.when is None else inferred.when[kept],
        weight=_weights(inferred, kept),
        findings=(*inferred.findings, *leaks),
        left_out=table.broken + table.rows - int(kept.sum()),
    )


def _check_names(columns: Mapping[str, Column], asked: Mapping[str, Sequence[str | None]]) -> None:
    for option, names in asked.items():
        for name in names:
            if name is not None and name not in columns:
                near = get_close_matches(name, columns, n=3)
                hint = f"Did you mean {' or '.join(near)}?" if near else f"It has {', '.join([*columns][:SHOWN])}."
                raise BacktestError(option, f"the table has no column {name}. {hint}")


def _check_kinds(columns: Mapping[str, Column], time: str | None, amount: str | None) -> None:
    if time and recognise(time, columns[time]).kind in ("category", "empty"):
        raise BacktestError("--time", f"the column {time} holds neither numbers nor dates.")
    if amount and recognise(amount, columns[amount]).kind not in ("number", "flag"):
        raise BacktestError("--amount", f"the column {amount} holds no numbers.")


def _outcomes(cells: Column) -> FloatArray:
    """1 for bad, 0 for good, NaN unknown (n,), of a column with two levels, however they are written."""
    texts = [cell_text(cell).casefold() for cell in cells.tolist()]
    levels = sorted(set(texts) - MISSING_NUMBER)
    if len(levels) != 2:
        shown = ", ".join(levels[:SHOWN]) or "none"
        raise BacktestError("--target", f"needs exactly two outcomes; the column has {len(levels)}: {shown}.")
    meaning = dict(zip(levels, _bad_and_good(levels), strict=True))
    return np.array([meaning.get(text, math.nan) for text in texts])


def _bad_and_good(levels: Sequence[str]) -> list[float]:
    """1 for the bad one of two levels and 0 for the other: the larger of two numbers, or what the words say."""
    with suppress(CellError):
        numbers = [read_number(level) for level in levels]
        return [float(number == max(numbers)) for number in numbers]
    bad = {level: level in BAD for level in levels if level in BAD or level in GOOD}
    if len(bad) == 1:
        # One known word of the two is enough, but not one letter: f is false beside t, and female beside m.
        (word, is_bad) = next(iter(bad.items()))
        if len(word) > 1 or not word.isascii():
            bad = {level: (level == word) == is_bad for level in levels}
    if sorted(bad.values()) == [False, True]:
        return [float(bad[level]) for level in levels]
    raise BacktestError("--target", f"which of {levels[0]} and {levels[1]} is bad? Write 1 for bad and 0 for good.")


def _check_outcomes(bad: IntArray, target: str) -> None:
    bads = int(bad.sum())
    if min(bads, len(bad) - bads) < LEAST_OF_A_KIND:
        least, goods = LEAST_OF_A_KIND, len(bad) - bads
        raise BacktestError(
            "--target", f"needs at least {least} bad and {least} good rows; {target} has {bads} and {goods}."
        )


def _weights(inferred: InferredTable, kept: NDArray[np.bool_]) -> FloatArray:
    if inferred.amounts is None:
        return np.ones(int(kept.sum()))
    amounts = inferred.amounts[kept]
    known = ~np.isnan(amounts)
    if known.mean() < 0.5:
        raise BacktestError("--amount", "more than half of the amounts are missing or no numbers.")
    if (amounts[known] < 0).any() or not amounts[known].mean() > 0:
        raise BacktestError("--amount", "no amount may be below zero, and not all of them zero.")
    return np.where(known, amounts / amounts[known].mean(), 1.0)
