"""CSV cells that no spreadsheet runs as a formula (OWASP ASVS V1.2.10)."""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(r"^[\s\u00a0]*[=+\-@\t\r|%\x00]", re.MULTILINE)
_NUMBER: Final = re.compile(r"^\s*[+-]?[\d,]*\.?\d+(e[+-]?\d+)?%?\s*$", re.IGNORECASE)


def safe_cell(text: str) -> str:
    """The text, with a quote before it when a spreadsheet would run it; a plain number stays a number."""
    if _FORMULA.search(text) and not _NUMBER.match(text):
        return f"'{text}"
    return text
