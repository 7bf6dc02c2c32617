"""`export_reporting`: writes the reporting views as Parquet files now, as the machine does every night."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from outgoing.parquet import LIST, export_views


class Command(BaseCommand):
    help = "Write the reporting views as Parquet files, one folder a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, default=settings.EXPORTS, help="folder of the exports")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        with tqdm(unit=" rows", disable=None if not options["json"] else True) as bar:

            def tell(name: str, rows: int) -> None:
                bar.set_description(name, refresh=False)
                bar.n = rows
                bar.refresh()

            folder = export_views(out, timezone.localdate(), tell)
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
        if options["json"]:
            self.stdout.write(json.dumps({"folder": str(folder), **listed}))
            return
        for name, each in listed["files"].items():
            self.stdout.write(f"{each['rows']:>12,}  {name}.parquet")
        self.stdout.write(str(folder))
