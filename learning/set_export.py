"""A training set as tables for others: the Parquet file as it lies, and the same rows as CSV."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cases.csv_cells import safe_cell
from learning.models import TrainingSet
from learning.set_files import path_of, read_set


class _Line:
    """What a CSV writer writes into: the line that was written last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def csv_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The rows as lines of CSV with a header, readable by spreadsheets; no text in it can run as a formula."""
    line = _Line()
    names = list(rows[0]) if rows else []
    writer = csv.writer(line)
    writer.writerow(names)
    yield f"\ufeff{line.text}"
    for row in rows:
        values = (row.get(name) for name in names)
        writer.writerow([safe_cell(value) if isinstance(value, str) else value for value in values])
        yield line.text


def export_tables(dataset: TrainingSet, folder: Path) -> list[Path]:
    """Write the rows into a folder as Parquet and CSV. Raises as `read_set` does, before anything is written."""
    rows = read_set(dataset)
    parquet, text = (folder / f"{dataset.product}-set-{dataset.pk}.{form}" for form in ("parquet", "csv"))
    shutil.copyfile(path_of(dataset), parquet)
    with text.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(rows))
    return [parquet, text]
