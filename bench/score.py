"""How many cases a second are scored, whole: features, every model, calibration, doubt, both explanations, reasons.

The champion is the one that the sample's loans of 2016 train, the cases are the applications of 2018. Each batch size
is measured against the bare `predict` of the same models in the same run: by the product's own trees, and by LightGBM
on the same trees; and against `shap.TreeExplainer` called case by case, as typical builds do. `explain` is the exact
explanation of the shown number from one baseline: the additive members, the trees and the calibration's scale. Time is
processor time of this process, the median of rounds in which the ways take turns; small batches differ from call to
call. What a worker costs before its first case (seconds, MB resident) is measured in processes of their own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench._ground import report, sample_rows, say
from bench._native import booster_of
from riskreview import sample
from scoring.ml.artefact import save_champion
from scoring.ml.champion import Champion
from scoring.ml.features import Row, feature_table_for
from scoring.ml.forms import TreesForm
from scoring.ml.pipeline import train_champion

BATCHES = (1, 16, 256, 4096)
ROUNDS = 5
EXPLAINED_ALONE = 20
LEAST_SECONDS = 0.1
# The processor would learn the way of a single case by heart, so at least so many are scored in turns.
LEAST_ROWS = 64
START = r"""
import time; start = time.perf_counter()
import os, re
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskreview.settings")
{imports}
seconds = time.perf_counter() - start
print(seconds, int(re.search(r"VmRSS:\s+(\d+)", open("/proc/self/status").read())[1]) / 1024)
"""
PROCESSES = {
    "bare_python": "",
    "worker": "import django; django.setup(); import riskreview.celery, riskreview.tasks",
    "worker_ready_to_score": (
        "import django; django.setup(); import riskreview.celery, riskreview.tasks\n"
        "from pathlib import Path\n"
        "from scoring.ml.artefact import load_champion\n"
        "champion = load_champion(Path({folder!r}), {sha256!r})\n"
        "champion.score([{{}}])"
    ),
    "shap_alone": "import shap",
}
FloatArray = NDArray[np.float64]
Work = Callable[[], object]


def score_whole(champion: Champion, rows: list[Row]) -> None:
    """All that is written of a case."""
    champion.reasons(champion.score(rows))


def library_predict(champion: Champion, values: FloatArray) -> Work:
    """The same models with LightGBM predicting the trees, in one thread."""
    members = [member.form for member in champion.blend.members]
    trees = [(form, booster_of(form.trees)) for form in members if isinstance(form, TreesForm)]
    others = [form for form in members if not isinstance(form, TreesForm)]

    def predict() -> None:
        for form, booster in trees:
            booster.predict(form.inputs.prepare(values), raw_score=True, num_threads=1)
        for other in others:
            other.log_odds(values)

    return predict


def explain_alone(champion: Champion, values: FloatArray) -> Work:
    """A `TreeExplainer` call a case and tree model, its models and explainers made beforehand."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        members = [member.form for member in champion.blend.members if isinstance(member.form, TreesForm)]
        explainers = [
            (form, shap.TreeExplainer(booster_of(form.trees), feature_perturbation="tree_path_dependent"))
            for form in members
        ]

    def explain() -> None:
        for at in range(len(values)):
            for form, explainer in explainers:
                explainer.shap_values(form.inputs.prepare(values[at : at + 1]))

    return explain


def seconds_a_row(work: Work, rows: int) -> float:
    """Processor time a row, from as many calls as fill a tenth of a second."""
    work()
    calls, start = 0, process_time()
    while process_time() - start < LEAST_SECONDS:
        work()
        calls += 1
    return (process_time() - start) / calls / rows


def measured(champion: Champion, rows: list[Row], batch: int) -> dict[str, float]:
    """Seconds a row of each way in batches of this size, medians over interleaved rounds."""
    starts = range(0, max(batch, LEAST_ROWS), batch)
    parts = [rows[at : at + batch] for at in starts]
    values = [champion.table.matrix(part) for part in parts]
    few = champion.table.matrix(rows[:EXPLAINED_ALONE])
    ways: dict[str, tuple[int, list[Work]]] = {
        "shap_alone": (len(few), [explain_alone(champion, few)]),
        "score": (batch, [partial(score_whole, champion, part) for part in parts]),
        "explain": (batch, [partial(champion.explain, each) for each in values]),
        "predict": (batch, [partial(champion.log_odds, each) for each in values]),
        "library_predict": (batch, [library_predict(champion, each) for each in values]),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(ROUNDS):
        for name, (size, works) in ways.items():
            found[name].append(seconds_a_row(partial(all_of, works), size * len(works)))
    return {name: median(each) for name, each in found.items()}


def all_of(works: list[Work]) -> None:
    """One work after the other."""
    for work in works:
        work()


def starts(folder: Path, sha256: str) -> dict[str, dict[str, float]]:
    """Seconds and MB resident of fresh processes, each the quickest of three."""
    found = {}
    for name, imports in PROCESSES.items():
        code = START.format(imports=imports.format(folder=str(folder), sha256=sha256))
        runs = []
        for _run in range(3):
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            runs.append(tuple(map(float, done.stdout.split())))
        seconds, megabytes = min(runs)
        found[name] = {"seconds": round(seconds, 2), "megabytes": round(megabytes)}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.score", description=__doc__)
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES)
    batches = parser.parse_args().batches
    # Every way in one thread: on a crowded machine threads of LightGBM wait for each other, which counts as processor
    # time and made TreeExplainer look ten times as dear.
    threadpool_limits(limits=1)
    say("Training the sample's champion")
    champion, rows = sample_champion()
    figures: dict[str, Any] = {}
    for batch in batches:
        say(f"Batches of {batch}")
        cost = measured(champion, rows, batch)
        figures[str(batch)] = {
            "rows_per_second": {name: round(1 / each) for name, each in cost.items()},
            "explain_to_predict": round(cost["explain"] / cost["predict"], 2),
            "explain_to_library_predict": round(cost["explain"] / cost["library_predict"], 2),
            "score_to_predict": round(cost["score"] / cost["predict"], 2),
            "score_to_library_predict": round(cost["score"] / cost["library_predict"], 2),
            "explained_faster_than_shap_alone": round(cost["shap_alone"] / cost["explain"], 1),
            "scored_whole_faster_than_shap_alone": round(cost["shap_alone"] / cost["score"], 1),
        }
    with tempfile.TemporaryDirectory(prefix="riskreview-bench-") as folder:
        say("Starts of processes")
        record = save_champion(champion, Path(folder))
        result = {
            "members": dict(champion.recipe["members"]),
            "leaves": leaves_of(champion),
            "batches": figures,
            "starts": starts(Path(folder), record.sha256),
            "artefact_bytes": record.size,
        }
    report("score", result)


def sample_champion() -> tuple[Champion, list[Row]]:
    """The champion of the loans of 2016, and the applications of 2018 as the model reads them."""
    rows, outcomes = sample_rows(sample.HISTORY)
    champion = train_champion(feature_table_for(sample.PRODUCT), rows, outcomes)
    return champion, sample_rows(sample.NEW_CASES)[0]


def leaves_of(champion: Champion) -> int:
    """Leaves of all tree members."""
    forms = [member.form for member in champion.blend.members]
    return sum(int((form.trees.feature < 0).sum()) for form in forms if isinstance(form, TreesForm))


if __name__ == "__main__":
    main()
