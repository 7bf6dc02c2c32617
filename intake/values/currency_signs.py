"""The currencies that the signs beside a number may stand for: "$5,021", "5021美元", "HKD 300", "1.2万元"."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from intake.values.currencies import IN_TEXT, SPELLINGS
from intake.values.traditional import simplified
from intake.values.written_money import in_chinese_units, is_shortened

_DOLLARS: Final = frozenset({
    "ARS", "AUD", "BBD", "BMD", "BND", "BRL", "BSD", "BZD", "CAD", "CLP", "COP", "CUP", "DOP", "FJD", "GYD", "HKD",
    "JMD", "KYD", "LRD", "MOP", "MXN", "NAD", "NIO", "NZD", "SBD", "SGD", "SRD", "TOP", "TTD", "TWD", "USD", "UYU",
    "WST", "XCD",
})  # fmt: skip
_POUNDS: Final = frozenset({"GBP", "EGP", "FKP", "GIP", "LBP", "SDG", "SHP", "SSP", "SYP", "IEP", "CYP", "ITL"})
# What is called 元 by itself where a header or the mapping says 美元, 日元 or the like.
YUAN: Final = frozenset({"CNY", "USD", "HKD", "TWD", "MOP", "JPY", "KRW", "EUR", "AUD", "CAD", "SGD", "NZD"})
# Codes that are known beside a number or in a header, where not every word of three letters is a currency: ALL, TOP.
CODES: Final = ("CNY", "USD", "EUR", "GBP", "HKD", "TWD", "MOP", "JPY", "KRW", "AUD", "CAD", "SGD", "NZD", "CHF")
# Signs that are no letters of other words, and so stand for money wherever they stand.
_LOCAL: Final = {
    "₹": "INR", "₦": "NGN", "₱": "PHP", "฿": "THB", "₫": "VND", "₺": "TRY", "₽": "RUB", "₪": "ILS", "₴": "UAH",
    "৳": "BDT", "₵": "GHS", "gh₵": "GHS", "₸": "KZT", "₮": "MNT", "₭": "LAK", "៛": "KHR", "₡": "CRC", "₲": "PYG",
    "₼": "AZN", "₾": "GEL", "֏": "AMD", "zł": "PLN", "kč": "CZK",
}  # fmt: skip
_RUPEES: Final = frozenset({"INR", "PKR", "LKR", "NPR", "MUR", "SCR"})
_CROWNS: Final = frozenset({"SEK", "NOK", "DKK", "ISK"})
# Letters that stand for money in a column of money only: elsewhere RM 12 is one of twelve people.
_LETTERS: Final = {
    **{code.casefold(): frozenset({code}) for code in IN_TEXT},
    "rs": _RUPEES, "re": _RUPEES, "kr": _CROWNS, "rm": frozenset({"MYR"}), "rp": frozenset({"IDR"}),
    "r": frozenset({"ZAR"}), "ksh": frozenset({"KES"}), "kshs": frozenset({"KES"}), "tsh": frozenset({"TZS"}),
    "ush": frozenset({"UGX"}), "dhs": frozenset({"AED"}), "dh": frozenset({"AED", "MAD"}), "sr": frozenset({"SAR"}),
    "ft": frozenset({"HUF"}), "lei": frozenset({"RON"}), "zl": frozenset({"PLN"}), "kc": frozenset({"CZK"}),
    "đ": frozenset({"VND"}), "руб": frozenset({"RUB"}), "s/": frozenset({"PEN"}),
}  # fmt: skip
_SIGNS: Final[dict[str, frozenset[str]]] = {
    **{code.casefold(): frozenset({code}) for code in CODES},
    **{sign: frozenset({code}) for sign, code in SPELLINGS.items() if sign not in ("yuan", "dollar", "euro")},
    "a$": frozenset({"AUD"}), "au$": frozenset({"AUD"}), "c$": frozenset({"CAD", "NIO"}), "ca$": frozenset({"CAD"}),
    "s$": frozenset({"SGD"}), "sg$": frozenset({"SGD"}), "nz$": frozenset({"NZD"}), "r$": frozenset({"BRL"}),
    "mop$": frozenset({"MOP"}), "₩": frozenset({"KRW"}), "円": frozenset({"JPY"}),
    "¥": frozenset({"CNY", "JPY"}), "$": _DOLLARS, "£": _POUNDS,
    **{sign: frozenset({code}) for sign, code in _LOCAL.items()},
    "元": YUAN, "元整": YUAN, "圆": YUAN, "圆整": YUAN, "圓": YUAN, "圓整": YUAN,
}  # fmt: skip
_OF_LATE: Final = ("-", "−", "‱")
# What a sign stands for where nothing else is said.
_USUAL: Final = ("CNY", "USD", "GBP", "EUR")


def _one_of(signs: Iterable[str]) -> str:
    """A pattern; the longest first, so that HK$ is no $."""
    return "|".join(re.escape(sign) for sign in sorted(signs, key=len, reverse=True))


_ONE: Final = _one_of(_SIGNS)
_EACH: Final = re.compile(_ONE)
_BEFORE: Final = re.compile(rf"^(?P<minus>[+-]?)(?P<signs>(?:{_ONE})+)(?=[\d.,+-])", re.IGNORECASE)
_BEHIND: Final = re.compile(rf"(?<=[\d.,百千万亿])(?:{_ONE})+$", re.IGNORECASE)
# KES 250,000 and 250 000 PLN, and no NOK123 nor SEK 001, which may be codes.
_CODE: Final = "|".join(IN_TEXT)
_CODE_BEFORE: Final = re.compile(rf"^(?P<minus>[(+-]*)(?P<sign>{_CODE})\s+(?=[+-]?(?!0\d)[\d.,])", re.IGNORECASE)
_CODE_BEHIND: Final = re.compile(rf"(?<=[\d.,百千万亿])\s+(?P<sign>{_CODE})(?=\)?$)", re.IGNORECASE)
# Rs.250,000/- and 25,000kr; of incomes R1 and R2 are groups.
_LETTER: Final = _one_of(_LETTERS)
_LETTERS_BEFORE: Final = re.compile(
    rf"^(?P<minus>[(+-]*)(?P<sign>{_LETTER})(?:[\s.:]+(?=[+-]?\d)|(?=[+-]?(?:\d[,.]?){{3}}))(?P<number>.*?)(?:/[-=])?(?=\)?$)",
    re.IGNORECASE,
)
_LETTERS_BEHIND: Final = re.compile(rf"(?<=[\d.,百千万亿])\s*(?P<sign>{_LETTER})\.?(?=\)?$)", re.IGNORECASE)


def without_signs(body: str) -> str:
    """A number, in plain width and without blanks, without the currencies before and behind it."""
    return _BEHIND.sub("", _BEFORE.sub(r"\g<minus>", body))


def without_code(text: str) -> str:
    """A text in plain width without the code of a currency that stands, behind a blank, beside a number."""
    return _CODE_BEHIND.sub("", _CODE_BEFORE.sub(r"\g<minus>", text))


def money_text(text: str) -> str:
    """The cell of a column of money without the letters of a currency beside its number (RM25,000, Rs.250,000/-), and
    with Chinese units for those that people type: 50千 for 50k, 1.5万 for 1万5."""
    if not text or (text[0].isdigit() and text[-1].isdigit() and not is_shortened(text)):
        return text
    plain = in_chinese_units(unicodedata.normalize("NFKC", text))
    return _LETTERS_BEHIND.sub("", _LETTERS_BEFORE.sub(r"\g<minus>\g<number>", plain))


def currencies_named(text: str, *, in_money: bool = False) -> frozenset[str] | None:
    """The currencies that a cell, also of a column of money, may be in by what it says itself, none where it names two;
    None where it says nothing.

    "$" may be any dollar, "¥" CNY or JPY.
    """
    if not text or (text[0].isdigit() and text[-1].isdigit()):
        return None
    plain = simplified(unicodedata.normalize("NFKC", text)).strip()
    plain = in_chinese_units(plain) if in_money else plain
    patterns = (_CODE_BEFORE, _CODE_BEHIND, *((_LETTERS_BEFORE, _LETTERS_BEHIND) if in_money else ()))
    letters = [_LETTERS[found["sign"].casefold()] for each in patterns if (found := each.search(plain))]
    body = re.sub(r"\s", "", money_text(plain) if in_money else without_code(plain)).lstrip("'").strip("()")
    before, behind = _BEFORE.match(body), _BEHIND.search(body)
    said = (before["signs"] if before else "") + " " + (behind[0] if behind else "")
    named = [*letters, *(_SIGNS[sign] for sign in _EACH.findall(said.casefold()))]
    return frozenset.intersection(*named) if named else None


def is_of_late(text: str) -> bool:
    """Whether a text is a number by a code, a sign, a mark of thousands or a minus or ‱ behind it that was not read
    when rows were first told by their values."""
    if text.isascii() and not text[:1].isalpha() and text[-1:].isdigit():
        return False
    plain = unicodedata.normalize("NFKC", text)
    code = _CODE_BEFORE.search(plain) or _CODE_BEHIND.search(plain)
    has_code = code is not None and code["sign"].upper() not in CODES
    return has_code or "’" in plain or plain.endswith(_OF_LATE) or any(sign in plain.casefold() for sign in _LOCAL)


def agreed_currency(texts: Iterable[str], *, in_money: bool = False) -> str:
    """The currency that cells are in where at least half of them name one, and all that do the same; else "", as where
    they name one that several share, such as Rs."""
    named = [currencies_named(text, in_money=in_money) for text in texts]
    said = {_usual(each) for each in named if each is not None}
    enough = sum(each is not None for each in named) * 2 >= len(named)
    return said.pop() if enough and len(said) == 1 else ""


def _usual(named: frozenset[str]) -> str:
    usual = [code for code in _USUAL if code in named]
    return usual[0] if usual else min(named, default="") if named not in (_RUPEES, _CROWNS) else ""
