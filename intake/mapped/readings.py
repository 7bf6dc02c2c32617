"""What was read of one table so far: its equal rows are counted, and what equal cells were read as is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timezone
from typing import Final

from intake.mapped.given import Given, read_cell

# Most columns hold the same few texts over and over. A column of names or amounts is not kept for its own sake: at most
# 2,000 texts of 40 characters a value, about 400 kB.
_KEPT_MOST: Final = 2_000
_LONGEST: Final = 40


class Occurrences:
    """Counts equal rows of one file, so that the second of two equal rows has a reference of its own.

    Keeps eight bytes of hash a distinct row: about 100 bytes of memory each.
    """

    def __init__(self) -> None:
        self._seen: Counter[int] = Counter()

    def number(self, digest: bytes) -> int:
        """How often this row has now been met, from 1."""
        key = int.from_bytes(digest[:8])
        self._seen[key] += 1
        return self._seen[key]


class Readings:
    """Reads the cells of one table. A text that was read before is not read again, which saves a fifth of the reading.

    Only texts: of a cell that is a number, a date or a flag in the file the kind counts as well.
    """

    def __init__(self, zone: timezone) -> None:
        self._zone = zone
        self._kept: defaultdict[str, dict[str, object]] = defaultdict(dict)

    def read(self, name: str, given: Given, cell: object, text: str, kind: str) -> object:
        """The value called `name` in a cell, whose text is `text`. Raises CellError where it cannot be read."""
        if not isinstance(cell, str) or len(text) > _LONGEST:
            return read_cell(given, cell, kind, self._zone)
        kept = self._kept[name]
        if text in kept:
            return kept[text]
        value = read_cell(given, cell, kind, self._zone)
        if len(kept) < _KEPT_MOST:
            kept[text] = value
        return value
