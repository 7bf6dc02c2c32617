"""`pull_source NAME`: asks the database of a source once, whatever its schedule."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.terminal import in_both, report
from intake.models import Connector, Way
from intake.sources.source_names import spelling_of
from intake.ways_in.connector_trouble import ROWS_UNREAD
from intake.ways_in.pulling import pull_alone


class Command(BaseCommand):
    help = "Ask the database of a source for its new rows, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="name of the source")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        connector = Connector.objects.filter(source__slug=spelling_of(options["source"]), kind=Way.SQL).first()
        if connector is None:
            raise CommandError(f"No source {options['source']} is read from a database; its page sets how.")
        if not pull_alone(connector.pk):
            raise CommandError(f"Source {options['source']} is being pulled at this moment.")
        turn = connector.pulls.select_related("batch", "late").latest("pk")
        if turn.problem and turn.problem["code"] not in ROWS_UNREAD:
            raise CommandError(in_both(turn.problem))
        batch = turn.batch
        counts = ("rows", "accepted", "duplicates", "rejected", "held")
        figures = {name: getattr(batch, name) if batch else 0 for name in counts}
        figures |= {"read_again": turn.read_again, "late": turn.late.rows - turn.late.duplicates if turn.late else 0}
        report(self.stdout, figures | {"batch": batch.pk if batch else None}, as_json=options["json"])
        if turn.problem:
            raise CommandError(in_both(turn.problem))
