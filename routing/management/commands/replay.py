"""`replay`: recomputes stored assessments and routes with the model and the policy that each of them names."""

from __future__ import annotations

import math
import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef

from cases.errors import CaseNotFound
from cases.models import Case
from cases.terminal import progress_bar, report
from routing.models import Route
from routing.replay import Replayed, replay_cases
from scoring.models import Assessment

BATCH: Final = 500
SHOWN: Final = 20


class Command(BaseCommand):
    help = "Recompute stored assessments and routes; exit 1 on any difference, naming case and field."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("refs", nargs="*", metavar="REF", help="cases such as CR-12; without one, all that count")
        parser.add_argument("--sample", type=int, metavar="N", help="this many cases, drawn at random")
        parser.add_argument("--seed", type=int, default=0, help="of the draw: the same seed draws the same cases")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        start, keys = time.monotonic(), chosen(options["refs"], options["sample"], options["seed"])
        found = Replayed()
        with progress_bar("Replaying", len(keys), unit=" cases") as bar:
            for cases in batches(keys):
                replay_cases(cases, found)
                bar.update(len(cases))
        differences = [{name: _plain(value) for name, value in asdict(each).items()} for each in found.differences]
        counts = {name: getattr(found, name) for name in ("cases", "assessments", "routes", "refused")}
        seconds = round(time.monotonic() - start, 2)
        if options["json"]:
            figures = {**counts, "differences": differences, "seconds": seconds}
            report(self.stdout, figures, as_json=True)
        else:
            report(self.stdout, {**counts, "differences": len(differences), "seconds": seconds}, as_json=False)
            for each in differences[:SHOWN]:
                self.stdout.write("{case}, {field}: stored {stored}; now {recomputed}".format(**each))
            if len(differences) > SHOWN:
                self.stdout.write(f"and {len(differences) - SHOWN} more: ask with --json")
        if differences:
            raise SystemExit(1)


def _plain(value: Any) -> Any:
    """JSON has no word for NaN and infinity."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def chosen(refs: Sequence[str], sample: int | None, seed: int) -> list[int]:
    """Keys of the cases to replay, in order: those named, or all that were assessed or routed, or a draw of these.

    Raises:
        CommandError: no such case, or a sample of less than one.
    """
    if sample is not None and (sample < 1 or refs):
        raise CommandError("--sample draws one case or more, and does not go with named cases.")
    if refs:
        return sorted({_key_of(ref) for ref in refs})
    stored = Case.objects.filter(
        Exists(Assessment.objects.filter(case=OuterRef("pk"))) | Exists(Route.objects.filter(case=OuterRef("pk")))
    )
    keys = list(stored.order_by("pk").values_list("pk", flat=True))
    if sample is None or sample >= len(keys):
        return keys
    return sorted(random.Random(seed).sample(keys, sample))  # noqa: S311  a draw to look at, not to keep secret


def _key_of(ref: str) -> int:
    try:
        return int(Case.objects.by_ref(ref).pk)
    except CaseNotFound as refusal:
        raise CommandError(f"{ref}: {refusal}") from refusal


def batches(keys: Sequence[int]) -> Iterator[list[Case]]:
    """The cases of these keys, a few at a time, so that memory does not grow with the book."""
    for first in range(0, len(keys), BATCH):
        part = Case.objects.filter(pk__in=keys[first : first + BATCH]).select_related("applicant")
        yield list(part.order_by("pk"))
