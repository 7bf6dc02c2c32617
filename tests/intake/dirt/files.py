"""Whole files that are broken, disguised, packed or hostile."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.intake.dirt.kinds import COLUMNS, HEADER, Dirt, as_bytes, as_made, as_text, lines, refs, row

TWENTY: Final = [row(number) for number in range(1, 21)]
TEXT: Final = lines(*TWENTY)
CELLS: Final = [line.split(",") for line in TWENTY]


def book(*rows: Sequence[Any], change: Callable[[Any], object] | None = None) -> bytes:
    """A workbook with the usual columns; `change` gets its sheet before it is saved."""
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    for each in (COLUMNS, *rows):
        sheet.append(list(each))
    if change:
        change(sheet)
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def spaced(cells: Sequence[str]) -> str:
    """The usual rows with a column that has no name in the middle, and these cells in it."""
    table = [COLUMNS, *(row(number).split(",") for number in range(1, len(cells) + 1))]
    first, *rest = (",".join([*line[:3], cell, *line[3:]]) for line, cell in zip(table, ["", *cells], strict=True))
    return lines(*rest, header=first)


def write_parquet(path: Path, **columns: list[Any]) -> None:
    table = {name: [cells[place] for cells in CELLS] for place, name in enumerate(COLUMNS)}
    pq.write_table(pa.table({**table, **columns}), path)


def write_half_a_parquet(path: Path) -> None:
    write_parquet(path)
    path.write_bytes(path.read_bytes()[:-60])


def without_cells(sheet: bytes) -> bytes:
    return sheet[: sheet.index(b"<sheetData>")] + b"<sheetData/></worksheet>"


def far_cell(sheet: Any) -> None:
    sheet.cell(row=1_048_576, column=16_384, value="x")


def merged(cells: str) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet.merge_cells(cells)

    return change


# Less would not count as a bomb, and more would only cost time.
BLANKS: Final = b" " * (70 << 20)
SHEET: Final = "xl/worksheets/sheet1.xml"
ENTITY: Final = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
BOMB: Final = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def entity(declared: bytes, name: bytes) -> Callable[[bytes], bytes]:
    """A sheet whose first amount is an entity."""

    def change(sheet: bytes) -> bytes:
        start = sheet.index(b"<worksheet")
        return declared + sheet[start:].replace(b"<t>5001</t>", b"<t>&" + name + b";</t>", 1)

    return change


CHINESE: Final = lines(*(row(number, currency="人民币") for number in range(1, 21)))
ENCODINGS: Final = tuple(
    Dirt(f"text in {encoding}", as_text(CHINESE, encoding), refs(1, 20))
    for encoding in ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
)  # fmt: skip
TEXTS: Final = (
    Dirt("an empty file", as_bytes(b""), refused="table_empty"),
    Dirt("nothing but blanks", as_bytes(b" \n\n  \n"), refused="table_empty"),
    Dirt("nothing but a byte order mark", as_bytes(b"\xef\xbb\xbf"), refused="table_empty"),
    Dirt("a header without rows", as_text(HEADER + "\n")),
    Dirt("a name twice in the header", as_text(lines(*TWENTY, header=HEADER.replace("term", "amount"))),
         refused="duplicate_header"),
    Dirt("a nameless column", as_text(lines(*TWENTY, header=HEADER.replace("term", ""))), refused="empty_header"),
    Dirt("an empty column without a name", as_text(spaced([""] * 20)), refs(1, 20)),
    Dirt("a remark far down in a column without a name", as_text(spaced([""] * 19 + ["paid", ""])),
         [*refs(1, 19), "R-21"], {21: [("row", "cell_without_name")]}),
    Dirt("a remark at the top of a column without a name", as_text(spaced(["", "paid", *[""] * 18])),
         refused="empty_header"),
    Dirt("a million columns", as_made(lambda: ",".join(f"c{n}" for n in range(1_000_000)).encode() + b"\n1,2\n"),
         refused="line_too_long"),
    Dirt("three thousand columns", as_bytes(",".join(f"c{n}" for n in range(3_000)).encode() + b"\n1,2\n"),
         refused="too_many_columns"),
    Dirt("one line without an end", as_bytes(b"x" * 3_000_000), refused="line_too_long"),
    Dirt("a line without an end among others", as_bytes(TEXT.encode() + b"x" * 2_000_000 + b"\n" + row(21).encode()),
         refs(1, 21), {22: [("row", "line_too_long")]}),
    Dirt("a row in another encoding", as_bytes(CHINESE.encode() + row(21, currency="人民币").encode("gb18030") + b"\n"),
         refs(1, 20), {22: [("row", "undecodable")]}),
    Dirt("a page of the web called a table", as_bytes(b"<html><body><table><tr><td>id</td></tr></table></body></html>"),
         refused="table_for_excel"),
    Dirt("a list of JSON", as_bytes(b'[{"id": 1, "amount": 2}]'), refused="table_other_kind"),
    Dirt("UTF-16 that ends within a sign", as_bytes(CHINESE.encode("utf-16-be")[:-1]), refused="table_damaged"),
    Dirt("UTF-16 with half a pair in a row",
         as_bytes(CHINESE.replace("R-20,", "R-20\ud840,").encode("utf-16", "surrogatepass")), refs(1, 19),
         {21: [("row", "undecodable")]}),
    Dirt("a document", as_bytes(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"), refused="table_other_kind"),
    Dirt("a picture", as_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4), refused="table_other_kind"),
    Dirt("bytes without sense", as_bytes(bytes(range(32)) * 64), refused="table_not_text"),
)  # fmt: skip
PACKED: Final = (
    Dirt("a packed text", as_bytes(gzip.compress(TEXT.encode())), refs(1, 20)),
    Dirt("a packed text that ends early", as_bytes(gzip.compress(TEXT.encode() * 50)[:-40]), refused="table_damaged"),
    Dirt("a bomb of a packed text", as_made(lambda: gzip.compress(BLANKS)), refused="table_bomb"),
    Dirt("an archive of one table", as_bytes(zipped(a__csv=TEXT.encode())), refs(1, 20)),
    Dirt("an archive of two tables", as_bytes(zipped(a__csv=b"1", b__csv=b"2")), refused="zip_several"),
    Dirt("an archive of no table", as_bytes(zipped(readme__txt__exe=b"MZ")), refused="zip_empty"),
    Dirt("an archive in an archive", as_bytes(zipped(a__zip=zipped(a__csv=TEXT.encode()))), refused="zip_in_zip"),
    Dirt("an archive that is cut off", as_bytes(zipped(a__csv=TEXT.encode())[:-30]), refused="table_damaged"),
    Dirt("a bomb of an archive", as_made(lambda: zipped(a__csv=BLANKS)), refused="table_bomb"),
)  # fmt: skip
BOOKS: Final = (
    Dirt("a workbook", as_bytes(book(*CELLS)), refs(1, 20)),
    Dirt("a workbook with an empty column without a name",
         as_bytes(book(*CELLS, change=lambda sheet: sheet.insert_cols(4))), refs(1, 20)),
    Dirt("a workbook with numbers as text and as numbers",
         as_bytes(book(*([*cells[:2], float(cells[2]), 24, *cells[4:]] for cells in CELLS))), refs(1, 20)),
    Dirt("merged cells", as_bytes(book(*CELLS, change=merged("B2:B21"))), refs(1, 20)),
    Dirt("merged cells of a number", as_bytes(book(*CELLS, change=merged("C2:C4"))), refs(4, 20),
         {number: [("amount", "cell_merged")] for number in (2, 3, 4)}),
    Dirt("a formula that was never computed", as_bytes(book(*CELLS, row(21, amount="=A1").split(","))),
         refs(1, 20), {22: [("amount", "formula_uncomputed")]}),
    Dirt("a cell at the far corner of the sheet", as_bytes(book(*CELLS, change=far_cell)), refused="table_too_wide"),
    Dirt("an entity that names a file (XXE)", as_bytes(with_part(book(*CELLS), SHEET, entity(ENTITY, b"e"))),
         refused="table_entities"),
    Dirt("entities that multiply", as_bytes(with_part(book(*CELLS), SHEET, entity(BOMB, b"b"))),
         refused="table_entities"),
    Dirt("a workbook with macros", as_bytes(with_part(book(*CELLS), "xl/vbaProject.bin", lambda _old: b"Sub x")),
         refs(1, 20)),
    Dirt("a workbook whose sheet is a bomb", as_made(lambda: with_part(book(*CELLS), SHEET, lambda old: old + BLANKS)),
         refused="table_bomb"),
    Dirt("a workbook that is cut off", as_bytes(book(*CELLS)[:-200]), refused="table_damaged"),
    Dirt("a workbook without a filled sheet", as_bytes(with_part(book(), SHEET, without_cells)), refused="table_empty"),
    Dirt("an old workbook that is none", as_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
         refused="table_damaged"),
)  # fmt: skip
PARQUETS: Final = (
    Dirt("a Parquet file", write_parquet, refs(1, 20)),
    Dirt("a Parquet file that is cut off", write_half_a_parquet, refused="table_damaged"),
    Dirt("nested values in Parquet", lambda path: write_parquet(path, amount=[{"a": 1}] * 20), (),
         {number: [("amount", "not_a_number")] for number in range(2, 22)}),
)  # fmt: skip
