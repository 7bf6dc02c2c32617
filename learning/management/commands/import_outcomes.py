"""`import_outcomes FILE --source NAME`: records how the loans of a file went.

Of a plain table (case_ref or external_ref, observed_at, bad) as it stands, of any other by the outcome that its mapping
names.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.models import Case
from cases.terminal import in_both, progress_bar, report
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.signed import mapping_in_force
from intake.sources.source_names import spelling_of
from intake.tabular.archive_members import Member, is_archive, member_label, members_of
from intake.tabular.tables import Table
from intake.wording.sentences import IntakeError
from learning.actions import ObservedOutcome, OutcomeReceipt, record_outcomes
from learning.outcome_file import import_plain, is_plain

CHUNK = 1000
# Of refused rows so many are told one by one.
SHOWN = 100


class Command(BaseCommand):
    help = "Record outcomes of loans whose cases are here already. The mapping of the file names the outcome's column."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True)
        parser.add_argument("--mapping")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            members = members_of(path) if is_archive(path) else []
            if len(members) < 2:
                report(self.stdout, self._table(open_table(path), path.name, options), as_json=options["json"])
                return
        except IntakeError as refusal:
            raise CommandError(in_both(refusal.as_dict())) from refusal
        except OSError as problem:
            raise CommandError(str(problem)) from problem
        self._archive(path, members, options)

    def _archive(self, path: Path, members: Sequence[Member], options: dict[str, Any]) -> None:
        """Every table of an archive, told one by one; a bad one harms no other and leaves the command with an error."""
        refused = 0
        for member in members:
            name = member_label(path.name, member.name)
            try:
                told = self._table(open_table(path, member.place), name, options)
            except (IntakeError, CommandError, OSError) as refusal:
                refused += 1
                zh = refusal.sentence("zh-hans") if isinstance(refusal, IntakeError) else ""
                told = {"refused": str(refusal), "refused_zh": zh}
            report(self.stdout, {"name": name, **told}, as_json=options["json"])
        if refused:
            raise CommandError(f"{refused} of the {len(members)} files in the archive were refused.")

    def _table(self, table: Table, name: str, options: dict[str, Any]) -> dict[str, Any]:
        """Record the outcomes of one table; what became of its rows."""
        if options["mapping"] is None and is_plain(table.columns):
            return self._plain(table, name, options)
        self.done = OutcomeReceipt()
        self.rows = self.unknown = self.without_outcome = 0
        _name, mapping = mapping_in_force(table, spelling_of(options["source"]), options["mapping"])
        if mapping.outcome is None:
            raise CommandError("The mapping names no outcome column.")
        chunk: list[ReadRow] = []
        with progress_bar(f"Outcomes of {name}", table.total_rows) as bar:
            for row in read_rows(table, mapping, now=timezone.now()):
                chunk.append(row)
                bar.update()
                if len(chunk) == CHUNK:
                    self._record(chunk, mapping.source)
                    chunk = []
            self._record(chunk, mapping.source)
        return {
            "rows": self.rows,
            "accepted": self.done.accepted,
            "duplicates": self.done.duplicates,
            "without_loan": len(self.done.without_loan),
            "before_application": len(self.done.before_application),
            "contradicting": len(self.done.contradicting),
            "unknown_case": self.unknown,
            "without_outcome": self.without_outcome,
        }

    def _plain(self, table: Table, name: str, options: dict[str, Any]) -> dict[str, Any]:
        with progress_bar(f"Outcomes of {name}", table.total_rows) as bar:
            for done in import_plain(table, source=spelling_of(options["source"]), now=timezone.now()):
                bar.update(done.rows - bar.n)
        rejected = sorted(done.rejected, key=lambda each: each[0])
        return {
            "rows": done.rows,
            "accepted": done.accepted,
            "duplicates": done.duplicates,
            "rejected": len(rejected),
            "errors": [{"row": row, "errors": [each.as_dict() for each in errors]} for row, errors in rejected[:SHOWN]],
        }

    def _record(self, chunk: Sequence[ReadRow], source: str) -> None:
        told = [(row.submission, row.outcome) for row in chunk if row.submission and row.outcome]
        refs = [submission.external_ref for submission, _outcome in told]
        keys = dict(Case.objects.filter(source=source, external_ref__in=refs).values_list("external_ref", "pk"))
        outcomes = [
            ObservedOutcome(
                keys[each.external_ref], outcome.observed_at or each.applied_at, outcome.bad, outcome.mature
            )
            for each, outcome in told
            if each.external_ref in keys
        ]
        receipt = record_outcomes(outcomes, given_by=source)
        self.rows += len(chunk)
        self.without_outcome += len(chunk) - len(told)
        self.unknown += len(told) - len(outcomes)
        self.done.accepted += receipt.accepted
        self.done.duplicates += receipt.duplicates
        self.done.without_loan += receipt.without_loan
        self.done.before_application += receipt.before_application
        self.done.contradicting += receipt.contradicting
