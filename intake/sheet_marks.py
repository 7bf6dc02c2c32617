"""What the reader of a workbook does not tell of a sheet's cells, and their numbers would be wrong without."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

# Not available: what a table writes where it knows that there is nothing.
MISSING: Final = "#N/A"
CELLS_MOST: Final = 1_000_000


@dataclass
class SheetMarks:
    """`failed` is what stands in the cells whose formula failed, by row and column from 0; `percents` the rows, counted
    from 1, of the cells that show a percentage, by column from 0; `signs` those that show a foreign currency."""

    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: dict[int, set[int]] = field(default_factory=dict)
    signs: dict[int, dict[int, str]] = field(default_factory=dict)
