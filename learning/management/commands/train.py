"""`train`: trains a candidate from the labelled cases of a product. It never promotes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.errors import CaseError
from cases.terminal import progress_bar, report
from learning.actions import build_training_set, train_model
from learning.models import TrainingSet
from scoring.ml.errors import ModelError


class Command(BaseCommand):
    help = "Train a candidate model. Promotion is a decision of people, made elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--product", default="consumer", help="the product whose matured cases are learned from")
        parser.add_argument("--recipe", default="GradientBoostingRisk", choices=["GradientBoostingRisk"])
        parser.add_argument("--dataset", type=int, help="number of a training set; without it a new one is built")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            dataset = self._dataset(options)
            with progress_bar("Training", None, unit=" steps") as bar:

                def tell(done: int, total: int, what: str) -> None:
                    bar.total = total
                    bar.set_postfix_str(what)
                    bar.update(done - bar.n)

                version = train_model(dataset, seed=options["seed"], progress=tell)
        except (CaseError, ModelError) as refusal:
            raise CommandError(str(refusal)) from refusal
        figures = {
            "model": str(version),
            "sha256": version.sha256,
            "status": version.status,
            "dataset": dataset.pk,
            "rows": dataset.rows,
            "bads": dataset.bads,
            **{name: round(value, 4) for name, value in version.metrics.items() if name not in ("rows", "bads")},
        }
        report(self.stdout, figures, as_json=options["json"])

    def _dataset(self, options: dict[str, Any]) -> TrainingSet:
        if options["dataset"] is None:
            return build_training_set(options["product"])
        dataset = TrainingSet.objects.filter(pk=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no training set {options['dataset']}.")
        return dataset
