"""Numbers of people that are nobody's: masked, or cut by a spreadsheet. Two people may have the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from intake.header_words.headers import field_matches
from intake.standards.identity import read_identity_number
from intake.values.cells import CellError
from intake.values.samples import share

_MASKED: Final = re.compile(r"[*×•●○]{2}|##")
# 110101XXXXXXXX1234; an X at the end is a check digit, and a short code may hold some.
_MASKED_BY_X: Final = re.compile(r"(?=.{11})\d{3,}X{4,}\d*X?", re.ASCII | re.IGNORECASE)
# Of a long number a spreadsheet keeps 15 digits: 1.10105194912E+17 is everybody born in a district on one day.
_LOST_DIGITS: Final = re.compile(r"\d(\.\d+)?E\+\d{2,3}|\d{16}\.0", re.ASCII | re.IGNORECASE)
# As a whole number its last three are noughts. One right number in some thousand ends so, too.
_CUT: Final = re.compile(r"[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d000", re.ASCII)
_TENTH: Final = 10
_HALF: Final = 0.5


def refuse_lost_digits(text: str) -> None:
    """Raises CellError for what a spreadsheet shows of a long number."""
    if _LOST_DIGITS.fullmatch(text):
        raise CellError("digits_lost")


def refuse_masked(text: str) -> None:
    """Raises CellError for a number some of whose signs are hidden."""
    if _is_masked(text):
        raise CellError("number_masked")


def are_masked(texts: Sequence[str]) -> bool:
    """Whether at least half of the known texts of a column are masked, so that it tells nobody from another."""
    return share(texts, _is_masked) >= _HALF


def are_cut(column: str, texts: Sequence[str]) -> bool:
    """Whether so many identity numbers of a column end in three noughts that a spreadsheet has made them: also those
    whose check digit fits, as that of one in eleven does by chance. A single one is told by its check digit where the
    header says identity number; a region, a day and a count make such a number, too."""
    cut = [text for text in texts if _CUT.fullmatch(text)]
    if not cut or len(cut) * _TENTH < len(texts):
        return False
    is_named = field_matches("applicant.identity_number", column) is not None
    return len(cut) > 1 or (is_named and not _is_right(cut[0]))


def _is_masked(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text)
    return bool(_MASKED.search(plain) or _MASKED_BY_X.fullmatch(plain))


def _is_right(text: str) -> bool:
    try:
        return bool(read_identity_number(text))
    except CellError:
        return False
