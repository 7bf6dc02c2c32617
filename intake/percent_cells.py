"""Numbers that a spreadsheet shows in percent: 0.0435 in a cell of the form 0.00% is the 4.35% that everybody sees.

The reader gives out the bare number; which cells are shown so stands in the workbook's styles.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from xml.etree import ElementTree

from intake.archives import BOOK_MOST, bounded, opened_part
from intake.cells import cell_text

# 0% and 0.00%, which every workbook has without saying so.
_BUILT_IN: Final = frozenset({"9", "10"})
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')
_STYLES_MOST: Final = 20_000_000
_OVERLAP: Final = 1_000


# A spreadsheet counts with so many digits, and keeps two more: 0.0435 + 0.005 stands in it as 0.048499999999999995.
_DIGITS: Final = 15


class Percentage(float):
    """A share that its cell shows in percent. As a number it is what stands in the cell."""

    @property
    def share(self) -> str:
        """The number without the noise of binary fractions: "0.0485"."""
        return f"{float(self):.{_DIGITS}g}"


def shown_text(cell: object) -> str:
    """The cell as `cell_text`, a percentage as it is shown: "4.35%"."""
    text = cell_text(cell)
    return f"{(Decimal(cell.share) * 100).normalize():f}%" if isinstance(cell, Percentage) and text else text


def shown_texts(row: Mapping[str, object], texts: dict[str, str]) -> dict[str, str]:
    """The texts of a row with its percentages as they are shown."""
    shares = {column: shown_text(cell) for column, cell in row.items() if isinstance(cell, Percentage)}
    return texts | shares if shares else texts


def is_percent_form(form: str) -> bool:
    """Whether a number format shows a percentage, and not only a sign that was written into it."""
    return "%" in _LITERAL.sub("", form)


def percent_cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> dict[str, set[int]]:
    """The rows, by the letters of their column, of the cells of a sheet that show a percentage."""
    styles = _percent_styles(archive)
    if not styles:
        return {}
    one_of = "|".join(sorted(styles)).encode()
    cell = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]{0,40}? s="(?:' + one_of + rb')"[^>]{0,40}(?<!/)>')
    found: dict[str, set[int]] = {}
    tail = b""
    with opened_part(archive, part) as stream:
        for chunk in bounded(stream, part.compress_size, BOOK_MOST):
            text = tail + chunk
            for letters, number in cell.findall(text):
                found.setdefault(letters.decode(), set()).add(int(number))
            tail = text[-_OVERLAP:]
    return found


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """The numbers of the styles of a workbook whose number format shows a percentage."""
    try:
        if archive.getinfo("xl/styles.xml").file_size > _STYLES_MOST:
            return frozenset()
        # No entities in it, as was looked through before.
        styles = ElementTree.fromstring(archive.read("xl/styles.xml"))  # noqa: S314
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
        return frozenset()
    own = {
        each.get("numFmtId", "")
        for each in styles.findall("{*}numFmts/{*}numFmt")
        if is_percent_form(each.get("formatCode", ""))
    }
    shown = [each.get("numFmtId", "") for each in styles.findall("{*}cellXfs/{*}xf")]
    return frozenset(str(at) for at, form in enumerate(shown) if form in _BUILT_IN | own)
