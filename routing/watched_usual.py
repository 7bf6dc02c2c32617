"""What is usual for a model and for a segment of its cases, as the breaker reads it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from scoring.ml.drift import Reference, count_bins
from scoring.models import Assessment, ModelReference, ModelVersion
from scoring.segments import filter_of


@lru_cache(maxsize=16)
def reference_of(key: int) -> Reference:
    """Kept by its key: references are never changed."""
    return Reference.from_dict(ModelReference.objects.values_list("content", flat=True).get(pk=key))


@lru_cache(maxsize=16)
def categories_of(model_id: int) -> frozenset[str]:
    """Features of a model whose values are kinds and no amounts; kept, since its table never changes either."""
    table = ModelVersion.objects.values_list("feature_table", flat=True).get(pk=model_id)
    return frozenset(each["name"] for each in table["features"] if each["type"] in ("category", "flag"))


def own_counts(model_id: int, segment: str, reference: Reference, rows: int, **since: Any) -> list[list[int]]:
    """The newest cases of a segment in the bins of its model's reference; [] where there are fewer than `rows`."""
    of_segment = {f"case__{name}": value for name, value in filter_of(segment).items()}
    newest = Assessment.objects.filter(model=model_id, **of_segment, **since).order_by("-id")
    found = list(newest.values_list("values", "log_odds")[:rows])
    if len(found) < rows:
        return []
    columns = [*np.array([row[0] for row in found], dtype=np.float64).T, np.array([row[1] for row in found])]
    counts = (count_bins(column, edges) for column, edges in zip(columns, reference.edges, strict=True))
    return [each.tolist() for each in counts]
