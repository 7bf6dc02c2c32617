"""What lenders' programs and people really send: titles, totals, other programs' files, cells of other types."""

from __future__ import annotations

import bz2
import datetime as dt
import decimal
import gzip
import lzma
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.intake.dirt.files import CELLS, SHEET, TEXT, book, with_part, write_parquet, zipped
from tests.intake.dirt.kinds import COLUMNS, HEADER, Dirt, as_bytes, as_made, as_text, lines, refs, row

TWENTY: Final = [row(number) for number in range(1, 21)]
CHINESE_HEADER: Final = "合同编号,产品,贷款金额,期限,币种,申请日期,年收入"
# Hardly a letter of it is ASCII.
CHINESE: Final = lines(
    *(
        row(number, product="个人消费贷款", term="24个月", currency="人民币", applied="2025年3月4日")
        for number in range(1, 21)
    ),
    header=CHINESE_HEADER,
)
TRADITIONAL: Final = lines(*(row(number, product="個人信用貸款", currency="TWD") for number in range(1, 21)))
TEXT_OF_MANY: Final = lines(*map(row, range(1, 6001)))
NOT_NUMBERS: Final = [
    ("amount", "not_a_number"), ("annual_income", "not_a_number"), ("applied", "not_a_date"),
    ("currency", "not_a_currency"), ("term", "not_a_duration"),
]  # fmt: skip


def container(*streams: str) -> bytes:
    """A compound file, as old workbooks and protected new ones are, with these empty streams."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0) + b"\xff" * 432
    table = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * 504
    entries = [("Root Entry", 5), *((name, 2) for name in streams)]
    names = b"".join(
        (name + "\x00").encode("utf-16-le").ljust(64, b"\x00") + struct.pack("<HB", len(name) * 2 + 2, kind) + bytes(61)
        for name, kind in entries
    )
    return header + table + names.ljust(512, b"\x00")


def parquet(**columns: Any) -> Callable[[Path], object]:
    """Twenty rows of a Parquet file with these columns instead or besides."""
    return lambda path: write_parquet(path, **columns)


def encrypted_parquet(path: Path) -> None:
    path.write_bytes(b"PARE" + bytes(100) + b"PARE")


def with_hidden_sheet(sheet: Any) -> None:
    hidden = sheet.parent.create_sheet("old", 0)
    hidden.append(["id", "amount"])
    hidden.append(["X-1", 1])
    hidden.sheet_state = "hidden"


def with_hidden_rows(sheet: Any) -> None:
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["C"].hidden = True


def with_dates_from_1904(sheet: Any) -> None:
    sheet.parent.epoch = CALENDAR_MAC_1904
    for number in range(2, 22):
        sheet.cell(row=number, column=6).value = dt.date(2025, 3, 4)


def with_names_of_groups(sheet: Any) -> None:
    sheet.insert_rows(1)
    sheet["A1"], sheet["F1"] = "Loan", "Applicant"
    sheet.merge_cells("A1:E1")


def with_failed_formulas(sheet: Any) -> None:
    for place, value in (("G5", "#DIV/0!"), ("C6", "#REF!"), ("G7", "#N/A")):
        sheet[place].value = value
        sheet[place].data_type = "e"


def in_sheet(old: bytes, new: bytes) -> bytes:
    """A workbook whose sheet says something else."""

    def change(sheet: bytes) -> bytes:
        assert old in sheet
        return sheet.replace(old, new)

    return with_part(book(*CELLS), SHEET, change)


THIRD_AMOUNT: Final = b't="inlineStr"><is><t>5003</t></is>'
TABLES: Final = (
    Dirt("Chinese in UTF-16 without a mark", as_text(CHINESE, "utf-16-le"), refs(1, 20)),
    Dirt("traditional characters in Big5", as_text(TRADITIONAL, "big5"), refs(1, 20)),
    Dirt("traditional characters in GBK", as_text(TRADITIONAL, "gbk"), refs(1, 20)),
    Dirt("UTF-32 without a mark", as_text(TEXT, "utf-32-le"), refused="table_not_text"),
    Dirt("line ends of two kinds in quotes",
         as_text(lines(*TWENTY, row(21, product='"consumer\r\n"'), row(22, product='"\rconsumer"'), row(23))),
         refs(1, 23)),
    Dirt("a quotation mark that never closes in a large file",
         as_made(lambda: TEXT_OF_MANY.replace("R-3000,", 'R-3000,"').encode()),
         [ref for ref in refs(1, 6000) if ref != "R-3000"], {3001: [("row", "broken_quotes")]}),
    Dirt("a line of totals in Chinese", as_text(lines(*TWENTY, "合计,,105210,,,,1200210")), refs(1, 20),
         {22: [("id", "row_of_totals")]}),
    Dirt("titles of two cells above the header", as_text("支行：上海,日期：2025-03-04\n制表人：王,\n" + TEXT),
         refs(1, 20)),
    Dirt("a header in the third row", as_text("Loans\n\n" + TEXT), refs(1, 20)),
    Dirt("a narrow header above wide rows", as_text(lines(*TWENTY, header="id,amount")), (),
         {number: [("row", "too_many_cells")] for number in range(2, 22)}),
    Dirt("a second header in another language", as_text(lines(CHINESE_HEADER, *TWENTY)), refs(1, 20), {2: NOT_NUMBERS}),
    Dirt("the header again in the middle, as of two files in one",
         as_text(lines(*TWENTY[:10], "\ufeff" + HEADER, *TWENTY[10:])), refs(1, 20), {12: NOT_NUMBERS}),
    Dirt("room that was reserved and never written", as_bytes(TEXT.encode() + bytes(4096)), refs(1, 20),
         {22: [("row", "too_few_cells")]}),
    Dirt("nothing but NULs", as_bytes(bytes(5000)), refused="table_not_text"),
    Dirt("the end of a file of old systems", as_bytes(TEXT.encode() + b"\x1a"), refs(1, 20),
         {22: [("row", "too_few_cells")]}),
    Dirt("marks nobody sees in the header", as_text(lines(*TWENTY, header=HEADER.replace("amount", "amo\u200bunt"))),
         refs(1, 20)),
    Dirt("thousands marked in all ways",
         as_text(lines(*TWENTY, row(21, amount='"1,234,5"'), row(22, amount='"12,34,567"'), row(23, amount="5'023"))),
         [*refs(1, 20), "R-22", "R-23"], {22: [("amount", "not_a_number")]}),
    Dirt("a percentage among amounts and incomes",
         as_text(lines(*TWENTY, row(21, amount="50%"), row(22, annual_income="50%"))),
         refs(1, 20), {22: [("amount", "not_a_number")], 23: [("annual_income", "not_a_number")]}),
    Dirt("digits in circles and numbers in words",
         as_text(lines(*TWENTY, row(21, amount="①②"), row(22, amount="五千"), row(23, amount="²³"))), refs(1, 20),
         {number: [("amount", "not_a_number")] for number in (22, 23, 24)}),
    Dirt("a minus behind the number", as_text(lines(*TWENTY, row(21, amount="5021-"))), refs(1, 20),
         {22: [("amount", "not_a_number")]}),
    Dirt("a very long cell", as_text(lines(*TWENTY, row(21, product="x" * 200_000), row(22))), [*refs(1, 20), "R-22"],
         {22: [("product", "not_a_slug")]}),
    Dirt("a very long cell in quotes", as_text(lines(*TWENTY, row(21, product=f'"{"x" * 200_000}"'), row(22))),
         [*refs(1, 20), "R-22"], {22: [("row", "cell_too_long")]}),
    Dirt("twenty thousand columns", as_bytes(",".join(f"c{n}" for n in range(20_000)).encode() + b"\n1\n"),
         refused="too_many_columns"),
    Dirt("twenty thousand empty cells in a row", as_text(lines(row(1) + "," * 20_000, *TWENTY[1:])), refs(1, 20)),
)  # fmt: skip
KINDS: Final = (
    *(
        Dirt(name, as_bytes(content), refused="table_for_excel")
        for name, content in (
            ("a page of the web in UTF-16, called a workbook", "<html><table>".encode("utf-16")),
            ("a workbook as XML of 2003", b'<?xml version="1.0"?><Workbook></Workbook>'),
            ("a page of the web as one file", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>"),
        )
    ),
    *(
        Dirt(name, as_bytes(content), refused="table_other_kind")
        for name, content in (
            ("lines of JSON", b'{"id": 1}\n{"id": 2}\n'),
            ("a list of JSON on several lines", b'[\n  {"id": 1}\n]'),
            ("a text with formats", b"{\\rtf1 loans}"),
            ("a table packed by bzip2", bz2.compress(TEXT.encode())),
            ("a table packed by xz", lzma.compress(TEXT.encode())),
            ("a table packed twice", gzip.compress(gzip.compress(TEXT.encode()))),
            ("an archive packed again", gzip.compress(zipped(a__csv=TEXT.encode()))),
            ("an Arrow file", b"ARROW1\x00\x00" + bytes(100)),
        )
    ),
    Dirt("a Parquet file with a key", encrypted_parquet, refused="table_other_kind"),
    Dirt("bytes behind a packed text", as_bytes(gzip.compress(TEXT.encode()) + b"garbage"), refused="table_damaged"),
    Dirt("a workbook with a password", as_bytes(container("EncryptionInfo", "EncryptedPackage")),
         refused="table_locked"),
    Dirt("an old document called a workbook", as_bytes(container("WordDocument")), refused="table_damaged"),
)  # fmt: skip
SHEETS: Final = (
    Dirt("a hidden sheet before the table", as_bytes(book(*CELLS, change=with_hidden_sheet)), refs(1, 20)),
    Dirt("hidden rows and columns", as_bytes(book(*CELLS, change=with_hidden_rows)), refs(1, 20)),
    Dirt("dates that count from 1904", as_bytes(book(*CELLS, change=with_dates_from_1904)), refs(1, 20)),
    Dirt("formulas that failed", as_bytes(book(*CELLS, change=with_failed_formulas)), [*refs(1, 3), *refs(6, 20)],
         {5: [("annual_income", "formula_failed")], 6: [("amount", "formula_failed")]}),
    Dirt("names of groups above the header", as_bytes(book(*CELLS, change=with_names_of_groups)), refs(1, 20)),
    *(
        Dirt(f"a sheet that says it reaches to {said.decode()}",
             as_bytes(in_sheet(b'<dimension ref="A1:G21"', b'<dimension ref="' + said + b'"')), refs(1, 20))
        for said in (b"A1", b"A1:XFD1048576")
    ),
    Dirt("a sheet that says it reaches nowhere", as_bytes(in_sheet(b'<dimension ref="A1:G21"', b'<dimension ref="x"')),
         refused="table_damaged"),
    Dirt("a row with a number beyond all sheets", as_bytes(in_sheet(b'<row r="21"', b'<row r="99999999"')),
         refused="table_too_wide"),
    Dirt("a cell with a number beyond all sheets", as_bytes(in_sheet(b'<c r="A21"', b'<c s="0" r="A99999999"')),
         refused="table_too_wide"),
    Dirt("texts that are missing", as_bytes(in_sheet(THIRD_AMOUNT, b't="s"><v>5</v>')), refused="table_damaged"),
    Dirt("a sheet that is cut off", as_bytes(with_part(book(*CELLS), SHEET, lambda sheet: sheet[: len(sheet) // 2])),
         refused="table_damaged"),
)  # fmt: skip


def parquet_without_columns(path: Path) -> None:
    pq.write_table(pa.table({}), path)


def parquet_with_a_name_twice(path: Path) -> None:
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["id", "id"]), path)


def parquet_without_rows(path: Path) -> None:
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in COLUMNS}), path)


MOMENT: Final = dt.datetime(2025, 3, 4, 1, tzinfo=dt.UTC)
COLUMNAR: Final = (
    Dirt("moments with a zone to the nanosecond",
         parquet(applied=pa.array([MOMENT] * 20, pa.timestamp("ns", "Asia/Shanghai"))), refs(1, 20)),
    *(
        Dirt(f"amounts as {kind}", parquet(amount=pa.array([decimal.Decimal("5001.10")] * 20, kind)), refs(1, 20))
        for kind in (pa.decimal128(30, 10), pa.decimal256(60, 10))
    ),
    Dirt("amounts as short floats", parquet(amount=pa.array([5000.1] * 20, pa.float32())), refs(1, 20)),
    Dirt("texts in a dictionary", parquet(product=pa.array(["consumer"] * 20).dictionary_encode()), refs(1, 20)),
    Dirt("no number and an infinite one", parquet(amount=[5000.0] * 18 + [float("nan"), float("inf")]), refs(1, 18),
         {20: [("amount", "required")], 21: [("amount", "not_a_number")]}),
    Dirt("numbers of 64 bits without a sign", parquet(amount=pa.array([2**64 - 1] + [5000] * 19, pa.uint64())),
         refs(2, 20), {2: [("amount", "too_many_digits")]}),
    Dirt("a day beyond all calendars", parquet(applied=pa.array([20_000] * 19 + [2**30], pa.int32()).cast(pa.date32())),
         refs(1, 19), {21: [("applied", "cell_beyond_reading")]}),
    Dirt("bytes that are no text in Parquet", parquet(product=[b"consumer"] * 19 + ["消费".encode("gbk")]), refs(1, 19),
         {21: [("product", "bytes_no_text")]}),
    Dirt("a Parquet file without columns", parquet_without_columns, refused="table_empty"),
    Dirt("a name twice in Parquet", parquet_with_a_name_twice, refused="duplicate_header"),
    Dirt("a Parquet file without rows", parquet_without_rows),
)  # fmt: skip
