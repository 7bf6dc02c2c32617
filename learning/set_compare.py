"""What is new in a training set beside the one before: drift by feature, segments never seen, outcomes restated.

The loans that came in are compared with the set before, not the whole with the whole: what both sets hold would hide
what changed. Population stability index (PSI) over ten bins of the set before; without drift it is about chi-square
with B - 1 degrees of freedom times 1/n + 1/m (Yurdakul and Naranjo 2020), so its critical value goes with the sample. A
grade needs both: more than chance at 1 % (Bonferroni over the features), and a shift that matters (0.1, 0.25).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from scipy.special import chdtri

BINS: Final = 10
ROWS_LEAST: Final = 50
CHANCE: Final = 0.01
AMBER: Final = 0.10
RED: Final = 0.25
CATEGORIES_MOST: Final = 50
SEGMENTS: Final = ("case_region", "case_industry", "case_channel")
MISSING: Final = "--"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Shift:
    """The PSI of one feature: `rows` new loans against `before`, in `bins`; `critical` is what chance makes of it."""

    feature: str
    psi: float
    critical: float
    rows: int
    before: int
    bins: int
    grade: str


def compare_rows(rows: Sequence[Row], before: Sequence[Row], features: Sequence[str]) -> dict[str, Any]:
    """The comparison of two sets of flat rows in plain JSON."""
    known = {row["case_ref"]: row for row in before}
    here = {row["case_ref"] for row in rows}
    new = [row for row in rows if row["case_ref"] not in known]
    restated = [
        row["case_ref"]
        for row in rows
        if row["case_ref"] in known and bool(known[row["case_ref"]]["is_bad"]) != bool(row["is_bad"])
    ]
    return {
        "rows": len(before),
        "bads": sum(bool(row["is_bad"]) for row in before),
        "new": len(new),
        "new_bads": sum(bool(row["is_bad"]) for row in new),
        "gone": len(set(known) - here),
        "restated": restated[:100],
        "restated_count": len(restated),
        "shifts": [asdict(shift) for shift in shifts(new, before, features)],
        "segments": new_segments(new, before),
    }


def shifts(new: Sequence[Row], before: Sequence[Row], features: Sequence[str]) -> list[Shift]:
    """The shift of each feature, the largest first; none of fewer than ROWS_LEAST rows."""
    if min(len(new), len(before)) < ROWS_LEAST:
        return []
    found = [
        _shift(name, [r.get(name) for r in new], [r.get(name) for r in before], len(features)) for name in features
    ]
    return sorted((shift for shift in found if shift is not None), key=lambda shift: (-shift.psi, shift.feature))


def _shift(name: str, new: Sequence[Any], before: Sequence[Any], tests: int) -> Shift | None:
    edges = _edges(before)
    usual, seen = (Counter(_bin(value, edges) for value in values) for values in (before, new))
    bins = usual.keys() | seen.keys()
    if len(bins) < 2 or len(bins) > CATEGORIES_MOST:
        return None
    n, m = len(new), len(before)
    half_n, half_m = n + len(bins) / 2, m + len(bins) / 2
    psi = 0.0
    for key in bins:
        p, q = (seen[key] + 0.5) / half_n, (usual[key] + 0.5) / half_m
        psi += (p - q) * math.log(p / q)
    critical = float(chdtri(len(bins) - 1, CHANCE / tests)) * (1 / n + 1 / m)
    grade = "" if psi <= max(critical, AMBER) else "red" if psi > RED else "amber"
    return Shift(name, psi, critical, n, m, len(bins), grade)


def _edges(values: Sequence[Any]) -> list[float] | None:
    """Inner limits of ten bins of about equal size; None for a category."""
    numbers = [float(value) for value in values if _is_number(value)]
    known = sum(value not in (None, "") for value in values)
    if not numbers or len(numbers) < known:
        return None
    return sorted({float(cut) for cut in np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1])})


def _bin(value: Any, edges: Sequence[float] | None) -> str:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    return str(value)[:60] if edges is None else str(int(np.searchsorted(edges, float(value), side="right")))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def new_segments(new: Sequence[Row], before: Sequence[Row]) -> list[dict[str, Any]]:
    """Regions, industries and channels that no loan of the set before had, with their loans."""
    found = []
    for dimension in SEGMENTS:
        known = {row.get(dimension) for row in before}
        counts = Counter(row.get(dimension) or "" for row in new if row.get(dimension) not in known)
        found += [{"dimension": dimension, "value": value, "rows": count} for value, count in counts.most_common(50)]
    return found
