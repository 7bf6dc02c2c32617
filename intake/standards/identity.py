"""Identity numbers of China: of residents (GB 11643) and of organisations (the social credit code, GB 32100)."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Final

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from intake.standards.regions import is_province
from intake.values.cells import CellError

EARLIEST: Final = date(1900, 1, 1)
_NOT_PART = re.compile(r"[\s\-·.]")
_RESIDENT = re.compile(r"\d{17}[\dX]", re.ASCII)
_RESIDENT_OLD = re.compile(r"\d{15}", re.ASCII)
_ORGANISATION = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}", re.ASCII)


def has_shape(text: str) -> bool:
    """Whether a text is as long as an identity number and made of its signs, right or wrong."""
    number = _bare(text)
    return any(shape.fullmatch(number) for shape in (_RESIDENT, _RESIDENT_OLD, _ORGANISATION))


def is_of_resident(text: str) -> bool:
    """Whether a text, right or wrong, has the 18 signs of a resident's number and the digits of a province first."""
    number = _bare(text)
    return bool(_RESIDENT.fullmatch(number)) and is_province(number[:2])


def _bare(text: str) -> str:
    return _NOT_PART.sub("", unicodedata.normalize("NFKC", text)).upper()


def read_identity_number(text: str) -> str:
    """The number in one form: 18 characters, a resident's old one of 15 digits brought to 18.

    Raises CellError: of another length, a wrong check digit, a province that does not exist, a
    day of birth that does not exist, lies in the future or before 1900.
    """
    number = _bare(text)
    if _RESIDENT_OLD.fullmatch(number):
        # Numbers of 15 digits were given out until 1999, all to people born in the last century.
        longer = number[:6] + "19" + number[6:]
        number = longer + ric.calc_check_digit(longer + "0")
    if _RESIDENT.fullmatch(number) and is_province(number[:2]):
        return _resident(number)
    if not _ORGANISATION.fullmatch(number):
        raise CellError("not_an_identity_number")
    try:
        return str(uscc.validate(number))
    except ValidationError as wrong:
        raise CellError("wrong_check_digit") from wrong


def _resident(number: str) -> str:
    """Of the place only the province is checked: a county may be older or younger than whoever is registered there."""
    if ric.calc_check_digit(number) != number[-1]:
        raise CellError("wrong_check_digit")
    birthday = birth_date(number)
    # Whoever is born today in China may be a day ahead of our clock.
    if birthday is None or not EARLIEST <= birthday <= datetime.now(UTC).date() + timedelta(days=1):
        raise CellError("no_such_birthday")
    return number


def birth_date(number: str) -> date | None:
    """The birthday that a resident's number of 18 signs holds; None where it holds none."""
    if not _RESIDENT.fullmatch(number):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def masked_number(number: str) -> str:
    """The number as it may be shown to anybody: the first three and the last four signs."""
    return f"{number[:3]}{'*' * max(len(number) - 7, 3)}{number[-4:]}"
