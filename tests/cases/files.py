"""Small files of every kind that is taken, and of some that are not, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
PDF_FILE: Final = PDF + b"trailer<</Root 1 0 R>>\n%%EOF\n"
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def zipped(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return packed.getvalue()


def office(main: str, more: Mapping[str, bytes] | None = None, *, types: bytes = b"<Types/>") -> bytes:
    return zipped({"[Content_Types].xml": types, main: b"<x/>", **(more or {})})


def old_office(*streams: str) -> bytes:
    return OLE + b"".join(stream.encode("utf-16-le") for stream in streams)


TAKEN: Final = {
    "slip.pdf": (PDF_FILE, "application/pdf"),
    "scan.PNG": (PNG, "image/png"),
    "photo.jpeg": (b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9", "image/jpeg"),
    "photo.webp": (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
    "fax.tif": (b"II*\x00" + bytes(8), "image/tiff"),
    "book.xlsx": (
        office("xl/workbook.xml"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "letter.docx": (
        office("word/document.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "old.xls": (old_office("Workbook"), "application/vnd.ms-excel"),
    "old.doc": (old_office("WordDocument"), "application/msword"),
    "流水.csv": ("日期,金额\n2026-01-05,1200\n".encode("gb18030"), "text/csv"),
    "note.txt": ("Called the employer.\r\n".encode("utf-16"), "text/plain"),
}

NOT_TAKEN = "is not a kind of file that is taken"
CONTRADICTS = "is not what its name says"
PROGRAMS = "carries macros or embedded programs"
REFUSED: Final = {
    "tool.exe": (b"MZ\x90\x00" + bytes(64), NOT_TAKEN),
    "tool.pdf": (b"\x7fELF" + bytes(64), NOT_TAKEN),
    "half.pdf": (PDF, NOT_TAKEN),
    "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", NOT_TAKEN),
    "page.txt": (b"hello <SCRIPT>alert(1)</SCRIPT>", NOT_TAKEN),
    "run.txt": (b"#!/bin/sh\nrm -rf ~\n", NOT_TAKEN),
    "bytes.csv": (bytes(range(256)), NOT_TAKEN),
    "slip.pdf.exe": (PDF_FILE, CONTRADICTS),
    "photo.jpg": (PNG, CONTRADICTS),
    "slip": (PDF_FILE, CONTRADICTS),
    "notes.html": (b"plain words", CONTRADICTS),
    "any.zip": (zipped({"a.txt": b"a"}), NOT_TAKEN),
    "torn.xlsx": (office("xl/workbook.xml")[:-30], NOT_TAKEN),
    "letter.xlsx": (office("word/document.xml"), CONTRADICTS),
    "macro.xlsx": (office("xl/workbook.xml", {"xl/vbaProject.bin": b"x"}), PROGRAMS),
    "macro.docm": (office("word/document.xml", {"word/vbaProject.bin": b"x"}), PROGRAMS),
    "typed.docx": (office("word/document.xml", types=b"application/vnd.ms-word.document.macroEnabled"), PROGRAMS),
    "ole.docx": (office("word/document.xml", {"word/embeddings/oleObject1.bin": b"x"}), PROGRAMS),
    "macro.xls": (old_office("Workbook", "_VBA_PROJECT_CUR"), PROGRAMS),
    "locked.xlsx": (old_office("EncryptedPackage"), "is locked with a password"),
    "install.doc": (old_office("SummaryInformation"), NOT_TAKEN),
    "bomb.xlsx": (office("xl/workbook.xml", {"xl/a.xml": bytes(201 * 2**20)}), "unpacks to far more"),
}
