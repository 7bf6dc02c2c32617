"""What an exact explanation costs, in prices of the library's own `predict` of the same model.

Two LightGBM models on drawn data: a large one (500 trees of 31 leaves, 30 columns) and a small one (200 trees of 6
leaves, 14 columns). For each batch, in turns in one run and one thread: `Booster.predict(raw_score=True)`,
`TreeShapley` and the flat trees' own `predict`. Beside them, in the same run: the library's `pred_contrib` on 256
rows, and `shap.TreeExplainer` called row by row. Time is processor time of this process in microseconds a row, the
least of the rounds; the ratios are what to read. `difference` is the largest to `pred_contrib`, `residual` the largest
of base + contributions - predict.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from scoring.ml.shapley import TreeShapley
from scoring.ml.trees.tree_readers import from_lightgbm

FloatArray = NDArray[np.float64]

MODELS = {"large": (500, 31, 30), "small": (200, 6, 14)}
BATCHES = (1, 16, 256, 1024, 4096, 16384)
# Work shorter than this is repeated within a round: the clock of processor time is coarse.
LEAST_SECONDS = 0.02


def train(trees: int, leaves: int, columns: int) -> tuple[lgb.Booster, FloatArray]:
    """A model of drawn rows, a twentieth of the values missing, with main effects, a product and a square."""
    random = np.random.default_rng(0)
    values = random.normal(size=(max(BATCHES), columns))
    values[random.random(values.shape) < 0.05] = np.nan
    known = np.nan_to_num(values)
    odds = known @ random.normal(size=columns) / np.sqrt(columns) + known[:, 0] * known[:, 1] - known[:, 2] ** 2 / 2
    y = (random.random(len(values)) < 1 / (1 + np.exp(-odds))).astype(float)
    settings = {"objective": "binary", "num_leaves": leaves, "learning_rate": 0.05, "verbosity": -1, "num_threads": 1}
    return lgb.train(settings, lgb.Dataset(values, y), trees), values


def microseconds(works: dict[str, Callable[[], Any]], rows: int, rounds: int) -> dict[str, float]:
    """Processor time of each work a row, the least of the rounds; the works take turns."""
    times: dict[str, float] = dict.fromkeys(works, float("inf"))
    repeats = {name: max(1, int(LEAST_SECONDS / max(seconds_of(work, 1), 1e-6))) for name, work in works.items()}
    for _ in range(rounds):
        for name, work in works.items():
            times[name] = min(times[name], seconds_of(work, repeats[name]) / repeats[name])
    return {name: round(seconds / rows * 1e6, 2) for name, seconds in times.items()}


def each(parts: Sequence[FloatArray], work: Callable[[FloatArray], Any]) -> Callable[[], Any]:
    """The work on one part after the other."""
    return lambda: [work(part) for part in parts]


def seconds_of(work: Callable[[], Any], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        work()
    return time.process_time() - start


def measure(name: str, rounds: int) -> dict[str, Any]:
    """All figures of one model."""
    booster, values = train(*MODELS[name])
    trees = from_lightgbm(booster.model_to_string())
    explainer = TreeShapley(trees)
    start = time.perf_counter()
    explainer.explain(values[:1])
    first = time.perf_counter() - start
    batches: dict[str, Any] = {}
    for size in BATCHES:
        print(f"{name}: {size} rows", file=sys.stderr, flush=True)
        # Small batches differ from call to call: the processor would learn the way of a single row by heart.
        parts = [values[at : at + size] for at in range(0, max(size, min(64 * size, 1024)), size)]
        works = {
            "predict": each(parts, lambda part: booster.predict(part, raw_score=True, num_threads=1)),
            "explain": each(parts, explainer.explain),
            "flat_predict": each(parts, trees.predict),
        }
        found = microseconds(works, size * len(parts), rounds)
        batches[str(size)] = {**found, "ratio": round(found["explain"] / found["predict"], 2)}
    judge = np.asarray(booster.predict(values[:256], pred_contrib=True, num_threads=1))
    residual = explainer.base_value + explainer.explain(values).sum(axis=1) - trees.predict(values)
    return {
        "first_call_s": round(first, 3),
        "batches": batches,
        **references(booster, values),
        "difference": float(np.abs(explainer.explain(values[:256]) - judge[:, :-1]).max()),
        "residual": float(np.abs(residual).max()),
    }


def references(booster: lgb.Booster, values: FloatArray) -> dict[str, float]:
    """Microseconds a row of the library's own contributions in a batch, and of shap called row by row."""
    import shap

    booster.params = {}
    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    batch = {"pred_contrib": lambda: booster.predict(values[:256], pred_contrib=True, num_threads=1)}
    single = {"shap_row_by_row": lambda: [explainer.shap_values(values[at : at + 1]) for at in range(16)]}
    return {**microseconds(batch, 256, 2), **microseconds(single, 16, 2)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args(arguments).rounds
    # shap calls the library in as many threads as there are cores unless OpenMP is told otherwise.
    if os.environ.get("OMP_NUM_THREADS") != "1":
        command = [sys.executable, "-m", "bench.explain", *sys.argv[1:]]
        os.execvpe(sys.executable, command, os.environ | {"OMP_NUM_THREADS": "1"})  # noqa: S606
    figures = {name: measure(name, rounds) for name in MODELS}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    print(json.dumps({"bench": "explain", "at": at, **figures, "place": {"cpus": os.cpu_count()}}))


if __name__ == "__main__":
    main()
