"""The tables inside an archive: each by a name of its own, unpacked one at a time, or refused by that name."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from intake.tabular.archives import TEXT_MOST, bounded, is_bomb, is_workbook, opened, opened_part
from intake.tabular.tables import TableError

TABLES: Final = (".csv", ".tsv", ".txt", ".gz", ".xlsx", ".xls", ".xlsm", ".ods", ".parquet")
MEMBERS_MOST: Final = 500
NAME_MOST: Final = 150
LABEL_MOST: Final = 255
# What file managers put into an archive without being asked.
_OF_MANAGERS: Final = ("__macosx", "thumbs.db", "desktop.ini")
_SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED, _UTF8 = 0x1, 0x800


@dataclass(frozen=True)
class Member:
    """One part of an archive: its place among all parts, what it is called, and why it is not even unpacked.

    Names are told apart: the second of one name is `name (2)`. They are shown and never used as a path.
    """

    place: int
    name: str
    refusal: TableError | None = None


def starts_archive(head: bytes) -> bool:
    """Whether a file that begins so is a ZIP, be it an archive or a workbook."""
    return head.startswith(_SIGNATURES)


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP that is no workbook. Raises TableError for a ZIP that cannot be read."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError as problem:
        raise TableError("table_missing", value=path.name) from problem
    return starts_archive(head) and not is_workbook(path)


def members_of(path: Path) -> list[Member]:
    """What an archive holds, in its order, without directories, hidden parts and what file managers leave.

    Raises TableError when that is nothing, too much to take in, or more than the archive can hold.
    """
    with opened(path) as archive:
        parts = [(place, part) for place, part in enumerate(archive.infolist()) if not _is_passed_over(part)]
    if not parts:
        raise TableError("zip_empty")
    if len(parts) > MEMBERS_MOST:
        raise TableError("zip_too_many", found=str(len(parts)), limit=str(MEMBERS_MOST))
    refusals = [_refusal(part) for _place, part in parts]
    # A part is never read beyond the size it declares, and several may share the same packed bytes.
    sizes = sum(part.file_size for (_place, part), refusal in zip(parts, refusals, strict=True) if refusal is None)
    if is_bomb(sizes, path.stat().st_size):
        raise TableError("table_bomb")
    names = _told_apart([_shown(part) for _place, part in parts])
    return [Member(place, name, refusal) for (place, _part), name, refusal in zip(parts, names, refusals, strict=True)]


def member_label(archive: str, member: str) -> str:
    """What a part of an archive is called outside of it: `archive.zip › part.csv`, at most 255 characters."""
    room = LABEL_MOST - len(member) - 3
    return f"{archive if len(archive) <= room else archive[: room - 1] + '…'} › {member}"


@contextmanager
def unpacked(path: Path, place: int) -> Iterator[Path]:
    """A part of an archive as a file of its own, as long as the context lasts.

    Raises TableError when it is damaged, encrypted, a bomb, or an archive itself.
    """
    table = unpack_member(path, place)
    try:
        yield table
    finally:
        shutil.rmtree(table.parent, ignore_errors=True)


def unpack_member(path: Path, place: int) -> Path:
    """A part of an archive in a folder of its own, which whoever called removes. Raises as `unpacked`."""
    # A name of our own: what the archive calls it may lead anywhere.
    folder = Path(tempfile.mkdtemp(prefix="riskreview-table-"))
    try:
        with opened(path) as archive:
            part = _part_at(archive, place)
            refusal = _refusal(part)
            if refusal is not None:
                raise refusal
            table = folder / f"table{PurePosixPath(part.filename).suffix.lower()}"
            with opened_part(archive, part) as stream, table.open("wb") as out:
                for chunk in bounded(stream, part.compress_size, TEXT_MOST):
                    out.write(chunk)
        if is_archive(table):
            raise TableError("zip_in_zip")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return table


def only_member(path: Path) -> Member:
    """The one table of an archive, for whoever reads one table. Raises TableError for none, or several."""
    members = members_of(path)
    tables = [member for member in members if member.refusal is None]
    if not tables:
        told = (member.refusal for member in members if member.refusal and member.refusal.code != "zip_other_kind")
        raise next(told, TableError("zip_empty"))
    if len(tables) > 1:
        raise TableError("zip_several", names=", ".join(member.name for member in tables[:10]))
    return tables[0]


def _part_at(archive: zipfile.ZipFile, place: int) -> zipfile.ZipInfo:
    parts = archive.infolist()
    if place >= len(parts):
        raise TableError("zip_changed")
    return parts[place]


def _is_passed_over(part: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(part.filename.replace("\\", "/")).parts
    hidden = bool(parts) and parts[-1].startswith(".")
    return part.is_dir() or hidden or any(each.lower() in _OF_MANAGERS for each in parts)


def _refusal(part: zipfile.ZipInfo) -> TableError | None:
    """Why a part is not even unpacked."""
    suffix = PurePosixPath(part.filename).suffix.lower()
    if suffix == ".zip":
        return TableError("zip_in_zip")
    if suffix not in TABLES or stat.S_ISLNK(part.external_attr >> 16):
        return TableError("zip_other_kind", kinds=", ".join(TABLES))
    if part.flag_bits & _ENCRYPTED:
        return TableError("zip_locked")
    if is_bomb(part.file_size, part.compress_size):
        return TableError("table_bomb")
    return None


def _shown(part: zipfile.ZipInfo) -> str:
    """The name of a part as its packer meant it: without the mark of UTF-8 it is in the encoding of that machine."""
    name = part.filename
    if not part.flag_bits & _UTF8 and not name.isascii():
        name = _in_own_encoding(name.encode("cp437", "surrogateescape")) or name
    name = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)
    return name if len(name) <= NAME_MOST else "…" + name[1 - NAME_MOST :]


def _in_own_encoding(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _told_apart(names: list[str]) -> list[str]:
    told: list[str] = []
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told
