"""`verify_model`: takes a stored model over to the libraries installed here, as a new candidate with a card.

It stands beside `train` for the same reason: a card in words belongs to the pages, which lie after learning.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.terminal import report
from desk.cards import write_card_files
from learning.verified import verify_model
from scoring.ml.errors import ModelError
from scoring.models import ModelVersion
from scoring.registry import champion_version


class Command(BaseCommand):
    help = (
        "After an upgrade of numpy, numba or a model library: recompute a model's test vectors under what is installed "
        "and, where all agree to 1e-9, register it as a new candidate. Promotion is a decision of people."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--product", default="consumer")
        parser.add_argument("--number", type=int, help="number of the version (default: the one in force)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        before = self._version(options["product"], options["number"])
        try:
            version = verify_model(before)
        except ModelError as refusal:
            raise CommandError(str(refusal)) from refusal
        if version != before and version.card:
            write_card_files(version)
        figures = {
            "model": str(before),
            "verified_as": str(version),
            "is_new": version != before,
            "sha256": version.sha256,
            "status": version.status,
            "made_with": before.library_versions,
            "installed": version.library_versions,
        }
        report(self.stdout, figures, as_json=options["json"])

    def _version(self, product: str, number: int | None) -> ModelVersion:
        if number is None:
            version = champion_version(product)
        else:
            version = ModelVersion.objects.filter(product=product, number=number).first()
        if version is None:
            raise CommandError(
                f"There is no model {product} v{number}." if number else f"No model of {product} serves."
            )
        return version
