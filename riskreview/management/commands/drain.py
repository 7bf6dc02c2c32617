"""`drain`: waits until nothing waits for the machine, and names what is stuck when it takes too long."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from cases.models import Case, Review, Signature
from cases.standing import standing
from cases.terminal import progress_bar, report
from cases.wake import send_wake

PAUSE_SECONDS: Final = 0.25
SHOWN: Final = 20


def waiting() -> int:
    """Cases the machine still has to move, and decisions without their label. One that was taken back gets none."""
    decisions = (standing(Review.objects.all()), Signature.objects.all())
    unlabelled = sum(each.filter(label__isnull=True).count() for each in decisions)
    return int(Case.objects.waiting_for_machine().count()) + unlabelled


class Command(BaseCommand):
    help = "Wait until nothing waits for the machine; exit 1 at the time-out, naming what is stuck."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--timeout", type=float, default=600, help="seconds")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        start, left = time.monotonic(), waiting()
        send_wake()
        with progress_bar("Waiting for the machine", left, unit=" cases") as bar:
            while left and time.monotonic() - start < options["timeout"]:
                time.sleep(PAUSE_SECONDS)
                now_left = waiting()
                bar.update(max(0, left - now_left))
                left = now_left
        stuck = [case.ref for case in Case.objects.waiting_for_machine().order_by("pk")[:SHOWN]]
        figures = {"waiting": left, "stuck": stuck, "seconds": round(time.monotonic() - start, 1)}
        report(self.stdout, figures, as_json=options["json"])
        if left:
            raise SystemExit(1)
