"""`export_labels FILE`: writes every label, with its provenance and the facts of its case, as Parquet or CSV."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.csv_cells import safe_cell
from cases.terminal import report
from learning.dataset import label_rows, write_table


def _cell(value: object) -> object:
    return safe_cell(value) if isinstance(value, str) else value


class Command(BaseCommand):
    help = "Export the labelled set as a table (.parquet or .csv)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--product")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.parent.is_dir():
            raise CommandError(f"There is no folder {path.parent}.")
        rows = list(label_rows(options["product"]))
        if path.suffix == ".parquet":
            write_table(rows, path)
        elif path.suffix == ".csv":
            names = list(dict.fromkeys(name for row in rows for name in row))
            with path.open("w", newline="", encoding="utf-8-sig") as file:
                writer = csv.DictWriter(file, names)
                writer.writeheader()
                writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
        else:
            raise CommandError("The file must end in .parquet or .csv.")
        report(self.stdout, {"labels": len(rows), "file": str(path)}, as_json=options["json"])
