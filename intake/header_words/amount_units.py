"""What stands in brackets in the header of an amount and may be a unit that nobody knows: (RMB mn, gross), (CHF T),
(MXN miles). Beside a currency only words that are known are passed over; whatever else stands there is asked about, and
so is a short word alone, which may be a currency or a scale: (Kwacha), (juta)."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

from intake.header_words.header_units import is_money, is_scale, money_scale, unit_of
from intake.values.currency_words import currency_named, says_currency
from intake.values.traditional import simplified

_BRACKETS: Final = re.compile(r"[(\[【]([^()\[\]【】]*)")
# 10,000 is one number.
_CLAUSES: Final = re.compile(r"[;:；，、/|]|(?<!\d),|,(?!\d)")
_WORDS: Final = re.compile(r"[\u3400-\u9fff]+|[^\W\d_]*[$£¥฿៛৲৳₠-⃀]|[^\W\d_\u3400-\u9fff]+|['’]?\d[\d,.]*")
# What an amount may be beside its currency: with or without something, at some time, for some time.
_REMARKS: Final = re.compile(
    r"in|of|the|and|or|at|per|p|a|pa|pm|annum|year|month|years?|months?|yearly|monthly|annual|annually|gross|net|total|full"
    r"|incl?|excl?|ex|including|excluding|inclusive|exclusive|with|without|w|o|before|after|pre|post|vat|gst|tax|taxes|fees?"
    r"|interest|eq|equiv|equivalent|equivalents|nominal|original|requested|applied|approved|granted|contract|principal|only"
    r"|currency|unit|amount|amt|value|loan|sum|individual|single|all|any|each|every|both|other|others|own|self|joint"
    r"|final|max|maximum|min|minimum|initial|first|last|latest|current|prior|previous|new|old|now|then|start|end|begin"
    r"|opening|closing|average|avg|mean|median|mode|std|est|estimate|actual|act|plan|budget|forecast|proj|calc"
    r"|gross|capital|limit|balance|bal|price|cost|cash|bank|credit|debit|card|car|auto|house|home|land|rent|salary|wage"
    r"|pension|bonus|income|profit|asset|assets|debt|debts|local|foreign|lcy|fcy|ccy|lc|fc|base|orig|emi|pos|ead|os|od|cc"
    r"|ltv|dti|ebitda?|noi|ytd|mtd|qtd|ttm|ltm|fy|est|usual|normal|regular|basic|fixed|variable|ordinary|official|formal"
    r"|main|primary|second|secondary|spouse|partner|family|household|person|personal|business|corporate|company|firm"
    r"|client|customer|borrower|applicant|lender|optional|required|mandatory|numeric|number|integer|int|decimal|float"
    r"|double|text|string|money|figure|figures|number|no|yes|raw|clean|log|ln|scaled|norm|s|es|if|not|is|as|to|on|by"
    r"|for|from|due|paid|unpaid|used|unused|drawn|undrawn|sold|left|owed|held|spent|lent|sent|late|cum|day|days|daily"
    r"|week|weekly|quarter|half|ann|mo|yr|yrs|mth|mths|hist|kyc|crm|erp|los|lms|excel|system|manual|copy|ref"
    r"|[a-z]{2,}(?:ed|ly|tion|sion|ment)|(?!shill)[a-z]{2,}ing"
    r"|单位|金额|含税|不含税|税[前后]|含息|不含息|含费|不含费|含|不含|折|折合|折算|等值|约|大写|小写|合同|申请|审批|每?[年月]|整|合计|本金|计"
)

# Forms mark their columns with A and B; R and T are units somewhere.
_MAY_BE_UNIT: Final = re.compile(r"(?![a-j]$)[^\W\d_\u3400-\u9fff]{1,10}")
_CENTS: Final = frozenset({"分", "cent", "cents"})


def cents_scale(column: str) -> Decimal | None:
    """A hundredth where the header of a column of money says that it is in cents: 贷款金额(分), and no 评分(分)."""
    return Decimal("0.01") if unit_of(column) in _CENTS and is_money(column) else None


def leaves_unit_open(header: str) -> bool:
    """Whether a header of an amount that says no factor has a scale in its brackets, beside whatever remark, or beside
    a currency a word that may be one."""
    if money_scale(header) is not None:
        return False
    plain = simplified(unicodedata.normalize("NFKC", header)).casefold()
    return any(_is_open(clause) for said in _BRACKETS.findall(plain) for clause in _CLAUSES.split(said))


def _is_open(clause: str) -> bool:
    words = _WORDS.findall(clause)
    # (P) may be pesos or pula; beside another word it is "per" or "principal".
    rest = [word for word in words if words == ["p"] or not _REMARKS.fullmatch(word)]
    if currency_named(" ".join(rest)):
        return False
    named = [word for word in rest if word != "元" and (currency_named(word) or says_currency(word))]
    others = [word for word in rest if word.isascii() and word not in named]
    is_short = len(rest) == 1 and _MAY_BE_UNIT.fullmatch(rest[0]) is not None
    return is_scale(" ".join(rest)) or bool(named and others) or (is_short and not named)
