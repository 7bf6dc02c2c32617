"""Which values name or lead to a person, and how each is masked until somebody has it shown. Pure: text in, text out.

The list is declared: no value is taken for a number of a person because it looks like one. What a lender calls by other
names, an administrator adds to the rules of the desk. What people write has no names to go by: there identity numbers
that their check digit bears out, and mobile telephones, are looked for. Masks follow the usage of Chinese banks: of an
identity number the first three and the last four signs, of a telephone number the same, of a name enough to tell two
rows apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

HIDDEN: Final = "****"
# From so many signs on the first three and the last four say little of the rest.
LONG: Final = 11
SHORT: Final = 5
SEPARATORS: Final = ",，;；"


def masked_name(name: str) -> str:
    """`李*妮`, `王*`, `J*** S***`: enough to tell two rows apart, not enough to name a person. "" for no name."""
    name = name.strip()
    if any("\u4e00" <= sign <= "\u9fff" for sign in name):
        # A space between the two characters of 张 三 is no third one.
        name = "".join(name.split())
        return f"{name[0]}*{name[-1] if len(name) > 2 else ''}"
    return " ".join(f"{part[0]}***" for part in name.split())


def masked_number(number: str) -> str:
    """`310****1234`, of a shorter one `4****1`, of a very short one nothing at all."""
    number = number.strip()
    if len(number) >= LONG:
        return f"{number[:3]}{HIDDEN}{number[-4:]}"
    return f"{number[0]}{HIDDEN}{number[-1]}" if len(number) >= SHORT else HIDDEN if number else ""


def masked_email(address: str) -> str:
    """`j****@example.com`."""
    name, sign, host = address.strip().partition("@")
    return f"{name[:1]}{HIDDEN}{sign}{host}" if sign else masked_number(address)


def masked_address(address: str) -> str:
    """The first three signs: a province or a country."""
    return f"{address.strip()[:3]}{HIDDEN}" if address.strip() else ""


# Of mainland China; no letter or digit may stand around them, so that no hash and no longer number is taken for one.
IDENTITY: Final = r"[1-9]\d{16}[\dXx]"
MOBILE: Final = r"(?:(?:\+|00)86[- ]?)?1[3-9]\d(?P<gap>[- ]?)\d{4}(?P=gap)\d{4}"
WRITTEN: Final = re.compile(rf"(?<![0-9A-Za-z])(?:(?P<identity>{IDENTITY})|{MOBILE})(?![0-9A-Za-z]|\.\d)", re.ASCII)
# A Chinese input method writes digits as wide as a character; each stays one sign.
NARROW: Final = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF38: "X", 0xFF58: "x", 0xFF0B: "+"}


def masked_text(text: str) -> str:
    """What somebody wrote, with the identity numbers and mobile telephones in it masked: `证件 310****1234`."""
    parts, done = [], 0
    for found in WRITTEN.finditer(text.translate(NARROW)):
        if found["identity"] and not _is_identity(found["identity"]):
            continue
        parts += [text[done : found.start()], masked_number(text[found.start() : found.end()])]
        done = found.end()
    return "".join((*parts, text[done:])) if parts else text


def _is_identity(number: str) -> bool:
    """Whether its check digit fits and it holds a day. Its county may be younger than whoever has the number, so that
    `ric.is_valid` would show the numbers of many."""
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return ric.calc_check_digit(number) == number[-1].upper()


def masked_texts(value: Any) -> Any:
    """Plain JSON with every text in it masked like that; keys stay."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        return {key: masked_texts(each) for key, each in value.items()}
    return [masked_texts(each) for each in value] if isinstance(value, list) else value


def _fields(mask: Callable[[str], str], names: str) -> dict[str, Callable[[str], str]]:
    return dict.fromkeys(names.split(), mask)


# Features by the name they are sent under, in small letters; however its words are joined (`_folded`).
PERSONAL: Final[Mapping[str, Callable[[str], str]]] = {
    **_fields(masked_name, "applicant.name name full_name first_name last_name applicant_name customer_name"
              " borrower_name contact_name contact_person legal_representative guarantor guarantor_name spouse_name"
              " 姓名 客户姓名 申请人 申请人姓名 联系人 法定代表人 担保人"),
    **_fields(masked_number, "applicant.id id_number id_no id_card id_card_number identity_number identity_card"
              " national_id customer_id applicant_id member_id passport passport_number ssn social_security_number"
              " tax_id tax_number"
              " social_credit_code uscc 身份证 身份证号 身份证号码 证件号码 护照号 统一社会信用代码"),
    **_fields(masked_number, "phone phone_number telephone mobile mobile_number mobile_phone work_phone home_phone"
              " contact_phone fax wechat qq 电话 手机 手机号 手机号码 联系电话 微信号"),
    **_fields(masked_number, "account account_number account_no bank_account card_number bank_card credit_card_number"
              " iban loan_account 账号 账户 银行账号 银行卡号 卡号"),
    **_fields(masked_email, "email email_address e_mail mail 邮箱 电子邮箱"),
    **_fields(masked_address, "address home_address work_address postal_address street 地址 住址 家庭住址 单位地址"),
}  # fmt: skip


def _folded(name: str) -> str:
    """`idNumber`, `ID Number` and `id_number` are one name."""
    return name.lower().translate({ord(sign): None for sign in "_- "})


_BY_FOLDED: Final = {_folded(name): mask for name, mask in PERSONAL.items()}


def own_names(text: str) -> frozenset[str]:
    """The names of features that an administrator declared personal, as they were written with commas between."""
    for sign in SEPARATORS:
        text = text.replace(sign, " ")
    return frozenset(text.lower().split())


def is_personal(name: str, own: frozenset[str] = frozenset()) -> bool:
    """Whether the feature of that name is personal, by our list or the lender's own."""
    return _folded(name) in _BY_FOLDED or name.lower() in own


def masked_value(name: str, value: object, own: frozenset[str] = frozenset()) -> str:
    """A value of a personal feature as it may stand on a page. ValueError for a feature that is not personal."""
    if not is_personal(name, own):
        raise ValueError(f"{name} is no personal feature")
    text = "" if value is None else str(value)
    return _BY_FOLDED.get(_folded(name), masked_number)(text)
