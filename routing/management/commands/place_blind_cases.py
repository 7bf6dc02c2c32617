"""`place_blind_cases`: places the blind cases that wait by their amount and their file alone."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cases.terminal import progress_bar, report
from routing.blind_places import place_anew, waiting_blind


class Command(BaseCommand):
    help = "Make the places of waiting blind cases anew, so that none tells a score; once after an upgrade."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        start, behind, counts = time.monotonic(), 0, {"looked_at": 0, "moved": 0}
        with progress_bar("Placing", waiting_blind().count(), unit=" cases") as bar:
            while True:
                behind, looked_at, moved = place_anew(behind)
                if not looked_at:
                    break
                counts = {"looked_at": counts["looked_at"] + looked_at, "moved": counts["moved"] + moved}
                bar.update(looked_at)
        report(self.stdout, {**counts, "seconds": round(time.monotonic() - start, 2)}, as_json=options["json"])
