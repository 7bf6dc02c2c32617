"""Columns that name a person or tell one row from all others: never features, however few rows a table has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from stdnum import luhn

from intake.header_words import headers
from intake.header_words.person_headers import is_personal, leads_to_somebody, names_somebody, numbers_somebody
from intake.mapped.other_documents import document_of, kinds_of
from intake.recognition.person_names import holds_names
from intake.shown.no_ones_numbers import are_masked
from intake.standards.identity import has_shape, read_identity_number
from intake.standards.people import is_north_american, read_phone
from intake.values.cells import CellError, read_flag
from intake.values.samples import known, share

ENOUGH: Final = 0.9
HALF: Final = 0.5
# So many rows whose codes all differ tell that a column is a code, and not a kind of something.
ROWS_LEAST: Final = 10
_MOBILE: Final = re.compile(r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?:\.0)?", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")
_CARD: Final = re.compile(r"[3-6]\d{15,18}", re.ASCII)
_SOCIAL_SECURITY: Final = re.compile(r"\d{3}-\d{2}-\d{4}", re.ASCII)
_PLATE: Final = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][· ]?[A-Z0-9]{5,6}")
# Numbers of passports and licences that are shorter than a telephone's.
_DOCUMENT: Final = re.compile(r"[A-Za-z]{1,2}[- ]?\d{5,}[A-Za-z]?", re.ASCII)
_LONG_CODE: Final = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}|\d{15,20}", re.ASCII)
_CODE: Final = re.compile(r"[A-Za-z]{1,6}[-_]?\d{4,}|\d{12,20}", re.ASCII)
_ADDRESS: Final = re.compile(r"[路街巷村镇乡][^\d]{0,9}\d|小区|单元|\d[号室幢栋楼]|^\d+ \w+ \w+")
_DIGITS: Final = re.compile(r"\d")
# SK_ID_CURR, "Row ID", accountId: a word of its own, as in no "width" or "paid".
_SAYS_ID: Final = re.compile(r"(?<![A-Za-z])(?:id|ID|Id)(?![a-z])|(?<=[a-z])I[dD](?![a-z])")
_WHOLE_NUMBER: Final = re.compile(r"\d{3,}(?:\.0)?", re.ASCII)
# A telephone, a card or an account has at least so many digits; the answer to "has one" has none or one.
DIGITS_LEAST: Final = 7


def is_identity(text: str) -> bool:
    """Whether a text is an identity number or a credit code. Counties that were founded after a birth are no reason
    against it: whoever moves there may have a number of theirs."""
    try:
        return bool(read_identity_number(text))
    except CellError:
        return False


def holds_personal(texts: Sequence[str]) -> bool:
    """Whether nearly all are numbers or addresses that people have: of telephones, cards, identity."""
    return any(share(texts, test) >= ENOUGH for test in _PERSONAL_VALUES)


def holds_papers(texts: Sequence[str]) -> bool:
    """Whether at least half look like the numbers of papers that people have: of identity cards, passports, licences,
    also masked."""
    return are_masked(texts) or share(texts, lambda text: has_shape(text) or _names_somebody(text)) >= HALF


def nobodys_feature(column: str, texts: Sequence[str], by_values: bool = True) -> str:
    """Why a column is no feature: "personal" or "identifier"; "" where it may be one. Without `by_values` its header
    must say so, too."""
    said = known(texts)
    if not said:
        # What comes behind the sample has nobody to judge it.
        return "personal" if leads_to_somebody(column) else ""
    if by_values and holds_personal(said):
        return "personal"
    # "Telephone: yes, no" tells something of an applicant, and nobody's name or number.
    is_told = names_somebody(column) or numbers_somebody(column)
    if is_told and share(said, lambda text: (read_flag(text), True)) < ENOUGH:
        return "personal"
    if holds_names(column, texts):
        return "personal"
    names_many = share(said, _names_somebody) >= HALF or len(set(said)) > max(2, len(said) / 2)
    if names_many and is_personal(column):
        return "personal"
    named = any(headers.field_matches(name, column) is not None for name in ("external_ref", "applicant.id"))
    if named and are_masked(said):
        return "personal"
    differ = len(set(said)) * 10 >= len(said) * 9
    is_id = by_values and (_are_codes(said) or (_SAYS_ID.search(column) is not None and _count_each(said)))
    return "identifier" if differ and (named or is_id) else ""


def _count_each(said: Sequence[str]) -> bool:
    """Whether each row has a whole number of its own."""
    return len(said) >= ROWS_LEAST and len(set(said)) == len(said) and all(map(_WHOLE_NUMBER.fullmatch, said))


def _are_codes(said: Sequence[str]) -> bool:
    if len(set(said)) < len(said):
        return False
    if share(said, _LONG_CODE.fullmatch) >= ENOUGH:
        return True
    return len(said) >= ROWS_LEAST and share(said, _CODE.fullmatch) >= ENOUGH


def reads_identity(column: str, texts: Sequence[str]) -> bool:
    """Whether nearly all are numbers whose check digit fits, so that the few others may be refused by name; half of
    them do where the header says identity number and nearly all look like one. Masked, made-up and passport numbers
    are none."""
    right = share(texts, read_identity_number)
    is_named = headers.field_matches("applicant.identity_number", column) is not None
    return right >= ENOUGH or (is_named and right >= HALF and share(texts, has_shape) >= ENOUGH)


def of_residents(samples: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The texts of a table's columns, of those that number papers without the rows that name another document than an
    identity card: how many travellers a table has says nothing of what the numbers of the others are."""
    kinds = kinds_of(tuple(samples))
    named = zip(*(samples[column] for column in kinds), strict=True)
    others = [bool(document_of(dict(zip(kinds, row, strict=True)))) for row in named]
    if not any(others) or all(others):
        return {**samples}
    return {
        column: ["" if other else text for text, other in zip(texts, others, strict=True)]
        if headers.field_matches("applicant.identity_number", column) is not None
        else texts
        for column, texts in samples.items()
    }


def reads_phones(texts: Sequence[str]) -> bool:
    """Whether nearly all are telephone numbers of somebody."""
    return bool(texts) and share(texts, lambda text: bool(read_phone(text))) >= ENOUGH


def _names_somebody(text: str) -> bool:
    is_number = len(_DIGITS.findall(text)) >= DIGITS_LEAST or _DOCUMENT.fullmatch(text)
    return bool(is_number) or "@" in text or bool(_ADDRESS.search(text[:200]))


def _is_card(text: str) -> bool:
    return bool(_CARD.fullmatch(text)) and luhn.is_valid(text)


_PERSONAL_VALUES: Final[tuple[Callable[[str], object], ...]] = (
    is_identity,
    _MOBILE.fullmatch,
    _EMAIL.fullmatch,
    _is_card,
    _SOCIAL_SECURITY.fullmatch,
    _PLATE.fullmatch,
    is_north_american,
)
