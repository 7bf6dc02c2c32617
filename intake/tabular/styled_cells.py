"""The cells of a sheet of an .xlsx by the number format they are shown in, which its reader does not tell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final
from xml.etree import ElementTree

from intake.tabular.archives import BOOK_MOST, bounded, opened_part

_CHINESE_MONTH: Final = 'yyyy"年"m"月"'
# Shares, and days shown as their month, which every workbook has without saying so; those from 27 on are such in
# Chinese programs. Which money the others show depends on who looks at it.
BUILT_IN: Final = {"9": "0%", "10": "0.00%", "17": "mmm-yy"} | dict.fromkeys(
    ("27", "36", "50", "52", "57"), _CHINESE_MONTH
)
_STYLES_MOST: Final = 20_000_000
# Some writers put a prefix before the name of every element: <x:c r="A1">.
PREFIX: Final = rb"(?:[^\s<>:/]{1,40}:)?"
_OVERLAP: Final = 1_000


class StyledCells:
    """The cells of one sheet, which is the `part` of a workbook that was looked through before."""

    def __init__(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._part = part

    def in_forms(self, wanted: Callable[[str], object]) -> Iterator[tuple[str, int, str]]:
        """Letters of the column, row from 1 and number format of each filled cell whose format is wanted. A sheet is
        only read where its workbook has such a format."""
        styles = {style: form for style, form in self._forms.items() if wanted(form)}
        if not styles:
            return
        one_of = "|".join(sorted(styles)).encode()
        # Its place and its style stand in any order.
        place = rb"""(?=\s[^<>]{0,200}?(?<=\s)r\s?=\s?["']([A-Z]{1,3})(\d{1,7})["'])"""
        style = rb"""(?=\s[^<>]{0,200}?(?<=\s)s\s?=\s?["'](""" + one_of + rb""")["'])"""
        cell = re.compile(rb"<" + PREFIX + rb"c" + place + style + rb"[^<>]{0,200}(?<!/)>")
        tail = b""
        with opened_part(self._archive, self._part) as stream:
            for chunk in bounded(stream, self._part.compress_size, BOOK_MOST):
                text = tail + chunk
                for letters, number, style in cell.findall(text):
                    yield letters.decode(), int(number), styles[style.decode()]
                tail = text[-_OVERLAP:]

    @cached_property
    def _forms(self) -> dict[str, str]:
        """The number formats of the styles of a workbook by the number of the style."""
        try:
            if self._archive.getinfo("xl/styles.xml").file_size > _STYLES_MOST:
                return {}
            # No entities in it, as was looked through before.
            styles = ElementTree.fromstring(self._archive.read("xl/styles.xml"))  # noqa: S314
        except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
            return {}
        own = {each.get("numFmtId", ""): each.get("formatCode", "") for each in styles.findall("{*}numFmts/{*}numFmt")}
        forms = BUILT_IN | own
        shown = [each.get("numFmtId", "") for each in styles.findall("{*}cellXfs/{*}xf")]
        return {str(at): forms[form] for at, form in enumerate(shown) if form in forms}
