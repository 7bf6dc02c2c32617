"""What is often sent in the place of a table, told by its first bytes."""

import re
from typing import Final

# First bytes, and the name of what begins so.
_MARKS: Final = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"SQLite format 3", "SQLite"),
    (b"PARE", "Parquet (encrypted)"),
    (b"ARROW1", "Arrow"),
    (b"Obj\x01", "Avro"),
    (b"ORC", "ORC"),
    (b"MIME-Version:", "MHTML"),
    (b"{\\rtf", "RTF"),
    (b"<", "HTML/XML"),
    (b"{", "JSON"),
)
# Core systems write these as .xls, and Excel shows them as tables.
SHOWN_BY_EXCEL: Final = frozenset({"HTML/XML", "MHTML"})
_LIST: Final = re.compile(rb"\[\s*[\[{]")


def other_kind(head: bytes) -> str:
    """The name of what a file that begins so is, "" where it may be a table as text in any encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:].replace(b"\x00", b"")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _LIST.match(start):
        return "JSON"
    found = next((name for mark, name in _MARKS if start.startswith(mark)), "")
    # Three letters that a header may begin with, too.
    return "" if found == "ORC" and b"\x00" not in start else found
