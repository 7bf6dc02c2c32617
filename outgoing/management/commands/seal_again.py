"""`seal_again`: seals every secret under the newest of RISKREVIEW_FIELD_KEYS, so that older keys can be thrown away."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from cases.sealed import CannotOpen, sealed_again
from cases.terminal import report
from intake.models import Connector
from outgoing.models import DecisionFeed, RetiredSecret, Webhook

SEALED: Final[tuple[tuple[type[models.Model], tuple[str, ...]], ...]] = (
    (Connector, ("address",)),
    (DecisionFeed, ("address",)),
    # In this order: a secret that somebody replaces waits for the lock of its webhook, or is found retired.
    (Webhook, ("secret",)),
    (RetiredSecret, ("secret",)),
)


class Command(BaseCommand):
    help = "Seal every secret at rest under the newest field key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic(durable=True):
                count = sum(_seal_all(model, names) for model, names in SEALED)
        except CannotOpen as wrong:
            raise CommandError("A secret is sealed under a key that is not at hand; nothing was changed.") from wrong
        report(self.stdout, {"secrets": count}, as_json=options["json"])


def _seal_all(model: type[models.Model], names: tuple[str, ...]) -> int:
    """Two at once, or somebody who sets one meanwhile: each row is locked while it is sealed."""
    count = 0
    for row in model._default_manager.select_for_update().order_by("pk"):
        changed = [name for name in names if getattr(row, name)]
        for name in changed:
            setattr(row, name, sealed_again(getattr(row, name)))
        row.save(update_fields=changed)
        count += len(changed)
    return count
