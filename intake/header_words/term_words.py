"""The words for a unit of time that stand beside a term: in a column of their own, in the row below its header, in a
note."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from intake.header_words.header_units import says_days, span_of
from intake.values.traditional import simplified

_WORDS: Final = {
    "months": "月 个月 月数 月份 期 m mo mos mon mons mth mths month months monthly instalment instalments installment"
    " installments",
    "years": "年 年数 y yr yrs year years yearly annual annually",
    "days": "天 日 天数 日数 d day days daily",
    "others": "周 星期 双周 旬 季 季度 半年 w wk wks week weeks weekly q qtr qtrs quarter quarters quarterly",
}
_KINDS: Final = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_IN_DAYS: Final = re.compile(r"\d+\s*(?:天|日|days?)", re.IGNORECASE | re.ASCII)
_IN_NOTE: Final = re.compile(
    # 期限单位：年, 期限以天计, and not 期限为1年以内.
    r"期限(?:的?(?:计量)?单位)?[\s:为是均都以按用(\[]*(个?月|季度?|[年天日周旬ymdwq])(?=计|为单位|\s*(?:$|[)\]】,;、。.]))"
    # "Terms in years", "Tenor: weeks", and not "terms of 3 years".
    r"|(?<![a-z])(?:terms?|tenors?|tenures?|durations?)(?:\s+units?)?(?:\s+(?:are|is|stated|given|shown|expressed))*"
    r"(?:\s*[:=(\[]\s*(?:in\s+)?|\s+in\s+)(months?|mths?|years?|yrs?|days?|weeks?|wks?|quarters?|[ymdwq])(?![a-z])",
)


def in_days(column: str, texts: Collection[str]) -> bool:
    """Whether the header of a column says that it is in days, or each of its texts (90天, "30 days") and the header no
    other unit; False without any."""
    are_days = all(_IN_DAYS.fullmatch(unicodedata.normalize("NFKC", text).strip()) for text in texts)
    return bool(texts) and (says_days(column) or (are_days and not span_of(column)))


def unit_of_time(text: str) -> str:
    """Which unit of time a text names, and nothing else: "months", "years", "days", "others" (weeks, quarters); "" for
    none. A code may stand before it, 02-年, and no number: 2年 is a term."""
    plain = simplified(unicodedata.normalize("NFKC", text)).casefold()
    words = [] if re.search(r"\d\s*[^\W\d_]", plain) else re.findall(r"[^\W\d_]+", plain)
    kinds = {_KINDS.get(word, "") for word in words}
    return kinds.pop() if len(kinds) == 1 else ""


def unit_in_note(text: str) -> str:
    """Which unit a line beside a table says the terms to be in, "" where it says none."""
    found = _IN_NOTE.search(simplified(unicodedata.normalize("NFKC", text)).casefold())
    return unit_of_time(next(filter(None, found.groups()))) if found else ""


def unit_in_remark(text: str) -> str:
    """Which unit a text on the column of the terms alone says, "" where it says none: 年, 单位：年, "in years"."""
    plain = unicodedata.normalize("NFKC", text)
    clauses = [clause.strip() for clause in re.split(r"[,;、。()\[\]]", plain)]
    told = (
        unit_of_time(clause) or unit_in_note(f"期限{clause}") or unit_in_note(f"terms {clause}") for clause in clauses
    )
    return unit_in_note(plain) or next(filter(None, told), "")
