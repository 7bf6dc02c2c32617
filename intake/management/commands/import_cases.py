"""`import_cases FILE --source NAME`: takes in a CSV, XLSX or Parquet file."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.terminal import progress_bar, report
from intake.actions import ImportReport
from intake.files import Bar, check_file, take_in_file
from intake.sentences import IntakeError

SHOWN_ERRORS = 10


class Command(BaseCommand):
    help = "Take in a file of cases. Every row becomes a case, is known already, or is kept with the reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="name of the sending system")
        parser.add_argument(
            "--mapping", help="YAML file that says which column is what; without it columns are recognised"
        )
        parser.add_argument("--dry-run", action="store_true", help="read and check, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        given: dict[str, Any] = {name: options[name] for name in ("source", "mapping")}

        def bars(total: int | None) -> AbstractContextManager[Bar]:
            return progress_bar(f"Importing {path.name}", total)

        try:
            if options["dry_run"]:
                done = check_file(path, **given, bars=bars)
            else:
                done = take_in_file(path, **given, by=None, bars=bars)
        except (IntakeError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self._report(done, options)

    def _report(self, done: ImportReport, options: dict[str, Any]) -> None:
        figures: dict[str, Any] = {
            "rows": done.rows,
            "accepted": done.accepted,
            "duplicates": done.duplicates,
            "rejected": done.rejected,
        }
        if options["dry_run"]:
            figures["dry_run"] = True
        if done.file is not None:
            figures |= {"taken_in_before": done.taken_in_before, "held": done.held, "import_file": done.file.pk}
        report(self.stdout, figures, as_json=options["json"])
        if done.file is not None and done.rejected and not options["json"]:
            for row in done.file.rejected_rows.order_by("row_number")[:SHOWN_ERRORS]:
                for error in row.errors:
                    self.stderr.write(f"row {row.row_number}, {error['field']}: {error['en']}")
            self.stderr.write(f"All rejected rows are kept; download them from /imports/{done.file.pk}/rejected.csv")
