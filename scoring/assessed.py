"""What a model said of a chunk of cases, as rows to be stored; the replay builds the same rows again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cases.models import Case
from scoring.ml.champion import MOST_RESIDUAL, Champion, ScoredBatch
from scoring.models import ModelVersion

ASSESSMENT_FIELDS: Final = (
    "case",
    "model",
    "case_version",
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


def assessment_rows(
    version: ModelVersion, champion: Champion, scored: ScoredBatch, cases: Sequence[Case]
) -> Iterator[tuple[Any, ...]]:
    """One row of `ASSESSMENT_FIELDS` a case, column by column: a list of floats is ten times as quick as its items."""
    size, names = len(cases), champion.table.names
    missing_as_null = scored.values.astype(object)
    missing_as_null[np.isnan(scored.values)] = None
    parts = zip(*(part.tolist() for part in scored.doubt_parts.values()), strict=True)
    columns = (
        [case.pk for case in cases],
        [version.pk] * size,
        [case.version for case in cases],
        scored.log_odds.tolist(),
        scored.pd.tolist(),
        scored.pd_low.tolist(),
        scored.pd_high.tolist(),
        scored.points.tolist(),
        [scored.population.base_value] * size,
        scored.population.contributions.tolist(),
        missing_as_null.tolist(),
        scored.residual.tolist(),
        (scored.residual <= MOST_RESIDUAL).tolist(),
        [scored.cohort.base_value] * size,
        scored.cohort.contributions.tolist(),
        scored.cut_off.tolist(),
        _named(scored.unreadable, names),
        _named(scored.stale, names),
        _named(scored.novel, names),
        scored.doubt.tolist(),
        [dict(zip(scored.doubt_parts, part, strict=True)) for part in parts],
        *champion.reasons(scored),
    )
    return zip(*columns, strict=True)


def _named(marks: NDArray[np.bool_], names: Sequence[str]) -> list[list[str]]:
    """The names of the marked columns of each row; most rows have none."""
    found: list[list[str]] = [[] for _row in marks]
    for row, column in np.argwhere(marks).tolist():
        found[row].append(names[column])
    return found
