"""Bytes that are no text never come in as signs that nobody sent: the cell is named, its row kept, the rest in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.sources.database_rows import plain_cell
from intake.values.unread_cells import UnreadCell, text_of_bytes

NOW: Final = datetime(2026, 1, 5, tzinfo=UTC)
GBK: Final = "上海".encode("gbk")


def parquet(path: Path, **columns: Any) -> Path:
    """Twenty good rows, with these columns instead or besides."""
    count = 20
    usual: dict[str, Any] = {
        "id": [f"R-{number}" for number in range(count)], "product": ["consumer"] * count, "amount": [5000] * count,
        "term": [24] * count, "currency": ["CNY"] * count, "applied": ["2025-03-04"] * count,
        "annual_income": [60000] * count,
    }  # fmt: skip
    pq.write_table(pa.table({**usual, **columns}), path)
    return path


def told(path: Path) -> tuple[int, list[tuple[int, str, str, str]]]:
    """How many rows are good, and of the others number, field, code and what is kept of the cell."""
    table = open_table(path)
    _name, mapping = mapping_for(table, "branch", None)
    rows = list(read_rows(table, mapping, now=NOW))
    errors = [(row.row_number, error.field, error.code, row.raw[error.field]) for row in rows for error in row.errors]
    return sum(row.is_good for row in rows), errors


@pytest.mark.parametrize(
    ("value", "text"),
    [(b"abc", "abc"), ("上海".encode(), "上海"), (b"", ""), (GBK, UnreadCell("0xc9cfbaa3")),
     (b"\xff" * 101, UnreadCell("0x" + "ff" * 100 + "… (101 bytes)"))],
)  # fmt: skip
def test_bytes_are_the_utf8_they_are_or_no_text(value: bytes, text: object) -> None:
    assert text_of_bytes(value) == plain_cell(value) == plain_cell(memoryview(value)) == text


def test_a_cell_of_bytes_that_are_no_text_refuses_its_row_by_name(tmp_path: Path) -> None:
    cities = [b"Beijing"] * 20
    cities[3] = GBK
    path = parquet(tmp_path / "a.parquet", region=pa.array(cities, pa.binary()))
    assert told(path) == (19, [(5, "region", "bytes_no_text", "0xc9cfbaa3")])
    table = open_table(path)
    rows = list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))
    error = rows[3].errors[0]
    assert "0xc9cfbaa3" in error.sentence("en")
    assert "0xc9cfbaa3" in error.sentence("zh-hans")


def test_text_in_parquet_that_is_no_utf8_refuses_its_row_only(tmp_path: Path) -> None:
    """Writers that do not check put any bytes into a column of text."""
    cities = [b"Beijing"] * 20
    cities[3] = GBK
    path = parquet(tmp_path / "a.parquet", region=pa.array(cities, pa.binary()).view(pa.string()))
    assert told(path) == (19, [(5, "region", "bytes_no_text", "0xc9cfbaa3")])


def test_a_column_of_pictures_is_not_used_and_refuses_nothing(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", photo=[b"\x89PNG\xff"] * 19 + [None])
    table = open_table(path)
    assert mapping_for(table, "branch", None)[1].drop["photo"] == "not_used"
    assert told(path) == (20, [])


def test_a_moment_beyond_the_years_that_are_counted_refuses_its_row_only(tmp_path: Path) -> None:
    moments = pa.array([1_700_000_000] * 19 + [2**60 // 10**6], pa.timestamp("s"))
    good, errors = told(parquet(tmp_path / "a.parquet", applied=moments))
    assert (good, [error[:3] for error in errors]) == (19, [(21, "applied", "cell_beyond_reading")])


def test_a_sample_keeps_what_is_no_text_as_what_it_is(tmp_path: Path) -> None:
    cities: Sequence[bytes] = [b"Beijing"] * 19 + [GBK]
    table = open_table(parquet(tmp_path / "a.parquet", region=pa.array(cities, pa.binary())))
    kept = table_of(sample_of(table, "a"))
    assert list(kept.rows())[-1] == list(table.rows())[-1]
