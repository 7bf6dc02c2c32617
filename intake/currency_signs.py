"""The currencies that the signs beside a number may stand for: "$5,021", "5021美元", "HKD 300", "1.2万元"."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from intake.currencies import SPELLINGS
from intake.traditional import simplified

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
_SIGNS: Final[dict[str, frozenset[str]]] = {
    **{code.casefold(): frozenset({code}) for code in CODES},
    **{sign: frozenset({code}) for sign, code in SPELLINGS.items() if sign not in ("yuan", "dollar", "euro")},
    "a$": frozenset({"AUD"}), "au$": frozenset({"AUD"}), "c$": frozenset({"CAD", "NIO"}), "ca$": frozenset({"CAD"}),
    "s$": frozenset({"SGD"}), "sg$": frozenset({"SGD"}), "nz$": frozenset({"NZD"}), "r$": frozenset({"BRL"}),
    "mop$": frozenset({"MOP"}), "₩": frozenset({"KRW"}), "円": frozenset({"JPY"}),
    "¥": frozenset({"CNY", "JPY"}), "$": _DOLLARS, "£": _POUNDS,
    "元": YUAN, "元整": YUAN, "圆": YUAN, "圆整": YUAN, "圓": YUAN, "圓整": YUAN,
}  # fmt: skip
# What a sign stands for where nothing else is said.
_USUAL: Final = ("CNY", "USD", "GBP", "EUR")
# The longest first, so that HK$ is no $.
_ONE: Final = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
_EACH: Final = re.compile(_ONE)
_BEFORE: Final = re.compile(rf"^(?P<minus>[+-]?)(?P<signs>(?:{_ONE})+)(?=[\d.,+-])", re.IGNORECASE)
_BEHIND: Final = re.compile(rf"(?<=[\d.,百千万亿])(?:{_ONE})+$", re.IGNORECASE)


def without_signs(body: str) -> str:
    """A number, in plain width and without blanks, without the currencies before and behind it."""
    return _BEHIND.sub("", _BEFORE.sub(r"\g<minus>", body))


def currencies_named(text: str) -> frozenset[str] | None:
    """The currencies that a cell may be in by what it says itself, none where it names two; None where it says nothing.

    "$" may be any dollar, "¥" CNY or JPY.
    """
    if not text or (text[0].isdigit() and text[-1].isdigit()):
        return None
    body = re.sub(r"\s", "", simplified(unicodedata.normalize("NFKC", text))).lstrip("'").strip("()")
    before, behind = _BEFORE.match(body), _BEHIND.search(body)
    said = (before["signs"] if before else "") + " " + (behind[0] if behind else "")
    named = [_SIGNS[sign] for sign in _EACH.findall(said.casefold())]
    return frozenset.intersection(*named) if named else None


def agreed_currency(texts: Iterable[str]) -> str:
    """The currency that cells are in where at least half of them name one, and all that do the same; else ""."""
    named = [currencies_named(text) for text in texts]
    said = {_usual(each) for each in named if each is not None}
    enough = sum(each is not None for each in named) * 2 >= len(named)
    return said.pop() if enough and len(said) == 1 else ""


def _usual(named: frozenset[str]) -> str:
    usual = [code for code in _USUAL if code in named]
    return usual[0] if usual else min(named, default="")
