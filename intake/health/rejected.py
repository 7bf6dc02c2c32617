"""Rows that could not become cases are kept whole, with what was wrong, until they are mended and sent again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from cases.bulk import insert_new
from intake.health.refusals import known_as
from intake.models import NUMBERED, Batch, RejectedRow
from intake.reading.rows import ReadRow
from intake.wording.field_errors import FieldError


def keep_rejected(batch: Batch, refused: Sequence[tuple[ReadRow, Sequence[FieldError]]]) -> None:
    """Keep each row once, inside the caller's transaction. A row of a file is known by its number too, one of a stream
    by its id; a message that is sent again is the same row wherever it stands."""
    rows = {}
    for row, errors in refused:
        place = row.message or (row.row_number if batch.kind in NUMBERED else 0)
        text = json.dumps([batch.pk, place, row.raw], sort_keys=True, ensure_ascii=False)
        row_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        told = [error.as_dict() for error in errors]
        rows[row_hash] = (batch.pk, row.row_number, row_hash, known_as(row), row.message, row.as_shown, told)
    names = ("batch", "row_number", "row_hash", "known_as", "message", "raw", "errors")
    insert_new(RejectedRow, names, list(rows.values()), conflict=("row_hash",))
