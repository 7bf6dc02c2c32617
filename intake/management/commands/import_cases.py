"""`import_cases FILE --source NAME`: takes in a CSV, XLSX or Parquet file, or all of them in a ZIP."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.terminal import in_both, progress_bar, report
from intake.actions import ImportReport
from intake.admission.files import Bar, MemberDone, check_file, each_member, take_in_file
from intake.mapped.case_mapping import CaseMapping
from intake.tabular.archive_members import is_archive
from intake.wording.sentences import IntakeError

SHOWN_ERRORS = 10
COUNTS = ("rows", "accepted", "duplicates", "rejected")


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

        def take(table: Path, name: str = "") -> ImportReport:
            def bars(total: int | None) -> AbstractContextManager[Bar]:
                return progress_bar(f"Importing {name or table.name}", total)

            if options["dry_run"]:
                return check_file(table, **given, bars=bars)
            return take_in_file(table, **given, by=None, bars=bars, name=name)

        try:
            if is_archive(path):
                self._report_archive(list(each_member(path, take)), options)
            else:
                done = take(path)
                report(self.stdout, _figures(done, options), as_json=options["json"])
                self._tell_reading(done, options)
                self._tell_rejected(done, options)
        except IntakeError as refusal:
            raise CommandError(in_both(refusal.as_dict())) from refusal
        except OSError as problem:
            raise CommandError(str(problem)) from problem

    def _report_archive(self, tables: list[MemberDone], options: dict[str, Any]) -> None:
        """The sums of all tables, and each by its name. Raises CommandError where one was refused as a whole: what is
        left to do must not look as if all was well."""
        told = [_told(each, options) for each in tables]
        done = [each.report for each in tables if each.report]
        sums: dict[str, Any] = {name: sum(getattr(each, name) for each in done) for name in COUNTS}
        if options["dry_run"]:
            sums["dry_run"] = True
        sums["tables"] = told if options["json"] else len(done)
        report(self.stdout, sums, as_json=options["json"])
        for each in tables:
            if each.refusal is None:
                self._tell_reading(each.report or ImportReport(), options, of=f"{each.name}: ")
                self._tell_rejected(each.report or ImportReport(), options, of=f"{each.name}, ")
            elif not options["json"]:
                self.stderr.write(f"{each.name}: {in_both(each.refusal.as_dict())}")
        refused = len(tables) - len(done)
        if refused:
            raise CommandError(f"{refused} of the {len(tables)} files in the archive were refused.")

    def _tell_reading(self, done: ImportReport, options: dict[str, Any], *, of: str = "") -> None:
        """What each column was taken for where nobody wrote a mapping: whoever runs the command is the one to look."""
        if done.recognised is None or options["json"]:
            return
        self.stdout.write(f"{of}Nobody wrote a mapping; the columns are read by what they seem to say:")
        for name, read in _reading(done.recognised).items():
            self.stdout.write(f"  {name} <- {read}")

    def _tell_rejected(self, done: ImportReport, options: dict[str, Any], *, of: str = "") -> None:
        if done.file is not None and done.rejected and not options["json"]:
            for row in done.file.rejected_rows.order_by("row_number")[:SHOWN_ERRORS]:
                for error in row.errors:
                    self.stderr.write(f"{of}row {row.row_number}, {error['field']}: {in_both(error)}")
            self.stderr.write(f"All rejected rows are kept; download them from /imports/{done.file.pk}/rejected.csv")


def _figures(done: ImportReport, options: dict[str, Any]) -> dict[str, Any]:
    figures: dict[str, Any] = {name: getattr(done, name) for name in COUNTS}
    if options["dry_run"]:
        figures["dry_run"] = True
    if done.recognised is not None and options["json"]:
        figures["recognised"] = _reading(done.recognised)
    if done.file is not None:
        figures |= {"taken_in_before": done.taken_in_before, "held": done.held, "import_file": done.file.pk}
    return figures


def _reading(mapping: CaseMapping) -> dict[str, str]:
    """By what is read: from which column, by which factor and in which form, or what stands in its place."""
    told = {}
    for name, given in mapping.named.items():
        made = given.how.replace("_", " ") if given.value is None else f"{given.how}: {given.value}"
        parts = {
            "times": f"{given.scale.normalize():f}" if given.scale is not None else "",
            "type": given.type,
            "format": given.format,
            "zone": given.utc_offset,
            "decimal mark": given.decimal,
        }
        how = ", ".join(f"{part} {value}" for part, value in parts.items() if value)
        told[name] = (", ".join(given.columns) or made) + (f" ({how})" if how else "")
    for reason in dict.fromkeys(mapping.drop.values()):
        columns = [column for column, why in mapping.drop.items() if why == reason]
        told[f"left out, {reason.replace('_', ' ')}"] = ", ".join(columns)
    return told


def _told(table: MemberDone, options: dict[str, Any]) -> dict[str, Any]:
    """One table of an archive: its figures, or why it was refused in both languages."""
    if table.report is not None:
        return {"name": table.name, **_figures(table.report, options)}
    return {"name": table.name, "refused": table.refusal.as_dict() if table.refusal else {}}
