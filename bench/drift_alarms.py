"""Do drift alarms come in the first drifted window, and none before? On any table with a time and a known first drift.

`python -m bench.drift_alarms --table FILE --target COL --time COL --drifts-from VALUE [--drop COL,COL] [--window 500]`

Rows go in the order of time. The first quarter before the drift trains a plain model, the second is the reference (not
seen by the model), the rest before the drift is calm: each alarm there is false. From VALUE on everything counts as
drifted. Windows of `--window` cases are judged as `learning/monitoring.py` does, by CSI with Benjamini-Hochberg, PSI of
the score and KS; and the same rows go one by one through the test that opens breakers. The AUC estimated without labels
stands beside what was observed. One JSON line.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from scoring.ml import drift
from scoring.ml.calibration import choose_calibration, sigmoid
from scoring.ml.change import Detector, line_for
from scoring.ml.chart import Chart, Seen
from scoring.ml.estimated_performance import estimate
from scoring.ml.metrics import auc

FloatArray = NDArray[np.float64]
SIGNS = ("range", "missing", "distribution", "score")


def read(path: Path, target: str, time: str, drop: Sequence[str]) -> tuple[list[str], FloatArray, Any, Any]:
    """Names, values (n, k), outcomes (n,) and times (n,) in the order of time; words become codes."""
    table = pd.read_csv(path).sort_values(time, kind="stable")
    kept = table.drop(columns=[target, time, *drop], errors="ignore")
    codes = {name: column if column.dtype.kind in "fi" else column.astype("category").cat.codes.where(column.notna())
             for name, column in kept.items()}  # fmt: skip
    return list(codes), pd.DataFrame(codes).to_numpy(np.float64), table[target].to_numpy(), table[time].to_numpy()


def scored(values: FloatArray, y: Any, trained: slice, held: slice, seed: int) -> FloatArray:
    """Calibrated log-odds (n,) by a model of the rows `trained`, calibrated on the rows `held`."""
    model = HistGradientBoostingClassifier(max_iter=80, random_state=seed).fit(values[trained], y[trained])
    raw = model.decision_function(values)
    found: FloatArray = choose_calibration(raw[held], y[held], seed=seed).apply(raw)
    return found


def windows(values: FloatArray, odds: FloatArray, y: Any, reference: drift.Reference, rows: slice, size: int) -> Any:
    """What each whole window of those rows says."""
    for first in range(rows.start, rows.stop - size + 1, size):
        at = slice(first, first + size)
        csi = drift.compare(values[at], odds[at], reference)
        others = [drift.score_shift(odds[at], reference), drift.distance(odds[at], reference)]
        loud = [shift.name for shift in (*csi, *others) if shift.grade in ("amber", "red")]
        psi = [shift.value for shift in csi]
        p, cut = sigmoid(odds[at]), np.full(size, 0.5)
        both = 0 < y[at].sum() < size
        yield {
            "alarms": loud,
            "largest_csi": max(psi),
            "score_psi": others[0].value,
            "auc_estimated": estimate(p, cut).auc,
            "auc": auc(y[at], p) if both else float("nan"),
        }


def one_by_one(
    values: FloatArray, odds: FloatArray, reference: drift.Reference, rows: slice, chance: float, cases: int
) -> Mapping[str, Any]:
    """False openings in the calm rows, opened anew after each, and how many drifted rows went by before the first."""
    chart = Chart.of(reference, own=reference.counts, signs=SIGNS)
    line = line_for(chart.usual.watched, chance=chance, cases=cases)
    nothing = np.zeros(len(odds), dtype=np.bool_)
    bins = chart.bins(Seen(values, odds, nothing, nothing))
    keys, at, false = np.arange(len(odds)), rows.start, 0
    while at < rows.stop:
        detector = Detector(chart.usual, line)
        found = detector.watch(bins[at : rows.stop], keys[at : rows.stop])
        false += bool(found)
        at = rows.stop if not found else at + int(detector.evidence.cases.max()) + 1
    detector = Detector(chart.usual, line)
    opened = len(odds)
    for row in range(rows.stop, len(odds)):
        if detector.watch(bins[row : row + 1], keys[row : row + 1]):
            opened = row
            break
    signs = [change.name for change in detector.changes()]
    return {"line": round(line, 2), "calm_rows": rows.stop - rows.start, "false": false,
            "drifted_rows_before_opening": opened - rows.stop, "opened_on": signs}  # fmt: skip


def measure(options: argparse.Namespace) -> Mapping[str, Any]:
    """All figures of one table."""
    drop = options.drop.split(",") if options.drop else []
    names, values, y, times = read(Path(options.table), options.target, options.time, drop)
    first = int(np.searchsorted(times.astype(str), options.drifts_from))
    quarter, size = first // 4, options.window
    trained, held, calm = slice(0, quarter), slice(quarter, 2 * quarter), slice(2 * quarter, first)
    odds = scored(values, y, trained, held, options.seed)
    reference = drift.make_reference(names, values[held], odds[held])
    start = process_time()
    quiet = list(windows(values, odds, y, reference, calm, size))
    loud = list(windows(values, odds, y, reference, slice(first, len(y)), size))
    seconds = process_time() - start
    alarmed = [place for place, each in enumerate(loud) if each["alarms"]]
    return {
        "table": Path(options.table).parent.name, "rows": len(y), "features": len(names), "window": size,
        "reference_rows": reference.rows,
        "calm": {"windows": len(quiet), "with_alarms": sum(bool(each["alarms"]) for each in quiet),
                 "largest_csi": round(max(each["largest_csi"] for each in quiet), 4)},
        "drifted": {"windows": len(loud), "with_alarms": len(alarmed),
                    "first_alarm_in_window": alarmed[0] + 1 if alarmed else None,
                    "alarms_there": loud[alarmed[0]]["alarms"] if alarmed else []},
        "auc": {name: {"estimated": _mean(each, "auc_estimated"), "observed": _mean(each, "auc")}
                for name, each in (("calm", quiet), ("drifted", loud))},
        "one_by_one": one_by_one(values, odds, reference, calm, options.chance, options.within),
        "milliseconds_a_window": round(1000 * seconds / (len(quiet) + len(loud)), 2),
    }  # fmt: skip


def _mean(found: Sequence[Mapping[str, float]], name: str) -> float:
    return round(float(np.nanmean([each[name] for each in found])), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", default="")
    parser.add_argument("--target")
    parser.add_argument("--time")
    parser.add_argument("--drifts-from", help="the first time, as it is written, from which rows count as drifted")
    parser.add_argument("--drop", default="")
    parser.add_argument("--window", type=int, default=500)
    parser.add_argument("--chance", type=float, default=0.01)
    parser.add_argument("--within", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    # Without a table there is nothing to say: the other benches run without arguments, and so does this.
    print(json.dumps(measure(options) if options.table else {"skipped": "no --table"}))


if __name__ == "__main__":
    main()
