"""`backtest FILE --target COL`: judges the whole decision system on a table with a known outcome; needs no database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from cases.terminal import progress_bar
from learning.backtest import Options, run_backtest
from learning.judged_table import BacktestError
from scoring.ml.errors import TrainingError

STEPS: Final = 1000
MODEL_FIGURES: Final = ("auc", "ks", "brier", "log_loss", "ece")
ROUTING_FIGURES: Final = (
    "review_share",
    "approve_share",
    "decline_share",
    "machine_miss_rate",
    "miss_rate",
    "good_decline_rate",
    "cost",
)
WITH_OR_WITHOUT: Final = {"auc_with_leaks": "with the leaking columns", "auc": "without them"}


class Command(BaseCommand):
    help = "Judge models, routing and the promised miss rate on a table with a known outcome (CSV, XLSX or Parquet)."
    # It reads one file and prints: neither the database nor what depends on it is asked.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--target", required=True, help="column of the outcome, 1 = bad")
        parser.add_argument("--drop", default="", help="columns no model may see (leaks, ids), separated by commas")
        parser.add_argument("--time", help="column to split by: train on the past, test on the last fifth")
        parser.add_argument("--amount", help="column of amounts: costs scale with the amount over its mean")
        parser.add_argument("--review-share", type=float, default=0.05, help="most of the cases that people may see")
        parser.add_argument(
            "--miss-rate", type=float, help="promise: at most this share of all bads is approved by the machine"
        )
        parser.add_argument(
            "--reviewer-accuracy", type=float, default=0.85, help="chance that a simulated reviewer is right"
        )
        parser.add_argument(
            "--accuracy-unknown", action="store_true", help="the policy is not told how often reviewers are right"
        )
        parser.add_argument("--cost-bad", type=float, default=5.0, help="approving a bad one")
        parser.add_argument("--cost-good", type=float, default=1.0, help="declining a good one")
        parser.add_argument("--cost-review", type=float, default=0.1, help="one review")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--folds", type=int, default=5, help="stratified folds, where --time is not given")
        parser.add_argument("--recipe", default="blend", help="the champion's recipe")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {each.name: options[each.name] for each in fields(Options)}
        asked["drop"] = tuple(name.strip() for name in options["drop"].split(",") if name.strip())
        try:
            with progress_bar(f"Backtest of {options['file'].name}", STEPS, unit="‰") as bar:

                def tell(share: float, what: str) -> None:
                    bar.set_postfix_str(what, refresh=False)
                    bar.update(int(share * STEPS) - bar.n)

                found = run_backtest(options["file"], Options(**asked), tell)
        except (BacktestError, TrainingError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for warning in found["warnings"]:
            self.stderr.write(f"Warning: {warning}")
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write("\n".join(lines_of(found)))


def lines_of(found: Mapping[str, Any]) -> Iterator[str]:
    """The figures of a backtest as tables for a person."""
    folds = found["guarantee"]["folds"]
    yield f"{found['rows']:,} rows, {found['bad_rate']:.1%} bad, {found['features']} features, {found['seconds']} s"
    for each in found["dropped"]:
        yield f"Left out: {each['reason']}"
    if "model_without_leaks" in found:
        plain = found["model_without_leaks"]
        known = ", ".join(f"AUC {plain[key]:.4f} {words}" for key, words in WITH_OR_WITHOUT.items() if key in plain)
        yield f"{plain['recipe']}: {known}"
    yield ""
    yield from _table(f"Models, {folds} folds" if folds > 1 else "Models", MODEL_FIGURES, found["models"])
    model = found["model"]
    yield f"Champion: {model['recipe']}; explanations add up to within {model['additivity_error']:.1e}"
    yield ""
    yield from _table("Who looks", ROUTING_FIGURES, found["routing"])
    yield _promise(found["guarantee"])


def _table(title: str, figures: Sequence[str], rows: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    width = max(map(len, [title, *rows]))
    yield "  ".join([f"{title:<{width}}", *(figure.replace("_", " ") for figure in figures)])
    for name, row in rows.items():
        yield "  ".join([f"{name:<{width}}", *(f"{row[figure]:>{len(figure)}.4f}" for figure in figures)])


def _promise(guarantee: Mapping[str, Any]) -> str:
    if guarantee["miss_rate_bound"] is None:
        return f"No promise asked; the machine approves below a PD of {guarantee['approve_below']:.2%}."
    return (
        f"Promise: the machine approves at most {guarantee['miss_rate_bound']:.1%} of all bads; kept in "
        f"{guarantee['folds_held']} of {guarantee['folds']} folds, approving below a PD of "
        f"{guarantee['approve_below']:.2%} on average."
    )
