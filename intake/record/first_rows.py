"""The first rows of each file and of each pull from a database, kept as they came: of a source the newest thousand.

Whoever proposes another mapping is told what it would change in them (`intake/record/past_rows.py`), however they came
and whatever became of the file. They hold what refused rows and rows for others hold, and are forgotten behind newer
ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from intake.models import Batch, FirstRows, ReadingLook
from intake.reading.mapping_sample import sample_of
from intake.reading.rows import SAMPLE_ROWS
from intake.tabular.tables import Table

# Those of a pull behind them can be gone through but once.
ROWS_KEPT: Final = SAMPLE_ROWS
CELLS_KEPT: Final = 100_000
# Cells may be long texts.
SIGNS_KEPT: Final = 4 * 2**20


def keep_first_rows(batch: Batch, table: Table) -> None:
    """Keep the first rows of what a batch is read from, once; those of older batches that are no longer among the
    newest ROWS_KEPT of the source are forgotten. Killed before it, the run that goes on with the batch does it."""
    if FirstRows.objects.filter(batch=batch).exists():
        return
    sample = sample_of(table, batch.name, rows=ROWS_KEPT, cells=CELLS_KEPT)
    sample["rows"] = _not_too_long(sample["rows"])
    if not sample["rows"]:
        return
    with transaction.atomic(durable=True):
        first = FirstRows(batch=batch, count=len(sample["rows"]), sample=sample)
        FirstRows.objects.bulk_create([first], ignore_conflicts=True)
        _forget_older(batch.source_id)


def _not_too_long(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    signs = accumulate(len(json.dumps(row, ensure_ascii=False)) for row in rows)
    return [row for row, through in zip(rows, signs, strict=True) if through <= SIGNS_KEPT]


def _forget_older(source_id: int) -> None:
    newest = FirstRows.objects.filter(batch__source=source_id).order_by("-batch")
    # Whoever looks at how a file was read sees its rows, whatever came since; one of each reading is enough.
    looks = ReadingLook.objects.filter(version__source=source_id, looked_at=None)
    last = Batch.objects.filter(mapping__in=looks.values("version"), first_rows__isnull=False).order_by()
    seen = set(last.values("mapping").annotate(last=Max("pk")).values_list("last", flat=True))
    through, older = 0, []
    for batch_id, count in newest.values_list("batch", "count"):
        if through >= ROWS_KEPT and batch_id not in seen:
            older.append(batch_id)
        through += count
    FirstRows.objects.filter(batch__in=older).delete()
