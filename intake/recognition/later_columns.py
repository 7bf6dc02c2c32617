"""Columns that say of a loan what nobody knew when it was asked for: what was granted of it, on which day, and as of
which day a list tells of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from intake.header_words import headers
from intake.header_words.asked_and_granted import (
    is_asked,
    is_asked_rate,
    is_contracted,
    is_drawn,
    is_entry_day,
    is_granted,
    is_granted_day,
    is_granted_rate,
    is_line,
    is_of_loan,
    is_paid_out,
)
from intake.header_words.header_units import names_in
from intake.header_words.later_headers import is_of_granted_loan
from intake.mapped.given import Given

# As of when a list is: another day or month with each list, though its loans are those of the last one.
_DAY_OF_LIST: Final = re.compile(
    r"(data)?as(of|at)((the)?(date|day|month|dt|timestamp))?|(data)?(snapshot|extract|extraction)(date|day|month|time|timestamp|dt)"
    r"|(date|day|month)(of)?(the)?(snapshot|extract|extraction|data)|data(date|day|month|dt)"
    r"|(monthly)?report(ing)?(month|quarter|period)|reporting(date|day|dt)"
    # When a system wrote or gave out the row, which it does anew each day.
    r"|(export|print|download|dump|run|file|job)(ed)?(date|day|time|timestamp|dt|at|on)|(etl|load(ed)?|insert(ed)?|ingest(ed)?|sync(ed)?)"
    r"(date|day|time|timestamp|dt|at|on)|(row|record)?(last)?(update|modifi|change)(d|ed|cation)?(date|time|timestamp|dt|at|on)"
    r"|last(updated|modified|changed)|(导出|打印|下载|入库|抽取|取数|跑批|加工|同步|制表|出表|etl)(日期|时间|时点)"
    r"|(最后|最近|记录|数据)?(更新|修改|变更)(日期|时间|时点)"
    r"|(数据|统计|报表|快照)+(截止|截至|口径)?(日期|时间|时点|日|月份|月|年月|季度|期间|期)|截至(日期|时间|时点|日)|报告期间?"
)
# The same where all rows say one; else it may be the day of each loan's own credit report, or on which it ends.
_DAY_OF_LIST_OR_ROW: Final = re.compile(
    r"report(date|day|dt)|cutoff(date|day|dt)?|(report|generat)(ed)?(at|on)|(batch|file)(no|id|num|number|date)"
    r"|(报告|报送|采集|导出|截止|生成)(日期|时间|时点|日|月份)|(数据)?(批次|文件)(号|编号|日期)"
)


def granted_beside(fields: Mapping[str, Given], columns: Sequence[str]) -> list[str]:
    """The columns that no field reads and that tell of the granted loan what another column tells of the one that was
    asked for.

    The amount of a contract or loan is one only beside a column that says "asked for"; a funded amount beside a mere
    "loan amount", as in public tables, may be as old as that.
    """
    taken = {name: given.column for name, given in fields.items() if given.column}
    rest = [column for column in columns if column not in taken.values()]
    twins = {each for each in rest if any(_is_granted_twin(name, each, column) for name, column in taken.items())}
    # What was drawn of a granted amount is known later still.
    draws = is_granted("amount", amount := taken.get("amount", "")) and not is_drawn(amount)
    asks = any(is_asked(name, column) for name, column in taken.items()) or any(map(is_asked_rate, columns))
    tells_both = asks or bool(twins)
    applied = taken.get("applied_at", "")
    is_application = headers.names_application(applied) or is_entry_day(applied)

    def is_later(column: str) -> bool:
        of_day, of_rate = is_application and is_granted_day(column), tells_both and is_granted_rate(column)
        of_amount = is_paid_out(column) or (draws and is_drawn(column))
        return column in twins or of_day or of_rate or of_amount or is_of_granted_loan(column)

    return [column for column in rest if is_later(column)]


def _is_granted_twin(name: str, column: str, taken: str) -> bool:
    """Whether a column tells of the granted loan what `taken`, which a field reads, tells of the one asked for."""
    if is_granted(name, taken) or is_contracted(name, taken):
        return False
    is_signed = is_contracted(name, column) or is_of_loan(name, column) or (name == "amount" and is_line(column))
    return is_granted(name, column) or (is_asked(name, taken) and is_signed)


def tells_day_of_list(column: str, said: Sequence[str]) -> bool:
    """Whether a column, of these known values, tells as of when its list is and nothing of the loans."""
    names = names_in(column)
    if any(map(_DAY_OF_LIST.fullmatch, names)):
        return True
    return len(said) > 1 and len(set(said)) == 1 and any(map(_DAY_OF_LIST_OR_ROW.fullmatch, names))
