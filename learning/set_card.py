"""What the data card of a training set tells, in plain JSON: where labels come from, what is left out, what is new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np

from learning.dataset import ID_COLUMNS, LabelledRow
from learning.label_conflicts import find_conflicts, out_of_fold
from learning.label_models import Basis
from learning.label_weights import BOUNDS
from learning.models import LabelWeights
from learning.set_compare import compare_rows
from learning.set_rows import Collected
from learning.weights import weighted_share
from scoring.ml.features import FeatureTable

# With fewer of a kind a model of them believes nothing.
CONFLICTS_LEAST: Final = 50
CONFLICTS_TOLD: Final = 50
Z: Final = 1.959964
Flat = Mapping[str, Any]
Tell = Callable[[int], None]


def data_card(
    found: Collected,
    *,
    as_of: datetime,
    weights: LabelWeights,
    table: FeatureTable | None,
    before: Sequence[Flat] | None,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """The card of collected rows; `before` are the rows of the previous set, None where there is none or its file is
    gone. `table` is the feature table of the product, None where it has none: then no model can doubt its labels."""
    flat = [row.flat() for row in found.rows]
    features = [name for name in _feature_names(flat, table) if name not in ID_COLUMNS]
    return {
        "as_of": as_of.isoformat(),
        "weights": {"number": weights.number, **{name: getattr(weights, name) for name in BOUNDS}},
        "effective_size": round(found.effective_size, 1),
        "effective_size_without": round(found.effective_size_without, 1),
        "weighted_bad_rate": _weighted_bad_rate(found.rows),
        "capped": found.capped,
        "bases": _bases(found.rows),
        "excluded": dict(sorted(found.excluded.items())),
        "known_later": dict(sorted(found.known_later.items())),
        "undone": found.undone[:CONFLICTS_TOLD],
        "periods": _periods(found.rows),
        "words": {each.name: {"en": each.words.en, "zh": each.words.zh} for each in table.features} if table else {},
        "columns": {name: sum(row.get(name) in (None, "") for row in flat) for name in features},
        "compared": None if before is None else compare_rows(flat, before, features),
        "conflicts": _conflicts(found.rows, flat, table, tell),
    }


def _feature_names(flat: Sequence[Flat], table: FeatureTable | None) -> list[str]:
    return list(table.names) if table else sorted({name for row in flat for name in row})


def _weighted_bad_rate(rows: Sequence[LabelledRow]) -> dict[str, float]:
    """The bad rate under the weights with its interval at 95 percent (normal, cut off at 0)."""
    weights = np.array([row.label_weight for row in rows])
    share, error = weighted_share(weights, np.array([float(row.is_bad) for row in rows]))
    return {"share": round(share, 6), "low": round(max(0.0, share - Z * error), 6), "high": round(share + Z * error, 6)}


def _bases(rows: Sequence[LabelledRow]) -> list[dict[str, Any]]:
    """How the propensities are known, with rows, bads, the mean propensity and the mean weight of each kind."""
    by_basis = defaultdict(list)
    for row in rows:
        by_basis[row.label_basis].append(row)
    return [
        {
            "basis": basis.value,
            "rows": len(mine),
            "bads": sum(row.is_bad for row in mine),
            "propensity": None
            if basis == Basis.UNKNOWN
            else round(float(np.mean([row.label_propensity or 0.0 for row in mine])), 6),
            "weight": round(float(np.mean([row.label_weight for row in mine])), 6),
        }
        for basis in Basis
        if (mine := by_basis[basis.value])
    ]


def _periods(rows: Sequence[LabelledRow]) -> list[dict[str, Any]]:
    """Loans and bads by the quarter of application and source of the label."""
    counts: Counter[tuple[str, str]] = Counter()
    bads: Counter[tuple[str, str]] = Counter()
    for row in rows:
        key = (f"{row.applied_at[:4]}-Q{(int(row.applied_at[5:7]) + 2) // 3}", row.label_source)
        counts[key] += 1
        bads[key] += row.is_bad
    return [
        {"period": period, "source": source, "rows": counts[period, source], "bads": bads[period, source]}
        for period, source in sorted(counts)
    ]


def _conflicts(
    rows: Sequence[LabelledRow], flat: Sequence[Flat], table: FeatureTable | None, tell: Tell | None
) -> dict[str, Any]:
    bad = np.array([int(row.is_bad) for row in rows], dtype=np.int64)
    if table is None or min(bad.sum(), len(bad) - bad.sum()) < CONFLICTS_LEAST:
        return {"rows": 0, "least": CONFLICTS_LEAST}
    pd = out_of_fold(table.matrix(flat), bad, table.columns, tell)
    found = find_conflicts(pd, bad)
    told = [
        {
            "case_ref": rows[at].case_ref,
            "label_id": rows[at].label_id,
            "is_bad": rows[at].is_bad,
            "pd": round(pd[at], 4),
        }
        for at in found.rows[:CONFLICTS_TOLD].tolist()
    ]
    return {
        "rows": len(rows),
        "found": len(found.rows),
        "expected": round(found.expected, 1),
        "bads_doubted": int(bad[found.rows].sum()),
        "good_threshold": round(found.good_threshold, 4),
        "bad_threshold": round(found.bad_threshold, 4),
        "told": told,
    }
