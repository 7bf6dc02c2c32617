"""`build_set`: freezes the matured cases of a product as a training set, as things stood when each was decided."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.errors import CaseError
from cases.terminal import progress_bar, report
from learning.models import TrainingSet
from learning.set_building import build_training_set
from learning.set_files import path_of


class Command(BaseCommand):
    help = "Build a training set. The same outcomes give the same set."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--product", default="consumer")
        parser.add_argument("--as-of", metavar="TIME", help="nothing recorded after it is in the set; ISO 8601")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = _moment(options["as_of"])
        try:
            with progress_bar("Building", None, unit=" steps") as bar:

                def tell(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                dataset = build_training_set(options["product"], as_of=as_of, progress=tell)
        except CaseError as refusal:
            raise CommandError(str(refusal)) from refusal
        report(self.stdout, figures(dataset), as_json=options["json"])


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no time; write it like 2026-05-31T18:00+08:00.") from None
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def figures(dataset: TrainingSet) -> dict[str, Any]:
    """What is printed of a set."""
    compared = dataset.card.get("compared") or {}
    return {
        "dataset": dataset.pk,
        "product": dataset.product,
        "sha256": dataset.sha256,
        "rows": dataset.rows,
        "bads": dataset.bads,
        "effective_size": dataset.effective_size,
        "excluded": dataset.card.get("excluded", {}),
        "new": compared.get("new"),
        "drifted": [each["feature"] for each in compared.get("shifts", ()) if each["grade"]],
        "label_conflicts": dataset.card.get("conflicts", {}).get("found"),
        "file": str(path_of(dataset)),
    }
