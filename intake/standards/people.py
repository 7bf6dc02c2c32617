"""Names of people and firms, and telephone numbers, in one form each."""

import re
import unicodedata
from typing import Final

import phonenumbers

from intake.cells import CellError

_BETWEEN_HAN: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
# The point between the parts of a name is written in many ways: 阿依古丽·买买提.
_POINT: Final = re.compile(r"\s*[·•・‧∙･．]\s*")
_DASHES: Final = str.maketrans({"－": "-", "‐": "-", "–": "-", "—": "-", "（": "(", "）": ")"})
_LEGAL_FORM: Final = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|股份公司|集团|公司|合伙企业|\(有限合伙\)|个体工商户)+$"
    r"|[\s,]+(?:co\.?,?\s*ltd|company\s+limited|limited|ltd|inc|llc|corp|corporation|plc|gmbh|company|co)\.?$",
    re.IGNORECASE,
)
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")
HOME: Final = "CN"


def read_name(text: str) -> str:
    """A name without double blanks, full-width signs or blanks between Chinese signs: "张　三" is "张三"."""
    folded = _POINT.sub("·", unicodedata.normalize("NFKC", text.translate(_DASHES)))
    return _BETWEEN_HAN.sub("", " ".join(folded.split()))


def core_of_name(text: str) -> str:
    """What of a name tells one from another: without legal form, blanks, signs and case."""
    name, before = read_name(text).casefold(), ""
    while name != before:
        name, before = _LEGAL_FORM.sub("", name).strip(), name
    return _NOT_A_LETTER.sub("", name)


def has_legal_form(text: str) -> bool:
    """Whether a name says that it is a firm's: 有限公司, Ltd."""
    return _LEGAL_FORM.search(read_name(text).casefold()) is not None


def read_phone(text: str) -> str:
    """A telephone number as E.164 writes it: "138 0013 8000" is +8613800138000. Raises CellError."""
    bare = unicodedata.normalize("NFKC", text)
    try:
        number = phonenumbers.parse(bare, HOME)
    except phonenumbers.NumberParseException as wrong:
        raise CellError("not_a_phone") from wrong
    if not phonenumbers.is_valid_number(number):
        raise CellError("not_a_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked_phone(number: str) -> str:
    """The number as it may be shown to anybody: "+86138****8000"."""
    return f"{number[:-8]}****{number[-4:]}"
