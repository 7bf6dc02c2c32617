"""Cells of a database or Parquet file that no value can be made of: shown as bytes, and refused where they are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from intake.wording.field_errors import FieldError

BYTES_SHOWN: Final = 100


@dataclass(frozen=True)
class UnreadCell:
    """A cell of which there is only this text to show, for the reason of this code."""

    shown: str
    code: str = "bytes_no_text"

    @property
    def stands_for_value(self) -> bool:
        """Whether it stands in the place of a value that a formula, or each row for itself, should have told."""
        return self.code in ("formula_failed", "formula_uncomputed", "cell_merged")

    def __str__(self) -> str:
        return self.shown


def text_of_bytes(value: bytes) -> str | UnreadCell:
    """Bytes as the UTF-8 they are, or a cell that shows them. One cell alone does not tell another encoding for sure:
    nothing is guessed, or a sign would come in that was never sent."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        pass
    more = f"… ({len(value):,} bytes)" if len(value) > BYTES_SHOWN else ""
    return UnreadCell(f"0x{value[:BYTES_SHOWN].hex()}{more}")


def unread_errors(row: Mapping[str, object], read: Collection[str] | None) -> list[FieldError]:
    """An error for each such cell in a column that is read; None stands for all columns."""
    return [
        FieldError(column, cell.shown, cell.code)
        for column, cell in row.items()
        if isinstance(cell, UnreadCell) and (read is None or column in read)
    ]
