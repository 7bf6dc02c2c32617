"""The comments on the cells of a sheet of an .xlsx, which its reader does not tell: 单位：万元 on a header."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree

from intake.tabular.archives import BOOK_MOST, bounded, opened_part
from intake.tabular.sheet_marks import COMMENT_MOST

_PLACE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LINKS_MOST: Final = 1_000_000


def comments_on(archive: zipfile.ZipFile, sheet: zipfile.ZipInfo, rows: range) -> dict[tuple[int, int], str]:
    """The comments on the cells of these rows of a sheet, by row and column from 0.

    Read as a stream: one is let go before the next. A thread of comments has a copy among the others.
    """
    part = _part_of(archive, sheet)
    comments: dict[tuple[int, int], str] = {}
    for comment in _elements(archive, part) if part else ():
        place = _PLACE.fullmatch(comment.get("ref", ""))
        if place and (row := int(place[2]) - 1) in rows:
            said = "".join(text.text or "" for text in comment.iterfind("{*}text//{*}t"))
            comments[row, column_of(place[1].encode())] = said[:COMMENT_MOST]
    return comments


def column_of(letters: bytes) -> int:
    """The column, from 0, that is called by these letters."""
    number = 0
    for sign in letters:
        number = number * 26 + sign - 64
    return number - 1


def _part_of(archive: zipfile.ZipFile, sheet: zipfile.ZipInfo) -> zipfile.ZipInfo | None:
    """Where the comments of a sheet stand in its workbook."""
    folder, name = posixpath.split(sheet.filename)
    try:
        links = archive.getinfo(f"{folder}/_rels/{name}.rels")
        if links.file_size > _LINKS_MOST:
            return None
        # No entities in it, as was looked through before.
        found = ElementTree.fromstring(archive.read(links)).iterfind("{*}Relationship")  # noqa: S314
        target = next(each.get("Target", "") for each in found if each.get("Type", "").endswith("/comments"))
        return archive.getinfo(posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
    except (KeyError, StopIteration, ElementTree.ParseError, zipfile.BadZipFile):
        return None


def _elements(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[ElementTree.Element]:
    parser: Any = ElementTree.XMLPullParser(("end",))
    try:
        with opened_part(archive, part) as stream:
            for chunk in bounded(stream, part.compress_size, BOOK_MOST):
                parser.feed(chunk)
                for _event, element in parser.read_events():
                    if element.tag.endswith("}comment"):
                        yield element
                        element.clear()
    except ElementTree.ParseError:
        # The reader of the workbook has the last word over what is no XML.
        return
