"""A simulation as it is frozen with a proposal: what it must name, and the one of a product without a past.

{"terms_sha256": of the version that was simulated,
 "model_sha256": of the model in force, by whose PDs the promise was judged, "" where there is none,
 "against": {"policy": key of the version in force or null, "terms_sha256": its hash or ""},
 "period": {"from": "2026-01-01", "to": "2026-03-31", "days": 90}, or {} where no case was simulated,
 "cases": how many were replayed,
 "predicted": {"approve_share", "decline_share", "review_share": of all cases, "reviews_a_day",
               "band": {"approve_share": [low, high], "review_share": [low, high], "reviews_a_day": [of the quietest
               replayed day, of the busiest]}}, or null without cases,
 "present": the same figures of the version in force over the same cases, where it was replayed beside;
 "promise": {"standing": "drawn", "kept", "broken" or "unproven", ...} or null, whether the lines keep what is promised;
 and whatever else the page shows}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

SHARES: Final = ("approve_share", "decline_share", "review_share")
BANDED: Final = ("approve_share", "review_share", "reviews_a_day")
SUM_TOLERANCE: Final = 1e-6


def without_cases(
    terms_sha256: str, against: int | None, against_sha256: str, model_sha256: str = ""
) -> dict[str, Any]:
    """The simulation of a product that has no past cases yet: nothing is predicted, and that is said."""
    return {
        "terms_sha256": terms_sha256,
        "model_sha256": model_sha256,
        "against": {"policy": against, "terms_sha256": against_sha256},
        "period": {},
        "cases": 0,
        "predicted": None,
    }


def fault_of(simulation: Any) -> str:
    """The first part that is missing or impossible, as a path like `predicted.approve_share`; "" for a sound one."""
    if not isinstance(simulation, Mapping):
        return "simulation"
    if not isinstance(simulation.get("terms_sha256"), str):
        return "terms_sha256"
    if not isinstance(simulation.get("model_sha256"), str):
        return "model_sha256"
    against = simulation.get("against")
    if not isinstance(against, Mapping) or not {"policy", "terms_sha256"} <= set(against):
        return "against"
    if not isinstance(simulation.get("period"), Mapping):
        return "period"
    cases = simulation.get("cases")
    if not isinstance(cases, int) or isinstance(cases, bool) or cases < 0:
        return "cases"
    predicted = simulation.get("predicted")
    if predicted is None:
        return "predicted" if cases else ""
    if not cases:
        return "cases"
    present = simulation.get("present")
    return _fault_of_figures("predicted", predicted) or (
        _fault_of_figures("present", present) if present is not None else ""
    )


def _fault_of_figures(path: str, figures: Any) -> str:
    if not isinstance(figures, Mapping):
        return path
    for name in SHARES:
        if not _is_number(figures.get(name)) or not 0 <= figures[name] <= 1:
            return f"{path}.{name}"
    if abs(sum(figures[name] for name in SHARES) - 1) > SUM_TOLERANCE:
        return f"{path}.approve_share"
    if not _is_number(figures.get("reviews_a_day")) or figures["reviews_a_day"] < 0:
        return f"{path}.reviews_a_day"
    band = figures.get("band", {})
    if not isinstance(band, Mapping):
        return f"{path}.band"
    for name, ends in band.items():
        sound = isinstance(ends, list | tuple) and len(ends) == 2 and all(_is_number(end) for end in ends)
        most = 1 if name in SHARES else math.inf
        if name not in BANDED or not sound or not 0 <= ends[0] <= ends[1] <= most:
            return f"{path}.band.{name}"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
