"""What a model said of a chunk of cases, as rows to be stored; the replay builds the same rows again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from cases.models import Case
from scoring.ml.assessment import SHOWN, shown
from scoring.ml.champion import Champion, ScoredBatch
from scoring.models import ModelVersion

ASSESSMENT_FIELDS: Final = ("case", "model", "case_version", *SHOWN)


def assessment_rows(
    version: ModelVersion, champion: Champion, scored: ScoredBatch, cases: Sequence[Case]
) -> Iterator[tuple[Any, ...]]:
    """One row of `ASSESSMENT_FIELDS` a case."""
    keys = ([case.pk for case in cases], [version.pk] * len(cases), [case.version for case in cases])
    return zip(*keys, *shown(champion, scored).values(), strict=True)
