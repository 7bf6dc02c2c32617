"""`consume NAME`: reads the stream or topic of a source as its messages come, until it is told to end."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.terminal import in_both, report
from intake.models import Connector, Way
from intake.sources.source_names import spelling_of
from intake.ways_in.consuming import consume, consume_on


class Command(BaseCommand):
    help = "Read the stream or topic of a source. Any number of these may run at once, on any number of machines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="name of the source")
        parser.add_argument("--once", action="store_true", help="end when all that waits is read")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        streams = Connector.objects.filter(kind__in=[Way.REDIS, Way.KAFKA])
        connector = streams.filter(source__slug=spelling_of(options["source"])).first()
        if connector is None:
            raise CommandError(f"No source {options['source']} is read from a stream or topic; its page sets how.")
        ended = False

        def end(*_signal: object) -> None:
            nonlocal ended
            ended = True

        # What is in hand is taken in and acknowledged before it ends.
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, end)
        if options["once"]:
            count = consume(connector.pk, lambda reader: ended or reader.is_idle)
        else:
            count = consume_on(connector.pk, lambda: ended)
        problem = Connector.objects.values_list("problem", flat=True).get(pk=connector.pk)
        if options["once"] and problem:
            raise CommandError(in_both(problem))
        report(self.stdout, {"messages": count}, as_json=options["json"])
