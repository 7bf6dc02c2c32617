"""Code tables of a mapping, as they are pasted or uploaded: two columns, what the source writes and what it means."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

from intake.values.cells import CellError, as_feature, lookup_key, read_flag, read_number
from intake.wording.sentences import IntakeError

ROWS_MOST: Final = 2_000
_NUMBERS: Final = frozenset({"number", "integer", "percent", "rate"})
_SEPARATORS: Final = ("\t", ",", ";", "→", "=")


class CodeTableError(IntakeError):
    """A code table that cannot be read; `sentence(language)` names the line."""


def read_codes(text: str, kind: str) -> dict[str, object]:
    """What each of a source's values means, from lines such as `A,approved`; a line without a meaning is not known.

    Tab, comma, semicolon, arrow or equals sign part the two, whichever the first line has. `kind` is the type of what
    is read: a meaning is a number or a flag where that is one, else text. Raises CodeTableError for a line with fewer
    or more cells, a meaning that is none of its kind, or a value that stands there twice with different meanings.
    """
    lines = [line for line in text.replace("\ufeff", "").splitlines() if line.strip()]
    if len(lines) > ROWS_MOST:
        raise CodeTableError("codes_too_many", limit=str(ROWS_MOST), found=str(len(lines)))
    mark = next((each for each in _SEPARATORS if lines and each in lines[0]), ",")
    codes: dict[str, object] = {}
    for number, cells in enumerate(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark), 1):
        if len(cells) != 2 or not cells[0].strip():
            raise CodeTableError("codes_not_two", row=str(number), value=mark.join(cells))
        key = lookup_key(cells[0].strip())
        try:
            meaning = _meaning(cells[1].strip(), kind)
        except CellError as problem:
            raise CodeTableError("codes_other_kind", row=str(number), value=cells[1].strip(), kind=kind) from problem
        if key in codes and codes[key] != meaning:
            raise CodeTableError("codes_twice", row=str(number), value=cells[0].strip())
        codes[key] = meaning
    return codes


def write_codes(codes: Mapping[str, object]) -> str:
    """The table as lines that `read_codes` takes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([key, _text(meaning)] for key, meaning in codes.items())
    return out.getvalue()


def _meaning(text: str, kind: str) -> object:
    if not text:
        return None
    if kind == "flag":
        return read_flag(text)
    return as_feature(read_number(text)) if kind in _NUMBERS else text


def _text(meaning: object) -> str:
    if isinstance(meaning, bool):
        return "true" if meaning else "false"
    return "" if meaning is None else str(meaning)
