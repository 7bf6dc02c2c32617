"""`infer_features`: drafts the feature table of a file of loans that has none yet, for a person to edit."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.terminal import report
from intake.mapped.given import product_slug
from scoring.ml.errors import ModelError
from scoring.ml.tables.any_table import read_any_table
from scoring.ml.tables.findings import Finding, finding
from scoring.ml.tables.infer import InferredTable, infer_table
from scoring.ml.tables.leaks import find_leaks
from scoring.ml.tables.table_text import table_text


class Command(BaseCommand):
    # It only reads and writes files: no database and no broker need be there.
    requires_system_checks = ()
    help = "Draft the feature table of a file of loans with a known outcome, and name the columns that seem to know it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, XLSX or Parquet")
        parser.add_argument("--target", required=True, help="the outcome: 1 is bad")
        parser.add_argument("--drop", default="", help="columns to leave out, separated by commas")
        parser.add_argument("--time", help="the column that says when a loan was applied for")
        parser.add_argument("--product", help="name of the product (default: the name of the file)")
        parser.add_argument("--out", type=Path, help="the YAML file to write (default: print it)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path, out = options["file"], options["out"]
        if out and out.exists():
            raise CommandError(f"{out} exists already and may have been edited; name another file.")
        product = options["product"] or product_slug(path.name.split(".")[0])
        drop = [name.strip() for name in options["drop"].split(",") if name.strip()]
        try:
            table = read_any_table(path)
            inferred = infer_table(
                table.columns, target=options["target"], drop=drop, time=options["time"], product=product
            )
        except ModelError as refusal:
            raise CommandError(str(refusal)) from refusal
        findings = _findings(inferred, table.broken)
        origin = f"Drafted from {path.name}: {len(inferred.y)} loans, {int(inferred.y.sum())} bad."
        text = table_text(inferred.table, findings, origin)
        if out:
            out.write_text(text, encoding="utf-8")
        elif not options["json"]:
            self.stdout.write(text)
            return
        figures = {
            "product": product,
            "rows": len(inferred.y),
            "bads": int(inferred.y.sum()),
            "features": len(inferred.table.names),
            "leaks": [one.column for one in findings if one.is_leak],
            "out": out and str(out),
        }
        if options["json"]:
            figures |= {"findings": [asdict(one) for one in findings], "table": inferred.table.to_dict()}
        report(self.stdout, figures, as_json=options["json"])


def _findings(inferred: InferredTable, broken: int) -> list[Finding]:
    """All findings, those that warn of leaks first."""
    headers = [inferred.headers[name] for name in inferred.table.names]
    leaks = find_leaks(inferred.read.values, inferred.y, inferred.table.columns, headers)
    found = [*leaks, *inferred.findings, *([finding("broken_rows", "", count=broken)] if broken else [])]
    return sorted(found, key=lambda one: not one.is_leak)
