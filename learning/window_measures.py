"""The figures of one window of scored cases, or of outcomes: what they are compared with, and how loud they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from cases.models import Review
from learning.models import Label
from scoring.ml import drift
from scoring.ml.estimated_performance import back_test, estimate

FloatArray = NDArray[np.float64]
# How many, of how many.
Hits = tuple[int, int]

DECISIONS: Final = 200
# By how much bads may differ from those foretold, as a share of them, before it matters.
CALIBRATION_BANDS: Final = (0.10, 0.25)


@dataclass(frozen=True)
class Scored:
    """n cases as they were scored and routed, in order; `ways` are "" for those that were not routed yet."""

    cases: list[int]
    at: list[datetime]
    values: FloatArray
    log_odds: FloatArray
    pd: FloatArray
    cut_off: FloatArray
    ways: list[str]


@dataclass(frozen=True)
class Figure:
    """A measure as it is stored; NaN becomes NULL."""

    name: str
    value: float
    rows: int
    grade: str
    feature: str = ""
    usual: float = math.nan
    critical: float = math.nan
    chance: float = math.nan
    is_estimated: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """The fields of MonitoringMeasure."""
        told = {name: getattr(self, name) for name in ("value", "usual", "critical", "chance")}
        kept = {name: each if math.isfinite(each) else None for name, each in told.items()}
        rest = ("name", "feature", "rows", "grade", "is_estimated")
        return {**kept, **{name: getattr(self, name) for name in rest}}


def figures_of_cases(
    scored: Scored, usual: Scored | None, reference: drift.Reference, overrides: tuple[Hits, Hits]
) -> list[Figure]:
    """All that is known without outcomes. `usual` is the first full window, which approvals are compared with; None for
    that window itself. `overrides` as `overrides_of` counts them."""
    shifts = drift.compare(scored.values, scored.log_odds, reference)
    found = [_shift("csi", each, feature=each.name) for each in shifts]
    found.append(_shift("score", drift.score_shift(scored.log_odds, reference)))
    found.append(_shift("ks", drift.distance(scored.log_odds, reference)))
    found.append(_jump("approvals", _approvals(scored), _approvals(usual) if usual else (0, 0)))
    found.append(_jump("overrides", *overrides))
    told = estimate(scored.pd, scored.cut_off)
    enough = "calm" if told.rows >= drift.LEAST_ROWS else "few"
    for name, value in (("auc", told.auc), ("bad_rate", told.bad_rate), ("cost", told.cost)):
        found.append(Figure(name, value, told.rows, enough, is_estimated=True))
    return found


def figures_of_outcomes(scored: Scored, labels: Sequence[Label]) -> list[Figure]:
    """Calibration in the large, and the back-test: what was estimated of these loans beside what became of them."""
    bad = {label.case_id: bool(label.is_bad) for label in labels}
    y = np.array([bad[case] for case in scored.cases], dtype=np.int64)
    test = back_test(scored.pd, scored.cut_off, y)
    rows, chance = test.rows, float(2 * ndtr(-abs(test.z)))
    ratio = test.bad_rate / test.estimated_bad_rate if test.estimated_bad_rate else math.nan
    off = abs(ratio - 1)
    is_loud = chance <= drift.LEVEL and off >= CALIBRATION_BANDS[0]
    grade = "calm" if not is_loud else "red" if off >= CALIBRATION_BANDS[1] and test.z > 0 else "amber"
    return [
        Figure("calibration", ratio, rows, grade, usual=1.0, chance=chance),
        Figure("bad_rate", test.estimated_bad_rate, rows, "calm", is_estimated=True),
        Figure("bad_rate", test.bad_rate, rows, "calm", usual=test.estimated_bad_rate),
        Figure("auc", test.estimated_auc, rows, "calm", is_estimated=True),
        Figure("auc", test.auc, rows, "calm", usual=test.estimated_auc),
    ]


def _shift(name: str, shift: drift.Shift, feature: str = "") -> Figure:
    return Figure(
        name, shift.value, shift.rows, shift.grade, feature=feature, critical=shift.critical, chance=shift.chance
    )


def _jump(name: str, now: Hits, before: Hits) -> Figure:
    share = now[0] / now[1] if now[1] else math.nan
    usual = before[0] / before[1] if before[1] else math.nan
    shift = drift.share_jump(name, *now, *before)
    return Figure(name, share, now[1], shift.grade, usual=usual, critical=shift.critical, chance=shift.chance)


def _approvals(scored: Scored) -> Hits:
    ways = Counter(way for way in scored.ways if way)
    return ways["approve"], ways.total()


def overrides_of(model_id: int) -> tuple[Hits, Hits]:
    """Overrides and decisions with an advice: of the newest decisions on cases that the model scored, and the first."""
    given = Review.objects.filter(case__assessments__model=model_id).exclude(advice="")
    newest = list(given.order_by("-pk").values_list("is_override", flat=True)[:DECISIONS])
    first = list(given.order_by("pk").values_list("is_override", flat=True)[:DECISIONS])
    return (sum(newest), len(newest)), (sum(first), len(first))
