"""Names of people and firms, and telephone numbers, in one form each."""

import re
import unicodedata
from typing import Final

import phonenumbers

from intake.standards.chinese_signs import in_simplified_signs
from intake.values.cells import CellError

_BETWEEN_HAN: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
# The point between the parts of a name is written in many ways: 阿依古丽·买买提.
_POINT: Final = re.compile(r"\s*[·•・‧∙･．]\s*")
_DASHES: Final = str.maketrans({"－": "-", "‐": "-", "–": "-", "—": "-", "（": "(", "）": ")"})
# Registered with their form in brackets: 杭州鑫源餐饮店(个体工商户), 会计师事务所(特殊普通合伙).
_IN_BRACKETS: Final = r"\((?:个体工商户|个体户|(?:(?:特殊的?)?普通|有限)合伙(?:企业)?|个人独资(?:企业)?)\)"
_LEGAL_FORM: Final = re.compile(
    rf"(?:股份有限公司|有限责任公司|有限公司|股份公司|集团|公司|合伙企业|\s*{_IN_BRACKETS}|个体工商户)+$"
    r"|[\s,]+(?:co\.?,?\s*ltd|company\s+limited|limited|ltd|inc|llc|corp|corporation|plc|gmbh|company|co)\.?$",
    re.IGNORECASE,
)
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")
# Accents of Latin, Greek and Cyrillic letters alone: the marks of other scripts are letters of their own.
_ACCENTS: Final = re.compile(r"[\u0300-\u036f]+")
# Letters that Unicode takes no accent from.
_PLAIN: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
# A program that reads a column with gaps as numbers writes 13800138000.0.
_WHOLE: Final = re.compile(r"(\d{7,})\.0+", re.ASCII)
# (415) 555-0132 and 415.555.0132 are written so in North America; 400-820-8820 is a service number of China.
_NORTH_AMERICAN: Final = re.compile(
    r"(?:1[ .-])?(?!400)(?:\([1-9]\d\d\)[ .-]*|[1-9]\d\d[ .-])\d{3}[ .-]\d{4}(?:,?\s*(?:x|ext\.?)\s*\d{1,6})?",
    re.ASCII | re.IGNORECASE,
)
# A blank or a new line parts two where a mobile one follows: no other number is written with so many digits in one.
_BETWEEN_NUMBERS: Final = re.compile(r"[/;、,|]|(?<!\+86)\s+(?=(?:\+86[ -]?)?1[3-9]\d{9}(?!\d))")
# Behind a number, that it is the person's own: (本人), [home], 宅电. One of a spouse, or out of service, is none.
_OWN: Final = (
    "(?:本人|自己|机主|常用|主要)?(?:的)?(?:手机|移动电话|电话|家里?|家庭|家电|住宅|宅电?|单位|公司|办公室?|工作|座机|固话|固定电话|微信|微信同号)?(?:号码?)?"
    "|self|own|mobile|cell(?:phone)?|home|house|office|work|landline|tel|phone|primary|main|whatsapp"
)
_REMARK: Final = re.compile(rf"(?<=[\d)])\s*(?:[(\[【]\s*(?:{_OWN})\s*[)\]】]|(?:{_OWN}))$", re.IGNORECASE)
# Whose the others of several are does not matter.
_ANY_REMARK: Final = re.compile(r"(?<=[\d)])\s*(?:[(\[【][^\d()\[\]【】]{1,20}[)\]】]|[\u3400-\u9fff]{1,6})$")
# 转801, 分机801, ext. 801, #801.
_EXTENSION: Final = re.compile(
    r"(?<=[\d)])[\s,(-]*(?:转|轉|分机号?|分機號?|ext(?:ension)?\.?|x|#|\*)[\s:.-]*\d{1,6}\)?$", re.ASCII | re.IGNORECASE
)
# 010-12345678-801, 400-820-8820-1: behind a mere hyphen only where the number is not one of a mobile telephone.
_BEHIND_HYPHEN: Final = re.compile(
    r"((?:(?:\+|00)?86[ -]*\(?0?|\(?0)\d{2,3}\)?[ -]*\d{3,4}[ -]?\d{4}|[48]00[ -]?\d{3}[ -]?\d{4})-\d{1,6}", re.ASCII
)
HOME: Final = "CN"
# 852-91234567, (853) 66123456: Hong Kong, Macao and Taiwan by their code alone.
_NEIGHBOUR: Final = re.compile(r"\(?(?:852|853|886)\)?[ -]?\d{4}")


def read_name(text: str) -> str:
    """A name without double blanks, full-width signs or blanks between Chinese signs: "张　三" is "张三"."""
    folded = _POINT.sub("·", unicodedata.normalize("NFKC", text.translate(_DASHES)))
    return _BETWEEN_HAN.sub("", " ".join(folded.split()))


def folded_name(text: str) -> str:
    """A name without what is written otherwise elsewhere: case, accents, traditional signs."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", read_name(text).casefold()))
    return in_simplified_signs(unicodedata.normalize("NFC", bare)).translate(_PLAIN)


def core_of_name(text: str) -> str:
    """What of a name tells one from another: folded, and without legal form, blanks and signs."""
    name, before = folded_name(text), ""
    while name != before:
        name, before = _LEGAL_FORM.sub("", name).strip(), name
    return only_letters(name)


def only_letters(text: str) -> str:
    """The letters, Chinese signs and digits of a text, without all between them."""
    return _NOT_A_LETTER.sub("", text)


def has_legal_form(text: str) -> bool:
    """Whether a name says that it is a firm's: 有限公司, Ltd."""
    return _LEGAL_FORM.search(folded_name(text)) is not None


def read_phone(text: str) -> str:
    """A telephone number as E.164 writes it: "138 0013 8000" is +8613800138000. Raises CellError.

    Of two in one cell (13800138000/13900139000) the first is taken, where each of them is a telephone. An extension is
    taken off, and a remark that says it is the person's own: 010-12345678-801, 13800138000(本人).
    """
    bare = _WHOLE.sub(r"\1", unicodedata.normalize("NFKC", text).strip())
    numbers = [_number(bare)]
    if not numbers[0]:
        first, *others = _BETWEEN_NUMBERS.split(bare)
        numbers = [_number(first.strip()), *(_number(_ANY_REMARK.sub("", part.strip())) for part in others)]
    if not all(numbers):
        raise CellError("not_a_phone")
    return numbers[0]


def is_north_american(text: str) -> bool:
    """Whether a number names no country and is written 3-3-4, as no number of a person in China is."""
    return bool(_NORTH_AMERICAN.fullmatch(unicodedata.normalize("NFKC", text).translate(_DASHES).strip()))


def _number(text: str) -> str:
    """The number in its one form without what stands behind it, "" where nobody can be called by it."""
    if number := _e164(text):
        return number
    bare = _EXTENSION.sub("", _REMARK.sub("", text))
    return _e164(found[1] if (found := _BEHIND_HYPHEN.fullmatch(bare)) else bare)


def _e164(text: str) -> str:
    """The number in its one form, "" where nobody can be called by it."""
    if is_north_american(text):
        return ""
    try:
        # No number of China begins so.
        number = phonenumbers.parse(f"+{text}" if _NEIGHBOUR.match(text) else text, HOME)
    except phonenumbers.NumberParseException:
        return ""
    is_one = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_one else ""


def masked_phone(number: str) -> str:
    """The number as it may be shown to anybody: "+86138****8000"; of several in one cell each."""
    masked, done = [], 0
    for found in _BETWEEN_NUMBERS.finditer(number):
        masked += [_masked(number[done : found.start()]), found[0]]
        done = found.end()
    return "".join((*masked, _masked(number[done:])))


def _masked(number: str) -> str:
    return f"{number[:-8]}****{number[-4:]}" if number else ""
