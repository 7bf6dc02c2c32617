"""`import_performance FILE --source NAME`: records the repayment of loans from a table with a row a loan and month."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.terminal import in_both, progress_bar, report
from intake.reading.parse import open_table
from intake.tabular.tables import BadRow, TableRow
from intake.values.cells import cell_text
from intake.wording.field_errors import FieldError
from intake.wording.sentences import IntakeError
from portfolio.actions import MonthsReceipt, record_months
from portfolio.given_months import KEYS, GivenMonth, read_month

CHUNK: Final = 1000
# Of refused rows so many are told one by one.
SHOWN: Final = 100
NEEDED: Final = frozenset({"loan_ref", "as_of", "dpd"})


class Command(BaseCommand):
    help = "Record the repayment of loans: the columns loan_ref, as_of, dpd, and balance where it is known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        self.source: str = options["source"]
        self.done, self.rejected = MonthsReceipt(), dict[int, list[FieldError]]()
        rows = 0
        try:
            table = open_table(options["file"])
            if not KEYS >= set(table.columns) >= NEEDED:
                raise CommandError(
                    f"The table needs the columns {', '.join(sorted(NEEDED))}; balance and source may be there."
                )
            chunk: list[tuple[int, TableRow]] = []
            with progress_bar(f"Repayment of {options['file'].name}", table.total_rows) as bar:
                for numbered in table.rows():
                    chunk.append(numbered)
                    rows += 1
                    bar.update()
                    if len(chunk) == CHUNK:
                        self._record(chunk)
                        chunk = []
                self._record(chunk)
        except IntakeError as refusal:
            raise CommandError(in_both(refusal.as_dict())) from refusal
        except OSError as problem:
            raise CommandError(str(problem)) from problem
        told = sorted(self.rejected.items())[:SHOWN]
        figures = {
            "rows": rows,
            "accepted": self.done.accepted,
            "duplicates": self.done.duplicates,
            "rejected": len(self.rejected),
            "errors": [{"row": row, "errors": [each.as_dict() for each in errors]} for row, errors in told],
        }
        report(self.stdout, figures, as_json=options["json"])

    def _record(self, chunk: list[tuple[int, TableRow]]) -> None:
        good: list[tuple[int, GivenMonth]] = []
        for number, row in chunk:
            read = (
                [row.error()] if isinstance(row, BadRow) else read_month(self._plain(row), today=timezone.localdate())
            )
            if isinstance(read, list):
                self.rejected[number] = read
            else:
                good.append((number, read))
        done = record_months([month for _number, month in good], given_by=self.source)
        self.done.accepted += done.accepted
        self.done.duplicates += done.duplicates
        self.rejected |= {good[position][0]: [error] for position, error in done.refused.items()}

    def _plain(self, row: Mapping[str, object]) -> dict[str, Any]:
        """The cells as the API would have them; what is no number or day stays as it is, and is refused with its name.
        A loan is the source's own, unless its reference is that of a case."""
        cells: dict[str, Any] = {name: cell_text(row[name]) for name in row}
        cells["source"] = cells.get("source") or ("" if cells["loan_ref"].startswith("CR-") else self.source)
        dpd, as_of = cells["dpd"], row["as_of"]
        cells["dpd"] = int(dpd) if dpd.isascii() and dpd.isdigit() else dpd or None
        if isinstance(as_of, date | datetime):
            cells["as_of"] = as_of.isoformat()
        return cells
