"""What stands in brackets in the header of an amount and may be a unit that nobody knows: (RMB mn, gross), (CHF T),
(MXN miles). Beside a currency only words that are known are passed over; whatever else stands there is asked about."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from intake.currency_words import currency_named
from intake.header_units import is_scale, money_scale, says_currency
from intake.traditional import simplified

_BRACKETS: Final = re.compile(r"[(\[【]([^()\[\]【】]*)")
# 10,000 is one number.
_CLAUSES: Final = re.compile(r"[;:；，、/|]|(?<!\d),|,(?!\d)")
_WORDS: Final = re.compile(r"[\u3400-\u9fff]+|[a-z]*\$|[¥€£₹]|[^\W\d_]+|['’]?\d[\d,.]*")
# What an amount may be beside its currency: with or without something, at some time, for some time.
_REMARKS: Final = re.compile(
    r"in|of|the|and|or|at|per|p|a|pa|pm|annum|year|month|years?|months?|yearly|monthly|annual|annually|gross|net|total|full"
    r"|incl?|excl?|ex|including|excluding|inclusive|exclusive|with|without|w|o|before|after|pre|post|vat|gst|tax|taxes|fees?"
    r"|interest|eq|equiv|equivalent|equivalents|nominal|original|requested|applied|approved|granted|contract|principal|only"
    r"|currency|unit|amount|value|loan|sum|individual|single"
    r"|单位|金额|含税|不含税|税[前后]|含息|不含息|含费|不含费|含|不含|折|折合|折算|等值|约|大写|小写|合同|申请|审批|每?[年月]|整|合计|本金|计"
)


def leaves_unit_open(header: str) -> bool:
    """Whether a header of an amount that says no factor has a scale in its brackets, beside whatever remark, or beside
    a currency a word that may be one."""
    if money_scale(header) is not None:
        return False
    plain = simplified(unicodedata.normalize("NFKC", header)).casefold()
    return any(_is_open(clause) for said in _BRACKETS.findall(plain) for clause in _CLAUSES.split(said))


def _is_open(clause: str) -> bool:
    rest = [word for word in _WORDS.findall(clause) if not _REMARKS.fullmatch(word)]
    named = [word for word in rest if word != "元" and (currency_named(word) or says_currency(word))]
    others = [word for word in rest if word.isascii() and word not in named]
    return is_scale(" ".join(rest)) or bool(named and others)
