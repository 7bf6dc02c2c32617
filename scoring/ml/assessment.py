"""What an assessment shows, as plain values: of scored rows, and once more of what was stored."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.ml.champion import MOST_RESIDUAL, Champion, ScoredBatch
from scoring.ml.features import TableValues

# Everything that is stored of a scored case, and so all that smoke vectors and a replay must give again.
SHOWN: Final = (
    "log_odds",
    "pd",
    "pd_low",
    "pd_high",
    "points",
    "base_value",
    "contributions",
    "values",
    "residual",
    "explanation_holds",
    "cohort_base_value",
    "cohort_contributions",
    "cut_off",
    "unreadable",
    "stale",
    "novel",
    "doubt",
    "doubt_parts",
    "reasons",
    "applicant_reasons",
    "cohort_reasons",
)
# What the others are computed from.
INPUTS: Final = ("values", "unreadable", "stale")
# Another processor may round the last digits of a sum otherwise; anything more is another answer.
TOLERANCE: Final = 1e-9

Shown = dict[str, list[Any]]


def shown(champion: Champion, scored: ScoredBatch) -> Shown:
    """Each field of `SHOWN`, in that order, with one plain value a row: a list of floats is ten times as quick as its
    items."""
    size, names = len(scored), champion.table.names
    inputs = inputs_shown(TableValues(scored.values, scored.unreadable, scored.stale), names)
    parts = zip(*(part.tolist() for part in scored.doubt_parts.values()), strict=True)
    columns: tuple[list[Any], ...] = (
        scored.log_odds.tolist(),
        scored.pd.tolist(),
        scored.pd_low.tolist(),
        scored.pd_high.tolist(),
        scored.points.tolist(),
        [scored.population.base_value] * size,
        scored.population.contributions.tolist(),
        inputs["values"],
        scored.residual.tolist(),
        (scored.residual <= MOST_RESIDUAL).tolist(),
        [scored.cohort.base_value] * size,
        scored.cohort.contributions.tolist(),
        scored.cut_off.tolist(),
        inputs["unreadable"],
        inputs["stale"],
        _named(scored.novel, names),
        scored.doubt.tolist(),
        [dict(zip(scored.doubt_parts, part, strict=True)) for part in parts],
        *champion.reasons(scored),
    )
    return dict(zip(SHOWN, columns, strict=True))


def inputs_shown(read: TableValues, names: Sequence[str]) -> Shown:
    """The fields `INPUTS` of n rows: values with None for missing, and the names of what was of no use or too old."""
    missing_as_null = read.values.astype(object)
    missing_as_null[np.isnan(read.values)] = None
    columns = (missing_as_null.tolist(), _named(read.unreadable, names), _named(read.stale, names))
    return dict(zip(INPUTS, columns, strict=True))


def inputs_of(stored: Mapping[str, Sequence[Any]], names: Sequence[str]) -> TableValues:
    """The fields `INPUTS` of n assessments in the shape in which the feature table reads them."""
    values = np.array(stored["values"], dtype=np.float64).reshape(-1, len(names))
    return TableValues(values, _marked(stored["unreadable"], names), _marked(stored["stale"], names))


def differing(stored: Any, recomputed: Any, name: str) -> Iterator[tuple[str, Any, Any]]:
    """(field, stored, recomputed) of each part in which two plain values differ, numbers by more than 1e-9."""
    if isinstance(stored, Mapping) and isinstance(recomputed, Mapping):
        for key in {**stored, **recomputed}:
            yield from differing(stored.get(key), recomputed.get(key), f"{name}.{key}")
    elif isinstance(stored, list | tuple) and isinstance(recomputed, list | tuple) and len(stored) == len(recomputed):
        for place, pair in enumerate(zip(stored, recomputed, strict=True)):
            yield from differing(*pair, f"{name}[{place}]")
    elif not _same(stored, recomputed):
        yield name, stored, recomputed


def _same(stored: Any, recomputed: Any) -> bool:
    numbers = [isinstance(each, int | float) and not isinstance(each, bool) for each in (stored, recomputed)]
    if all(numbers):
        return math.isclose(stored, recomputed, rel_tol=0.0, abs_tol=TOLERANCE)
    return bool(stored == recomputed)


def _named(marks: NDArray[np.bool_], names: Sequence[str]) -> list[list[str]]:
    """The names of the marked columns of each row; most rows have none."""
    found: list[list[str]] = [[] for _row in marks]
    for row, column in np.argwhere(marks).tolist():
        found[row].append(names[column])
    return found


def _marked(named: Sequence[Sequence[str]], names: Sequence[str]) -> NDArray[np.bool_]:
    marks = np.array([[name in each for name in names] for each in named], dtype=np.bool_)
    return marks.reshape(len(named), len(names))
