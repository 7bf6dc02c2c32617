"""Days and months that are written as one number: 20260815 and 202608. No database."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_PACKED: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)?(?:\.0+)?", re.ASCII)


def is_packed(text: str) -> bool:
    """Whether a text is such a day or month, of this or the last century; also as 20260815.0."""
    found = _PACKED.fullmatch(text)
    if found is None:
        return False
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_day(number: float) -> bool:
    """Whether a number is such a day or month."""
    return 190_000 < number < 20_991_232 and is_packed(str(number))
