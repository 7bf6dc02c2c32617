"""What a file is, found from its content and never from its name; what may not lie in a case's file is refused."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDocument

NAME_MOST: Final = 200
CHUNK: Final = 1 << 16
# A spreadsheet of 20 MB seldom unpacks to more than this; what does was made to.
UNPACKED_MOST: Final = 200 * 2**20
MEMBERS_MOST: Final = 5000
LETTERS_READ: Final = 4096
# Control characters but tab, line feed, form feed and carriage return: no text has them.
NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
PAGE_MARKS: Final = re.compile(r"<\s*(!doctype|\?xml|html|head|body|svg|script|iframe|x:)", re.IGNORECASE)
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names inside an OLE file are UTF-16.
MACROS: Final = tuple(each.encode("utf-16-le") for each in ("_VBA_PROJECT", "Macros"))


@dataclass(frozen=True)
class FileKind:
    """A kind of file that is taken: its media type, the endings its name may have, and whether a browser may show it
    in its own window."""

    media_type: str
    endings: tuple[str, ...]
    is_shown: bool = False


PDF: Final = FileKind("application/pdf", (".pdf",), is_shown=True)
PNG: Final = FileKind("image/png", (".png",), is_shown=True)
JPEG: Final = FileKind("image/jpeg", (".jpg", ".jpeg"), is_shown=True)
WEBP: Final = FileKind("image/webp", (".webp",), is_shown=True)
TIFF: Final = FileKind("image/tiff", (".tif", ".tiff"))
XLSX: Final = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
DOCX: Final = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
XLS: Final = FileKind("application/vnd.ms-excel", (".xls",))
DOC: Final = FileKind("application/msword", (".doc",))
CSV: Final = FileKind("text/csv", (".csv",))
TEXT: Final = FileKind("text/plain", (".txt",))
KINDS: Final = (PDF, PNG, JPEG, WEBP, TIFF, XLSX, DOCX, XLS, DOC, CSV, TEXT)
SHOWN_TYPES: Final = frozenset(kind.media_type for kind in KINDS if kind.is_shown)
ENDINGS: Final = tuple(ending for kind in KINDS for ending in kind.endings)

NOT_TAKEN: Final = _(
    "“%(name)s” is not a kind of file that is taken: PDF, PNG, JPEG, WEBP, TIFF, Excel, Word, CSV, text."
)


def plain_name(name: str) -> str:
    """The name as it may be stored: without folders, control characters and marks that turn the direction of reading
    (`exe.pdf` can be written so that it reads `fdp.exe`). Raises BadDocument when nothing is left."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"))
    kept = " ".join(kept.split())
    if not kept.strip(". "):
        raise BadDocument(_("Give the file a name."))
    stem, dot, ending = kept.rpartition(".")
    return kept if len(kept) <= NAME_MOST else f"{stem[: NAME_MOST - len(ending) - 1]}{dot}{ending}"[:NAME_MOST]


def kind_of(content: bytes, name: str) -> FileKind:
    """The kind of a file by its content, which its name must not contradict.

    Raises:
        BadDocument: a kind that is not taken, one that carries macros or is locked, or a name that says something else.
    """
    ending = PurePosixPath(name).suffix.lower()
    kind = _by_content(content, ending, name)
    if kind is None:
        raise _refused(NOT_TAKEN, name)
    if ending not in kind.endings:
        raise _refused(_("“%(name)s” is not what its name says: its content is another kind of file."), name)
    return kind


def _by_content(content: bytes, ending: str, name: str) -> FileKind | None:
    if content.startswith(b"%PDF-"):
        return PDF if b"%%EOF" in content[-4096:] else None
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith((b"II*\x00", b"MM\x00*")):
        return TIFF
    if content.startswith(b"PK\x03\x04"):
        return _office(content, name)
    if content.startswith(OLE):
        return _old_office(content, name)
    # What is text says nothing of its columns: here alone the name decides, between two kinds that no program runs.
    return (CSV if ending in CSV.endings else TEXT) if _is_text(content) else None


def _office(content: bytes, name: str) -> FileKind | None:
    """An Excel or Word file: a zip with the right members, that unpacks to a sensible size and carries no program."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
            names = {member.filename for member in members}
            if any(_is_active(each.lower()) for each in names):
                raise _refused(_("“%(name)s” carries macros or embedded programs. Save it without them."), name)
            if len(members) > MEMBERS_MOST or not _unpacks(packed, members):
                raise _refused(_("“%(name)s” unpacks to far more than a document holds."), name)
            types = packed.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError):
        # Damaged, or its members are locked with a password.
        return None
    if b"macroEnabled" in types:
        raise _refused(_("“%(name)s” carries macros or embedded programs. Save it without them."), name)
    kinds = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}
    found = [kind for member, kind in kinds.items() if member in names]
    return found[0] if types and len(found) == 1 else None


def _is_active(member: str) -> bool:
    return "vbaproject" in member or "/activex/" in member or ("oleobject" in member and member.endswith(".bin"))


def _unpacks(packed: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> bool:
    """Whether all members together stay below the limit. They are unpacked to know: the stated sizes may lie."""
    if sum(member.file_size for member in members) > UNPACKED_MOST:
        return False
    left = UNPACKED_MOST
    for member in members:
        with packed.open(member) as file:
            while part := file.read(CHUNK):
                left -= len(part)
                if left < 0:
                    return False
    return True


def _old_office(content: bytes, name: str) -> FileKind | None:
    """An Excel or Word file of before 2007, by the streams it names; a new one that is locked looks the same."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _refused(_("“%(name)s” is locked with a password. Add it unlocked."), name)
    if any(mark in content for mark in MACROS):
        raise _refused(_("“%(name)s” carries macros or embedded programs. Save it without them."), name)
    if "WordDocument".encode("utf-16-le") in content:
        return DOC
    return XLS if "Workbook".encode("utf-16-le") in content else None


def _is_text(content: bytes) -> bool:
    """Text in UTF-8, UTF-16 with its mark, or GB 18030, that is neither a page nor a program of a shell."""
    codec = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for each in (codec, "gb18030"):
        try:
            text = content.decode(each)
        except UnicodeDecodeError:
            continue
        return not (NO_TEXT.search(text) or PAGE_MARKS.search(text[:LETTERS_READ]) or text.startswith("#!"))
    return False


def _refused(sentence: str | Promise, name: str) -> BadDocument:
    return BadDocument(str(sentence) % {"name": name})
