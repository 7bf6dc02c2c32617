"""`infer_outcomes`: what declined cases would have come to under an assumption, band by band. For sensitivity alone."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from cases.errors import CaseError
from cases.models import User
from cases.terminal import report
from learning.inferred import Inference, infer_outcomes, keep_inferred


class Command(BaseCommand):
    help = (
        "Work out, band of the PD by band, what declined cases would have come to if they had paid so many times worse "
        "than granted loans, and from which factor on approving them would cost no more than declining. For "
        "sensitivity analysis: no model ever learns from it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--product", default="consumer")
        parser.add_argument("--factor", type=float, default=1.0, help="how many times worse; 1 if not given")
        parser.add_argument("--keep", action="store_true", help="keep them as labels of source `inferred`")
        parser.add_argument("--by", metavar="USERNAME", help="the administrator who keeps them")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = infer_outcomes(options["product"], factor=options["factor"])
            kept = keep_inferred(found, by=self._person(options["by"])) if options["keep"] else 0
        except (CaseError, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        told = figures(found, kept)
        bands = [] if options["json"] else told.pop("bands")
        report(self.stdout, told, as_json=options["json"])
        for band in bands:
            report(self.stdout, {"": ""} | band, as_json=False)

    def _person(self, username: str | None) -> User:
        person = User.objects.filter(username=username).first() if username else None
        if person is None:
            raise CommandError("Say with --by which administrator keeps them.")
        return person


def figures(found: Inference, kept: int) -> dict[str, Any]:
    """What is printed of an inference."""
    told = found.bad[~np.isnan(found.bad)]
    return {
        "product": found.product,
        "factor": found.factor,
        "cut_off": found.cut_off,
        "declined": len(found.cases),
        "inferred": len(told),
        "bad": int(told.sum()),
        "kept": kept,
        "bands": [
            asdict(each) | {"explored": each.explored._asdict() if each.explored else None} for each in found.parcels
        ],
    }
