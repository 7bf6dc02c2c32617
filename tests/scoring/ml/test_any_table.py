"""Tables in any usual file come out as the same columns."""

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring.ml.errors import TrainingError
from scoring.ml.tables.any_table import read_any_table

PLAIN = "姓名,amount,rate,code,paid\n王,100,1.5,007,N/A\n李,,-2e1,012, yes \n"


def expect_plain(path: Path) -> None:
    table = read_any_table(path)
    assert (list(table.columns), table.rows, table.broken) == (["姓名", "amount", "rate", "code", "paid"], 2, 0)
    assert table.columns["姓名"].tolist() == ["王", "李"]
    assert np.array_equal(table.columns["amount"], [100, np.nan], equal_nan=True)
    assert table.columns["rate"].tolist() == [1.5, -20.0]
    assert table.columns["code"].tolist() == ["007", "012"]
    assert table.columns["paid"].tolist() == [None, "yes"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_text_table_is_read_in_any_encoding_with_any_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "loans.csv"
    path.write_bytes(PLAIN.replace(",", separator).encode(encoding))
    expect_plain(path)


def test_a_packed_text_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv.gz"
    path.write_bytes(gzip.compress(PLAIN.encode()))
    expect_plain(path)


def test_titles_above_the_header_are_skipped_and_broken_rows_counted(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text("Loans of 2026\n\na,b\n1,x\n2,y,z,q\n3,w\n", encoding="utf-8")
    table = read_any_table(path)
    assert table.columns["a"].tolist() == [1.0, 3.0]
    assert table.columns["b"].tolist() == ["x", "w"]
    assert (table.rows, table.broken) == (2, 1)


def test_a_cell_may_hold_separators_and_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text('a,b\n"1,5","two\nlines"\n', encoding="utf-8")
    assert [column.tolist() for column in read_any_table(path).columns.values()] == [["1,5"], ["two\nlines"]]


def save_text(path: Path, header: list[str], row: list[str]) -> None:
    path.write_text(",".join(header) + "\n" + ",".join(row) + "\n", encoding="utf-8")


def save_sheet(path: Path, header: list[str], row: list[str]) -> None:
    book = openpyxl.Workbook()
    for cells in (header, row):
        book.worksheets[0].append(cells)
    book.save(path)


def save_parquet(path: Path, header: list[str], row: list[str]) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array([cell]) for cell in row], names=header), path)


@pytest.mark.parametrize("save", [save_text, save_sheet, save_parquet])
def test_nameless_columns_and_names_that_occur_twice_are_told_apart(
    tmp_path: Path, save: Callable[[Path, list[str], list[str]], None]
) -> None:
    save(tmp_path / "loans", ["", "a", "", "a", "a (2)", "y"], list("uvwxyz"))
    columns = read_any_table(tmp_path / "loans").columns
    assert {name: column.tolist() for name, column in columns.items()} == {
        "row_index": ["u"],
        "a": ["v"],
        "column_3": ["w"],
        "a (2)": ["x"],
        "a (2) (2)": ["y"],
        "y": ["z"],
    }


def test_a_reference_too_long_for_a_float_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text("card\n6222020200112233445\n6222020200112233446\n", encoding="utf-8")
    assert read_any_table(path).columns["card"].tolist() == ["6222020200112233445", "6222020200112233446"]


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "loans.parquet"
    texts = pa.array(["x", "NA"]).dictionary_encode()
    content = {
        "n": pa.array([1, None]),
        "d": [date(2026, 1, 5), None],
        "t": texts,
        "f": [True, False],
        "g": [True, None],
    }
    pq.write_table(pa.table(content), path)
    table = read_any_table(path)
    assert np.array_equal(table.columns["n"], [1, np.nan], equal_nan=True)
    assert table.columns["d"].astype("datetime64[D]").tolist() == [date(2026, 1, 5), None]
    assert table.columns["t"].tolist() == ["x", None]
    assert table.columns["f"].tolist() == [True, False]
    assert table.columns["g"].tolist() == [True, None]


def test_a_workbook_is_read_with_its_types(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["n", "t", "d", "m"], [1, "x", date(2026, 1, 5), 1], [None, "N/A", date(2026, 1, 6), "two"]):
        sheet.append(row)
    book.save(tmp_path / "loans.xlsx")
    table = read_any_table(tmp_path / "loans.xlsx")
    assert np.array_equal(table.columns["n"], [1, np.nan], equal_nan=True)
    assert table.columns["t"].tolist() == ["x", None]
    assert table.columns["d"].tolist() == [date(2026, 1, 5), date(2026, 1, 6)]
    assert table.columns["m"].tolist() == [1.0, "two"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 99, b"PK\x03\x04 no workbook", b"PAR1 no parquet"])
def test_what_is_no_table_is_refused_in_both_languages(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(TrainingError) as refused:
        read_any_table(path)
    assert refused.value.code == "table"
    assert refused.value.sentence("en") != refused.value.sentence("zh-hans")


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"none\.csv"):
        read_any_table(tmp_path / "none.csv")
