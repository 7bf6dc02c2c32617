"""Tells columns that describe a loan from references, row numbers, free text and personal data; and names them."""

import re
from collections.abc import Sequence, Set
from itertools import pairwise

import numpy as np

from intake.header_words.feature_naming import feature_name
from intake.header_words.header_units import money_scale, months_scale
from intake.header_words.headers import field_matches, is_counter, surest_first
from intake.header_words.person_headers import is_personal
from scoring.ml.tables.column_kinds import ColumnKind, words_of
from scoring.ml.tables.findings import Finding, finding, percent

# Categories that are kept apart; what is rarer is pooled.
MOST_CATEGORIES = 60
# Share of the rows that the kept categories must cover, or the column is no set of categories at all.
LEAST_COVER = 0.3
NEAR_UNIQUE = 0.9
REPEATED_REFERENCE = 60
LEAST_DISTINCT = 20
LEAST_ROWS_TO_COUNT = 50
LONG_REFERENCE = 1_000_000
ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "ref", "reference", "hash", "key"})
# With one of these beside them such a column numbers people, accounts or contracts; alone it may count something.
NUMBER_WORDS = frozenset({"no", "num", "nr", "number", "nbr"})
NUMBERED = frozenset(
    {"account", "acct", "customer", "cust", "client", "borrower", "applicant", "member", "loan", "contract", "case"}
    | {"application", "app", "branch", "card", "policy", "invoice", "order", "certificate", "licence", "license"}
)
ID_WORDS_ZH = re.compile(r"编号|单号|流水号|证件号|身份证|序号|代号$|账号|户号")
UNLAWFUL_WORDS = frozenset(
    {"sex", "gender", "male", "female", "race", "racial", "ethnic", "ethnicity", "religion", "religious", "marital"}
    | {"married", "marriage", "divorced", "single", "widowed", "spouse", "nationality", "citizenship", "foreign"}
    | {"foreigner", "black", "white", "asian", "hispanic", "hispan", "afam", "african", "disability", "disabled"}
    | {"pregnant", "pregnancy", "birth", "birthday", "dob", "nation", "native", "veteran", "welfare", "political"}
    | {"health", "child", "children"}
)
# Public assistance is a ground of its own in Regulation B (12 CFR 1002.2(z)).
UNLAWFUL_PAIRS = (
    ("family", "status"),
    ("personal", "status"),
    ("national", "origin"),
    ("public", "assistance"),
    ("country", "birth"),
    ("country", "origin"),
)
UNLAWFUL_ZH = re.compile(
    r"性别|民族|种族|宗教|信仰|婚姻|婚否|国籍|籍贯|户籍|户口|政治面貌|党派|年龄|出生|残疾|怀孕|生育|子女|健康|病史|低保"
)
# An age of something other than the applicant.
OTHER_AGES = frozenset(
    {"of", "account", "accounts", "acct", "loan", "vehicle", "car", "credit", "file", "business", "company", "oldest"}
    | {"newest", "average", "avg", "mean", "debt", "default"}
)
NAME_LENGTH = 50


def reason_to_drop(header: str, kind: ColumnKind) -> Finding | None:
    """Why a column can be no feature, or None where it can."""
    known = kind.known
    distinct = len(kind.levels) or len(np.unique(known))
    if kind.kind == "empty":
        return finding("empty", header, dropped=True)
    if distinct == 1 and len(known) == len(kind.values):
        value = kind.levels[0] if kind.levels else f"{known[0]:.15g}"
        return finding("constant", header, dropped=True, value=value)
    if is_personal(header) and distinct > LEAST_DISTINCT:
        return finding("personal", header, dropped=True)
    whole = kind.kind == "number" and bool((known == np.trunc(known)).all())
    if whole and _counts_rows(header, kind, distinct):
        return finding("counter", header, dropped=True)
    unique = distinct / len(known)
    if (whole or kind.kind == "category") and _is_reference(header, kind, distinct, unique):
        return finding("identifier", header, dropped=True, distinct=distinct, rows=len(known))
    if kind.kind == "category" and distinct > MOST_CATEGORIES:
        return _too_many(header, kind, distinct, unique)
    return None


def _counts_rows(header: str, kind: ColumnKind, distinct: int) -> bool:
    """Whether whole numbers count the rows: without a gap, or, where the header says so, rising from row to row.

    Gaps are what rows leave behind that were filtered, or that have no outcome.
    """
    known = kind.known
    if distinct < len(known):
        return False
    consecutive = bool(known.max() - known.min() + 1 == distinct)
    if is_counter(header):
        return consecutive or (distinct > LEAST_DISTINCT and bool((np.diff(known) > 0).all()))
    return consecutive and distinct >= LEAST_ROWS_TO_COUNT


def _is_reference(header: str, kind: ColumnKind, distinct: int, unique: float) -> bool:
    words = words_of(header)
    named = bool(words and {words[0], words[-1]} & ID_WORDS) or bool(ID_WORDS_ZH.search(header)) or _is_numbering(words)
    field = any(field_matches(field, header) is not None for field in ("external_ref", "applicant.id"))
    if named and distinct > REPEATED_REFERENCE:
        return True
    if (named or field) and unique >= NEAR_UNIQUE and distinct > LEAST_DISTINCT:
        return True
    if kind.kind == "number":
        # Amounts are round and repeat; a long number that never does is a reference.
        return unique >= 0.999 and distinct >= 1000 and kind.known.min() >= LONG_REFERENCE
    return unique >= NEAR_UNIQUE and distinct > LEAST_DISTINCT and not any(" " in text for text in kind.levels[:100])


def _is_numbering(words: Sequence[str]) -> bool:
    """Whether a header is like account_num, CustNo2 or branch_no: something that is numbered, and a word for number."""
    plain = [word.rstrip("0123456789") for word in words]
    return any(one in NUMBERED and other in NUMBER_WORDS for one, other in pairwise(plain))


def _too_many(header: str, kind: ColumnKind, distinct: int, unique: float) -> Finding | None:
    if unique >= 0.5:
        return finding("free_text", header, dropped=True, distinct=distinct, rows=len(kind.known))
    cover = float((kind.known < MOST_CATEGORIES).mean())
    if cover < LEAST_COVER:
        return finding(
            "many_values", header, dropped=True, distinct=distinct, kept=MOST_CATEGORIES, share=percent(cover)
        )
    return None


def may_be_unlawful(header: str) -> bool:
    """Whether a header speaks of sex, age, origin, family status and the like, which laws keep out of lending."""
    words = words_of(header)
    if UNLAWFUL_WORDS & set(words) or UNLAWFUL_ZH.search(header):
        return True
    if any(first in words and second in words for first, second in UNLAWFUL_PAIRS):
        return True
    return "age" in words and not OTHER_AGES & set(words)


def feature_names(headers: Sequence[str], taken: Set[str]) -> dict[str, str]:
    """A feature name for each header, none of them among `taken`: "int.rate" is int_rate, 年龄 is age.

    The same names that an import gives, so that the table fits the cases of the same file: 贷款金额 and 期限 are the
    case's own `amount` and `term_months`.
    """
    own = _own_fields(headers)
    names: dict[str, str] = {}
    for header in headers:
        base = own.get(header) or feature_name(header)[:NAME_LENGTH].rstrip("_")
        name, number = base, 1
        while name in taken or name in names.values():
            number += 1
            name = f"{base}_{number}"
        names[header] = name
    return names


def _own_fields(headers: Sequence[str]) -> dict[str, str]:
    """The Chinese headers that an import reads as a field of the case that models read: of each field the surest.

    Latin headers keep their names, as a person who reads the draft knows them from the file.
    """
    found = {}
    for field in ("amount", "term_months"):
        surest = next(iter(surest_first(field, headers)), "")
        # An import scales what is in 万元 or in years; here the values stay, so such a column is another feature.
        if not surest.isascii() and money_scale(surest) is months_scale(surest) is None:
            found[surest] = field
    return found
