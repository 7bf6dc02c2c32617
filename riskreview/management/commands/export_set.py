"""`export_set ID --out FOLDER`: a training set as Parquet and CSV, with its data card in both languages.

It stands here and not in `learning`, because a card in words belongs to the pages, which lie after learning.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.errors import CaseError
from cases.terminal import progress_bar, report
from desk.set_cards import write_set_cards
from learning.models import TrainingSet
from learning.set_export import export_tables


class Command(BaseCommand):
    help = "Export a training set with its data card."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", type=int)
        parser.add_argument("--out", type=Path, default=Path(), metavar="FOLDER")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = TrainingSet.objects.filter(pk=options["dataset"]).first()
        folder: Path = options["out"]
        if dataset is None:
            raise CommandError(f"There is no training set {options['dataset']}.")
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        try:
            with progress_bar("Exporting", 2, unit=" steps") as bar:
                paths = export_tables(dataset, folder)
                bar.update()
                paths += write_set_cards(dataset, folder)
                bar.update()
        except CaseError as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as refusal:
            raise CommandError(f"The file of training set {dataset.pk} cannot be copied: {refusal}") from refusal
        report(self.stdout, {"dataset": dataset.pk, "files": [str(path) for path in paths]}, as_json=options["json"])
