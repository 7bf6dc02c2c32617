"""Rows of totals and averages that stand below or among the loans of a table, and are none, and the examples of forms
that were filled in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from intake.mapped.case_mapping import CaseMapping
from intake.values.traditional import simplified
from intake.wording.field_errors import FieldError

# Whose or what: 本页, 期末, 北京分行; of what names nothing else also 2026年1月, 消费贷.
_OF: Final = r"(本页|本月|本期|本年|当页|当月|期末|以上|全部|全行|各项|总|.{0,8}(分行|支行|网点|部门))?\s*"
# How many: 3, 3笔, 共3笔, 人民币, 元.
_HOW_MANY: Final = r"[\s:(]*(共?\s*[\d,]+\s*(笔|户|条|件|人|份|家)?|人民币|万?元)?"
_TOTAL: Final = re.compile(
    rf"({_OF}(累\s*计|总\s*和|总\s*数|总\s*额|平均|平均值|均值)|.{{0,12}}?(合\s*计|小\s*计|总\s*计|共\s*计|汇\s*总))"
    rf"(数|额|金额|笔数)?{_HOW_MANY}"
    r"|共?\s*[\d,]+\s*[笔条]"
    r"|((grand |sub-?\s?)?totals?|sum|average|mean|count)(\s*[:(]\s*[\d,]+)?"
    r"|(grand )?totals?\s*[:(]?\s*[\d,]+ (loans?|cases?|rows?|records?|applications?|customers?)",
    re.IGNORECASE,
)
# What spreadsheets write into the column that they group by; people may be called Count.
_OF_A_GROUP: Final = re.compile(
    r".{1,30} (sub)?(totals?|count|average|sum|计数|平均值|求和)"
    r"|(grand |sub-?\s?)?totals?\s*([:–-]|for|of)\s*.+|(sum|average|count) of .+",
    re.IGNORECASE,
)
# In a column of counts such a number is that of a row: 笔数 of 1笔.
_COUNTS: Final = re.compile(r".*[笔条]数")
_COUNT: Final = re.compile(r"[\d,]+\s*[笔条]")
# Asked of every row: most have none of these.
_HINT: Final = re.compile("[计計总總汇匯均共求笔筆条條]|total|sum|average|mean|count", re.IGNORECASE)
_LONGEST: Final = 40
# 示例：A00001, 例1, "Example: A00001", A00001（示例）. A firm may be called Sample Ltd, and 例 begins names.
_EXAMPLE: Final = re.compile(
    r"[(\[【*]?\s*(?:(?:填写|填表|填报|录入)?(?:示例|样例|范例|例子|举例)(?:行|数据)?(?![\u4e00-\u9fff])|例如?\s*(?:\d{0,2}\s*:|\d{1,2}$|$)"
    r"|(?:e\.\s?g\.|eg:)"
    r"|(?:an? )?(?:example|sample)(?: (?:row|data|record|line|only)\b|\s*\d{0,2}\s*:|\s*[)\]】])).*|example"
    r"|.*[(\[【]\s*(?:填写)?(?:示例|样例|范例|example|sample)\s*[)\]】]",
    re.IGNORECASE,
)
_HINT_OF_EXAMPLE: Final = re.compile(r"例|example|sample|e\.?\s?g[.:]", re.IGNORECASE)
_WHO: Final = ("external_ref", "applicant.id", "applicant.name")


def says_total(text: str) -> bool:
    """Whether a cell names a row as one of totals: 合计, "小计：", Grand Total."""
    return _fits(_TOTAL, text)


def says_example(text: str) -> bool:
    """Whether a cell names a row as the example of a form: 示例：A00001, "e.g. A00001"."""
    if len(text) > _LONGEST or not _HINT_OF_EXAMPLE.search(text):
        return False
    return _EXAMPLE.fullmatch(simplified(unicodedata.normalize("NFKC", text)).strip()) is not None


def no_loan(mapping: CaseMapping, columns: Sequence[str], texts: Mapping[str, str]) -> FieldError | None:
    """Why a row is refused whose first column, or the one that says which loan or whose it is, names it as totals or as
    an example."""
    given = [mapping.fields[name] for name in _WHO if name in mapping.fields]
    who = [each.column for each in given if each.how == "column"]
    for column in (*columns[:1], *who):
        text = texts.get(column, "")
        if says_example(text):
            return FieldError(column, text, "row_of_example")
        if not _hints(text):
            continue
        is_count = _fits(_COUNT, text) and _COUNTS.fullmatch(simplified(column).strip()) is not None
        is_open = is_count or _fits(_OF_A_GROUP, text)
        if (says_total(text) and not is_count) or (is_open and _is_nobodys(column, who, texts)):
            return FieldError(column, text, "row_of_totals")
    return None


def _is_nobodys(label: str, who: Sequence[str], texts: Mapping[str, str]) -> bool:
    """Whether a row says besides its `label` neither which loan nor whose it is, or hardly anything."""
    others = [texts.get(column, "") for column in who if column != label]
    return (bool(others) and not any(others)) or sum(not text for text in texts.values()) * 2 >= len(texts)


def _hints(text: str) -> bool:
    return 2 <= len(text) <= _LONGEST and _HINT.search(text) is not None


def _fits(pattern: re.Pattern[str], text: str) -> bool:
    if not _hints(text):
        return False
    return bool(pattern.fullmatch(simplified(unicodedata.normalize("NFKC", text)).strip(" :()[]【】*-")))
