"""Rows that name another document than a resident's identity card: a passport, a travel or residence permit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from intake.header_words import headers
from intake.header_words.number_signs import keys_of
from intake.mapped.given import Given
from intake.standards.identity import is_of_resident
from intake.values.traditional import simplified

_PAPER: Final = "(id|identity|identification|iddoc|(id|identity)?(document|card|paper)|doc|cert|certificate)"
# The header of the column that says which document the applicant's number is of.
_KIND: Final = re.compile(
    rf"{headers.WHOSE_ZH}(个人)?(身份)?(证件|证照)(类型|种类|类别)?(名称|描述|说明|中文)?(?<!证件)(?<!证照)"
    rf"|{headers.WHOSE}{_PAPER}(type|kind)(name|desc|description)?|(type|kind)of{_PAPER}",
)
_OTHER: Final = re.compile(
    r"护照|通行证|台胞证|回乡证|居留|居住证|军官|警官|士官|士兵|文职|(?:香港|澳门|台湾|港澳).*身份证|驾驶证|^其[他它]"
    r"|passport|permit|residen(?:ce|t)card|greencard|military|officer|soldier|driv(?:ing|er'?s?)licen[cs]e|^other"
    r"|(?:hongkong|macau|macao|taiwan).*(?:id|identity)|hkid",
)
# Two letters or signs: no code.
_NAMES: Final = re.compile(r"[^\W\d_]{2}")
# What a reader of identity numbers says of the number of another document.
UNREAD: Final = frozenset({"not_an_identity_number", "wrong_check_digit", "no_such_birthday"})
# No document has a shorter number, and two have no such long one in common.
_LEAST: Final = 4
_LONG: Final = 12
# What tells of whom a row is.
OF_WHOM: Final = frozenset({"applicant.id", "applicant.identity_number", "reference.key"})
# The mark on a case whose applicant is told by one.
MARK: Final = "another_document"


@lru_cache(maxsize=64)
def kinds_of(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that say which document the number of an applicant is of."""
    return tuple(column for column in columns if any(map(_KIND.fullmatch, keys_of(column))))


def document_of(texts: Mapping[str, str]) -> str:
    """Which other document a row names, "" where it names none: it is then a resident's, or a firm's.

    Of two columns that say it both must name another one; a code beside the name says nothing.
    """
    named = [text for column in kinds_of(tuple(texts)) if _NAMES.search(text := texts[column])]
    return named[0] if named and all(_OTHER.search(_plain(text)) for text in named) else ""


def numbers_applicant(column: str, named: Mapping[str, Given]) -> bool:
    """Whether a column is that of the applicant's number, by the mapping that reads it or by its header; that of a
    spouse or guarantor is none."""
    read = {named[name].column for name in OF_WHOM if name in named}
    return column in read or headers.field_matches("applicant.identity_number", column) is not None


def number_of(text: str, document: str) -> str:
    """The number of another document in one form, beside the document where it is short and of figures alone: a permit
    and a soldier may have the same. "" of what can only be a resident's with a slip, and of what fills a cell (000000).
    """
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if is_of_resident(number) or len(number) < _LEAST or len(set(number)) == 1:
        return ""
    return f"{_plain(document)} {number}" if number.isdecimal() and len(number) < _LONG else number


def _plain(document: str) -> str:
    return re.sub(r"[\s_-]", "", simplified(unicodedata.normalize("NFKC", document))).casefold()
