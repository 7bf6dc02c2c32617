"""What stood in the columns of a row that are not its reference. Once a mapping is corrected, one of them may be: of
two rows that were equal in all that was read before, as two trucks of one contract, it tells which came in, and by it a
case is known whose reference was a running number.

Kept are digests under a secret: what is left out may be somebody's telephone or identity number.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final

from intake.values.cells import lookup_key

# A case keeps so many; those that say number come first, and what has no figure tells nothing apart.
CELLS_MOST: Final = 32
# So many bits tell a value; the 15 before them its column.
_VALUE_BITS: Final = 48
_MARKS: Final = dict.fromkeys(map(ord, ".:*_-"))
# What a program makes of a dash as it is typed.
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣"), "-")
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
# As a column of its own, beside those that a table names.
_REFERENCE: Final = ""


def digests_of(secret: str, texts: Mapping[str, str], columns: Iterable[str]) -> dict[str, int]:
    """Of the first of these columns that hold a figure 63 bits each, which rows with the same value share."""
    found: dict[str, int] = {}
    for column in columns:
        text = texts.get(column, "")
        if any(map(str.isdigit, text)):
            found[column] = _digest(secret, column, text)
            if len(found) == CELLS_MOST:
                break
    return found


def is_same(secret: str, texts: Mapping[str, str], columns: Iterable[str], kept: Collection[int]) -> bool | None:
    """Whether the row of these digests had the same values in the columns; None where nothing was kept of them."""
    known = {digest >> _VALUE_BITS for digest in kept}
    told = [_digest(secret, column, texts.get(column, "")) for column in columns]
    asked = [digest in kept for digest in told if digest >> _VALUE_BITS in known]
    return all(asked) if asked else None


def of_other_columns(digests: Iterable[int], kept: Collection[int]) -> list[int]:
    """Those of the digests whose columns told nothing of what is kept."""
    known = {digest >> _VALUE_BITS for digest in kept}
    return [digest for digest in digests if digest >> _VALUE_BITS not in known]


def of_columns_of(digests: Iterable[int], kept: Iterable[int]) -> list[int]:
    """Those of what is kept that are of the columns of the digests."""
    columns = {digest >> _VALUE_BITS for digest in digests}
    return [digest for digest in kept if digest >> _VALUE_BITS in columns]


def plain_reference(reference: str) -> str:
    """A reference without what a program or a person changes in writing it: its width and case, the form of its dashes,
    blanks, the commas that group a number and the zeros before it. Another program writes 100,271 for 100271, and
    ln–901a is LN-901A."""
    plain = reference if reference.isascii() else unicodedata.normalize("NFKC", reference).translate(_DASHES)
    plain = "".join(plain.upper().split())
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return plain.lstrip("0") if plain.isdecimal() else plain


def reference_digest(secret: str, reference: str) -> int:
    """The one by which a reference is known however it is written."""
    return _digest(secret, _REFERENCE, plain_reference(reference))


@lru_cache(maxsize=4_096)
def alike(column: str) -> str:
    """The name of a column without what differs between two exports of a table: case, width, blanks, marks."""
    return "".join(unicodedata.normalize("NFKC", column).translate(_MARKS).casefold().split())


# Most columns say the same few things over and over: a sum of the text is the dearest part of keeping a row.
@lru_cache(maxsize=32_768)
def _digest(secret: str, column: str, text: str) -> int:
    key = lookup_key(text)
    # One program shows the zeros before a number, another loses them, and a third makes 7.0 of 7.
    number = key.removesuffix(".0")
    told = number.lstrip("0") if number.isdecimal() else key
    value = _bits(secret, f"value {alike(column)}\x1f{told}", _VALUE_BITS)
    return _of_column(secret, column) << _VALUE_BITS | value


@lru_cache(maxsize=4_096)
def _of_column(secret: str, column: str) -> int:
    return _bits(secret, f"column {alike(column)}", 63 - _VALUE_BITS)


def _bits(secret: str, text: str, count: int) -> int:
    told = f"left out {text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.digest(secret.encode(), told, "sha256")[:8]) >> (64 - count)
