"""Moments as programs count them: the seconds or milliseconds since the beginning of 1970, in UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

SECONDS: Final = "unix"
MILLISECONDS: Final = "unix_ms"
# form -> the digits of such a number, and how many of it a second has
_FORMS: Final = {
    SECONDS: (re.compile(r"\d{10}", re.ASCII), 1),
    MILLISECONDS: (re.compile(r"\d{13}", re.ASCII), 1_000),
}
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS: Final = range(2000, 2100)
_ENOUGH: Final = 0.9


def unix_form(texts: Sequence[str]) -> str:
    """The form of a column whose known texts are such moments of this century, "" for any other; one in ten may be
    anything, and is refused by row."""
    fits = (form for form in _FORMS if sum(_is_moment(text, form) for text in texts) >= _ENOUGH * len(texts) > 0)
    return next(fits, "")


def is_unix_form(form: str) -> bool:
    """Whether a form of dates is one of these."""
    return form in _FORMS


def unix_moment(text: str, form: str) -> datetime:
    """The moment of a number in one of these forms. Raises ValueError for any other text."""
    digits, a_second = _FORMS[form]
    if not digits.fullmatch(text):
        raise ValueError(text)
    moment = _START + timedelta(microseconds=int(text) * 1_000_000 // a_second)
    if moment.year not in _YEARS:
        raise ValueError(text)
    return moment


def _is_moment(text: str, form: str) -> bool:
    try:
        return bool(unix_moment(text, form))
    except ValueError:
        return False
