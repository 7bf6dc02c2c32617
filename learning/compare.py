"""Two models on the same loans: everything that the page of a challenger and the gate of a promotion tell of them.

Pure arithmetic on arrays; what comes out is plain JSON, so that it can be frozen by its hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from learning.compare_calibration import Calibration, brier_difference, calibration_of, score_stability
from learning.compare_cost import Desk, cost_at_capacity, flips, swap_set
from learning.compare_power import Power, power_of_difference
from learning.sequential import evidence, savings
from scoring.ml.calibration import sigmoid
from scoring.ml.intervals import Estimate, auc_interval, delong_difference
from scoring.ml.sample_weights import Weights, effective_size

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LEAST_OF_EACH: Final = 10
LEAST_CASES: Final = 200
SWAPS_SHOWN: Final = 20
SEGMENTS_SHOWN: Final = 8
DAYS_SHOWN: Final = 400
Z_TWO_SIDED: Final = float(ndtri(0.975))
Z_ONE_SIDED: Final = float(ndtri(0.95))
# What a challenger may be worse by in a segment, and by how much its PDs may move the shares of the lines.
WORST_SEGMENT: Final = -0.01
MOST_MOVED: Final = 0.1
MOST_OTHER_REASONS: Final = 0.5
# In the order in which they are read; whoever approves ticks each that is not passed.
GATES: Final = ("power", "auc", "calibration", "brier", "cost", "segments", "stability", "reasons")


@dataclass(frozen=True)
class Weighing:
    """How many loans each of n stands for (1 / the chance that its outcome is seen, at most `cap`): `weights` (n,),
    above 0; `by_chance` (n,) where a random arm alone brought the outcome, `unknown` (n,) where nobody knows the chance
    and the loan stands for itself."""

    weights: FloatArray
    by_chance: BoolArray
    unknown: BoolArray
    cap: float

    def only(self, which: BoolArray) -> Weighing:
        """The same of some of the loans."""
        return Weighing(self.weights[which], self.by_chance[which], self.unknown[which], self.cap)


@dataclass(frozen=True)
class Sample:
    """n cases that both models scored: calibrated log-odds (n,) of each, the amount, the day of application, and the
    segments by their dimension. `bad` (n,) is 1, 0, or −1 where the outcome is not known yet; what a loan with a known
    one stands for is in `weighing`. In order of days."""

    refs: Sequence[str]
    champion: FloatArray
    challenger: FloatArray
    bad: IntArray
    amount: FloatArray
    days: Sequence[str]
    segments: Mapping[str, Sequence[str]]
    weighing: Weighing | None = None

    def __len__(self) -> int:
        return len(self.refs)


def compare(
    sample: Sample, desk: Desk, *, difference: float, other_reasons: Mapping[str, int] | None
) -> dict[str, Any]:
    """All figures of a comparison and its gates. `difference` is the AUC that one wants to see; `other_reasons` counts
    `cases` whose reasons were compared and `differ` of them, None where nobody looked. `outcomes` counts each loan
    once, `weighted` by what it stands for, None where all stand for as many. A gate that both tell of is passed where
    it is by both.

    Without ten bad and ten good loans there are no figures of outcomes, and the gates that rest on them are not passed.
    """
    known = sample.bad >= 0
    bads = int((sample.bad == 1).sum())
    found: dict[str, Any] = {
        "cases": len(sample),
        "loans": int(known.sum()),
        "bads": bads,
        "wanted_difference": difference,
        "desk": asdict(desk),
        "outcomes": None,
        "weighted": None,
        "segments": [],
        "evidence": None,
        "stability": score_stability(sample.champion, sample.challenger) if len(sample) >= LEAST_CASES else None,
        "other_reasons": dict(other_reasons) if other_reasons else None,
        "swaps": _swaps(sample, desk),
    }
    if min(bads, int(known.sum()) - bads) >= LEAST_OF_EACH:
        matured = _only(sample, known)
        outcomes = _outcomes(matured, desk, difference, None)
        flipped = flips(sigmoid(matured.champion), sigmoid(matured.challenger), matured.bad, desk.cut_off)
        found["outcomes"] = {**outcomes, "flips": asdict(flipped)}
        found["weighted"] = _weighted(matured, desk, difference)
        found["segments"] = _segments(matured)
        found["evidence"] = _evidence(matured, desk)
    return {**found, "gates": gates_of(found)}


def gates_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a promotion is held to, each passed or not: where nothing is known, it is not."""
    outcomes, segments, reasons = found["outcomes"], found["segments"], found["other_reasons"]
    passed = dict.fromkeys(GATES, False)
    if outcomes is not None:
        views = [_held(each) for each in (outcomes, found["weighted"]) if each is not None]
        passed |= {name: all(view[name] for view in views) for name in views[0]}
        passed["segments"] = all(each["low"] > WORST_SEGMENT for each in segments if each["low"] is not None)
    if found["stability"] is not None:
        passed["stability"] = found["stability"] <= MOST_MOVED
    if reasons:
        passed["reasons"] = reasons["differ"] <= MOST_OTHER_REASONS * reasons["cases"]
    return [{"code": name, "passed": bool(held)} for name, held in passed.items()]


def _held(outcomes: Mapping[str, Any]) -> dict[str, bool]:
    """The gates that rest on figures of outcomes, weighted or not."""
    ours, theirs = (outcomes["calibration"][side]["in_the_large"] for side in ("challenger", "champion"))
    return {
        "power": outcomes["power"]["is_enough"],
        "auc": outcomes["auc"]["difference"]["value"] > 0,
        "calibration": ours["low"] <= 0 <= ours["high"] or abs(ours["value"]) <= abs(theirs["value"]),
        "brier": outcomes["brier"]["low"] <= 0,
        "cost": outcomes["cost"]["saved"]["low"] > 0,
    }


def _only(sample: Sample, which: NDArray[np.bool_]) -> Sample:
    places = np.flatnonzero(which).tolist()
    return replace(
        sample,
        refs=[sample.refs[at] for at in places],
        champion=sample.champion[which],
        challenger=sample.challenger[which],
        bad=sample.bad[which],
        amount=sample.amount[which],
        days=[sample.days[at] for at in places],
        segments={name: [values[at] for at in places] for name, values in sample.segments.items()},
        weighing=sample.weighing.only(which) if sample.weighing else None,
    )


def _weighted(matured: Sample, desk: Desk, difference: float) -> dict[str, Any] | None:
    weighing = matured.weighing
    if weighing is None or np.ptp(weighing.weights) == 0.0:
        return None
    weights = weighing.weights
    return {
        "cap": weighing.cap,
        "effective_size": effective_size(weights),
        "by_chance": float(weighing.by_chance.mean()),
        "by_chance_weight": float(weights[weighing.by_chance].sum() / weights.sum()),
        "unknown": float(weighing.unknown.mean()),
        **_outcomes(matured, desk, difference, weights),
    }


def _outcomes(matured: Sample, desk: Desk, difference: float, weights: Weights) -> dict[str, Any]:
    y, champion, challenger = matured.bad, matured.champion, matured.challenger
    gap = delong_difference(y, challenger, champion, weights)
    half = Z_TWO_SIDED * gap.standard_error
    power = power_of_difference(difference, gap.standard_error, loans=len(y), bads=int(y.sum()))
    cost = cost_at_capacity(sigmoid(champion), sigmoid(challenger), y, matured.amount, desk, weights)
    return {
        "power": _power(power),
        "auc": {
            "champion": _estimate(auc_interval(y, champion, weights=weights)),
            "challenger": _estimate(auc_interval(y, challenger, weights=weights)),
            "difference": _estimate(Estimate(gap.difference, gap.difference - half, gap.difference + half)),
            "p_value": gap.p_value,
        },
        "calibration": {
            side: _calibration(calibration_of(y, said, weights))
            for side, said in (("champion", champion), ("challenger", challenger))
        },
        "brier": _estimate(brier_difference(y, challenger, champion, weights)),
        "cost": {"champion": cost.champion, "challenger": cost.challenger, "saved": _estimate(cost.saved)},
    }


def _segments(matured: Sample) -> list[dict[str, Any]]:
    """By dimension the largest segments with the AUC of both and the lower bound (one-sided 95 %) of the difference;
    None where a segment has too few bad or good loans to say anything."""
    rows = []
    for dimension, values in matured.segments.items():
        names, counts = np.unique(np.array(values, dtype=object).astype(str), return_counts=True)
        for at in np.argsort(-counts, kind="stable")[:SEGMENTS_SHOWN].tolist():
            if not names[at]:
                continue  # of whom nothing is known: that is no segment
            mine = np.array([value == names[at] for value in values])
            rows.append({"dimension": dimension, "value": str(names[at]), **_segment(_only(matured, mine))})
    return rows


def _segment(part: Sample) -> dict[str, Any]:
    bads = int(part.bad.sum())
    told: dict[str, Any] = {"loans": len(part), "bads": bads, "champion": None, "challenger": None, "low": None}
    if min(bads, len(part) - bads) < LEAST_OF_EACH:
        return told
    gap = delong_difference(part.bad, part.challenger, part.champion)
    return told | {
        "champion": auc_interval(part.bad, part.champion).value,
        "challenger": auc_interval(part.bad, part.challenger).value,
        "low": gap.difference - Z_ONE_SIDED * gap.standard_error,
    }


def _evidence(matured: Sample, desk: Desk) -> dict[str, Any]:
    x = savings(sigmoid(matured.champion), sigmoid(matured.challenger), matured.bad, desk.cut_off)
    told = asdict(evidence(x, list(matured.days)))
    # As many days as can be drawn, evenly, and the last.
    days = len(told["days"])
    kept = sorted({round(at) for at in np.linspace(0, days - 1, min(days, DAYS_SHOWN))})
    return told | {name: [told[name][at] for at in kept] for name in ("days", "challenger", "champion")}


def _swaps(sample: Sample, desk: Desk) -> dict[str, Any]:
    """Counts and the plainest cases of both sides of the swap set; of the known outcomes how many were bad."""
    sides = swap_set(sigmoid(sample.champion), sigmoid(sample.challenger), desk.cut_off)
    told = {}
    for name, mine in zip(("in", "out"), sides, strict=True):
        places = np.flatnonzero(mine)
        plainest = places[np.argsort(-np.abs(sample.challenger[places] - sample.champion[places]), kind="stable")]
        told[name] = {
            "cases": len(places),
            "loans": int((sample.bad[places] >= 0).sum()),
            "bads": int((sample.bad[places] == 1).sum()),
            "shown": [
                {
                    "ref": sample.refs[at],
                    "champion": float(sigmoid(sample.champion[at : at + 1])[0]),
                    "challenger": float(sigmoid(sample.challenger[at : at + 1])[0]),
                    "bad": int(sample.bad[at]),
                }
                for at in plainest[:SWAPS_SHOWN].tolist()
            ],
        }
    return told


def _power(power: Power) -> dict[str, Any]:
    return {**asdict(power), "is_enough": power.is_enough}


def _calibration(found: Calibration) -> dict[str, Any]:
    return {
        "mean_pd": found.mean_pd,
        "bad_rate": found.bad_rate,
        "in_the_large": _estimate(found.in_the_large),
        "slope": _estimate(found.slope),
    }


def _estimate(found: Estimate) -> dict[str, float]:
    return {"value": float(found.value), "low": float(found.low), "high": float(found.high)}
