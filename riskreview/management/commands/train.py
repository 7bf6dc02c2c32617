"""`train`: trains a candidate from the labelled cases of a product and writes its card. It never promotes.

It stands here and not in `learning`, because a card in words belongs to the pages, which lie after learning.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.errors import CaseError
from cases.models import User
from cases.terminal import progress_bar, report
from desk.cards import write_card_files
from learning.models import TrainingSet
from learning.set_building import build_training_set
from learning.train import WEIGHTS, train_model
from scoring.ml.errors import ModelError
from scoring.ml.recipes import RECIPES
from scoring.models import ModelVersion


class Command(BaseCommand):
    help = "Train a candidate model and write its card. Promotion is a decision of people, made elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--product", default="consumer", help="the product whose matured cases are learned from")
        parser.add_argument("--recipe", default="blend", metavar="NAME", help=f"one of {', '.join(RECIPES)}")
        parser.add_argument("--dataset", type=int, help="number of a training set; without it a new one is built")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--weights",
            default=WEIGHTS[0],
            choices=WEIGHTS,
            help="propensity: each loan counts by the weight that the set holds for it; none: each counts once",
        )
        parser.add_argument("--by", metavar="USERNAME", help="who has it trained, and will not be asked to approve it")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["recipe"] not in RECIPES:
            raise CommandError(f"There is no recipe {options['recipe']}. Known: {', '.join(RECIPES)}.")
        try:
            dataset = self._dataset(options)
            version = self._train(dataset, options)
        except (CaseError, ModelError) as refusal:
            raise CommandError(str(refusal)) from refusal
        cards = {f"card_{path.suffixes[-2][1:]}": str(path) for path in write_card_files(version)}
        report(self.stdout, figures(version, dataset) | cards, as_json=options["json"])

    def _train(self, dataset: TrainingSet, options: dict[str, Any]) -> ModelVersion:
        with progress_bar("Training", None, unit=" steps") as bar:

            def tell(done: int, total: int, what: str) -> None:
                bar.total = total
                bar.set_postfix_str(what)
                bar.update(done - bar.n)

            by = self._person(options["by"])
            chosen = {name: options[name] for name in ("recipe", "seed", "weights")}
            return train_model(dataset, **chosen, progress=tell, by=by)

    def _person(self, username: str | None) -> User | None:
        person = User.objects.filter(username=username).first() if username else None
        if username and person is None:
            raise CommandError(f"There is nobody of the name {username}.")
        return person

    def _dataset(self, options: dict[str, Any]) -> TrainingSet:
        if options["dataset"] is None:
            return build_training_set(options["product"])
        dataset = TrainingSet.objects.filter(pk=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no training set {options['dataset']}.")
        return dataset


def figures(version: ModelVersion, dataset: TrainingSet) -> dict[str, Any]:
    """What is printed of a training: the model, what it learned from, and its measures on loans it had not seen."""
    measures = {name: round(value, 4) for name, value in version.metrics.items() if name not in ("rows", "bads")}
    weighing = version.card["weighing"]
    return {
        "model": str(version),
        "sha256": version.sha256,
        "recipe": version.recipe,
        "status": version.status,
        "dataset": dataset.pk,
        "rows": dataset.rows,
        "bads": dataset.bads,
        "weights": weighing["kind"],
        "effective_size": round(weighing["effective_size"], 1),
        **measures,
    }
