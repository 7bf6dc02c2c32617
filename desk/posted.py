"""What a form posted, read where no field of a form class does: a key or a version that any text may stand in for."""

from __future__ import annotations

from typing import Final

# As many as a key of the database can have for certain.
DIGITS: Final = 18


def number_of(text: str) -> int:
    """A posted key, version or place; -1, which nothing has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else -1
