"""Numbers that a spreadsheet shows in percent: 0.0435 in a cell of the form 0.00% is the 4.35% that everybody sees.

The reader gives out the bare number; which cells are shown so stands in the workbook's styles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from intake.values.cells import DIGITS, cell_text
from intake.values.share_words import in_signs

_WRITTEN: Final = re.compile(r'"([^"]*)"|\\(.)')
# Of a comma at the end the number is shown as a thousandth.
_BEFORE_SIGN: Final = re.compile(r"(?:\[[^\]$]*\]|[#0?.,\s])*[#0?](?:_.|\s)*[%％](?:_.|\s)*")
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')


class Percentage(float):
    """A share that its cell shows in percent. As a number it is what stands in the cell."""

    @property
    def share(self) -> str:
        """The number without the noise of binary fractions: "0.0485"."""
        return f"{float(self):.{DIGITS}g}"


class WrittenPercentage(Percentage):
    """A number beside which its cell only writes a percent sign: 0.5 in one of the form 0.00"%" is half a percent."""

    @property
    def share(self) -> str:
        return f"{Decimal(super().share) / 100:f}"


def shown_text(cell: object) -> str:
    """The cell as `cell_text`, a percentage as it is shown: "4.35%"; so is one in words, 百分之四点三五."""
    text = in_signs(cell_text(cell))
    return f"{(Decimal(cell.share) * 100).normalize():f}%" if isinstance(cell, Percentage) and text else text


def shown_texts(row: Mapping[str, object], texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of a row with its percentages as they are shown."""
    shares = {column: shown_text(cell) for column, cell in row.items() if isinstance(cell, Percentage)}
    return {**texts, **shares}


@lru_cache(maxsize=1_024)
def is_percent_form(form: str) -> bool:
    """Whether a number format shows a percentage, and not only a sign that was written into it."""
    return "%" in _LITERAL.sub("", form)


@lru_cache(maxsize=1_024)
def is_written_form(form: str) -> bool:
    """Whether a number format writes a percent sign behind a number that is shown as it is."""
    first = _WRITTEN.sub(lambda found: found[1] or found[2], form.split(";")[0])
    return not is_percent_form(form) and _BEFORE_SIGN.fullmatch(first) is not None
