"""Columns that may tell the day of an application or a loan in a table where none is read as that: 业务办理日期, "Loan
Login Date". The time of the import would stand there, and with it everything that other sources told since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from intake.case_mapping import CaseMapping, MappingError
from intake.cells import cell_text, read_number
from intake.date_orders import is_date
from intake.header_units import names_in
from intake.headers import field_matches
from intake.samples import SampleRow, known, share
from intake.unix_times import unix_form

_OF_ZH: Final = r"(?:贷款|借款|申请|进件|业务|交易|授信|融资|借据|合同|订单|案件|个贷|信贷)"
_WHAT_ZH: Final = r"(?:办理|发生|登记|录入|入库|生成|创建|新增|确认|处理|受理|经办|审查|调查|启动|开始|成交|接收|报送)"
_OF: Final = r"(?:loan|credit|application|appl|app|case|deal|contract|facility|financing|transaction|txn|trans)"
_WHAT: Final = (
    r"(?:login|logged|log|entry|entered|booking|register(?:ed)?|registration|captured?|intake|lodg(?:ed?|ement)"
    r"|process(?:ed|ing)?|sourc(?:ed|ing)|record(?:ed)?|system|made|taken|begin|initiat(?:ed|ion)|commence(?:d|ment)?)"
)
# Made of such words alone: of any other, 贷款到期日 or "Loan Report Date", nobody would think that it is the day.
_DAY: Final = re.compile(
    rf"(?:客户|系统|记录)*{_OF_ZH}+(?:记录|流程|系统)*{_WHAT_ZH}*(?:日期时间|日期|时间|日)"
    rf"|{_OF}+{_WHAT}*(?:at|on|dates?|day|time|datetime|dt|timestamp|ts)|(?:date|day|time)(?:of)?(?:the)?{_OF}+{_WHAT}*"
    r"|(?:loan|mortgage)?closing(?:date|day)"
)
_ENOUGH: Final = 0.9
# Below a name of a day a number from here on counts time in a way that is not read: 1.7676E+12, microseconds.
_A_COUNT: Final = 10**9


def refuse_unread_day(mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow]) -> None:
    """Raises MappingError for the first column that may tell the day where the mapping has but the time of import."""
    applied = mapping.fields.get("applied_at")
    if applied is None or applied.how != "import_time":
        return
    features = {given.column for given in mapping.features.values() if given.how == "column"}
    # Moments in microseconds are all different, and look like numbers of the loans.
    unused = features | {column for column, reason in mapping.drop.items() if reason == "identifier"}
    for column in filter(unused.__contains__, columns):
        texts = known([cell_text(row.get(column)) for row in sample])
        is_day = share(texts, is_date) >= _ENOUGH or unix_form(texts)
        is_counted = share(texts, lambda text: read_number(text) >= _A_COUNT) >= _ENOUGH
        if (is_day and _is_named(column)) or (is_counted and field_matches("applied_at", column) is not None):
            raise MappingError("day_unread", name=column)


def _is_named(column: str) -> bool:
    return any(map(_DAY.fullmatch, names_in(column)))
