"""Whether 03/04/2026 is the third of April or the fourth of March: what the other dates of a column or file say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from intake.header_words.header_units import names_in
from intake.mapped.case_mapping import CHINA, FIELD_TYPES
from intake.mapped.given import Given
from intake.values.cell_dates import by_day_hours, read_moment
from intake.values.cells import CellError
from intake.values.samples import known

Order = Literal["", "day", "month"]
_DATE: Final = re.compile(
    r"(\d{1,2})([-/.])(\d{1,2})\2(?P<year>\d{4}|\d{2}(?= ))(?:(?P<gap>[ T]+)\d{1,2}:\d{2}(?P<seconds>:\d{2})?)?",
    re.ASCII,
)
# 1/5/26 3:20 PM is told by month, or not at all: of 26/1/5 3:20 PM the year may stand first.
_SHORT: Final = re.compile(r"(?:0?[1-9]|1[0-2])/\d{1,2}/\d{2} .*\d ?[AP]M", re.ASCII | re.IGNORECASE)
_PACKED: Final = re.compile(r"(?:19|20|99)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)
PACKED_FORM: Final = "%Y%m%d"
# What systems that keep days as numbers have where there is none.
NO_DAY: Final = frozenset({"0", "00000000"})
_NAME_OF_DAY: Final = re.compile(r".*(?:日期?|时间|年月日|dates?|dt|day|maturity)|dateof.*")
# So many times more dates must allow one order alone than the other: one slip of the pen decides nothing.
CLEARLY: Final = 9
MONTHS_LEAST: Final = 3
MONTHS: Final = 12


def order_of(texts: Sequence[str]) -> Order:
    """The order of the dates such as 03/11/2015 among the texts; "" where nothing tells, or they contradict."""
    found = _found(texts)
    pairs = [(int(match.group(1)), int(match.group(3))) for match in found]
    # Points stand for day.month.year: of 05.01.2026 and 06.01.2026 nothing says that they are of a table by month.
    slashed = [pair for pair, match in zip(pairs, found, strict=True) if match.group(2) != "."]
    firsts, seconds = {first for first, _second in slashed}, {second for _first, second in slashed}
    if {1} in (firsts, seconds) and len(firsts | seconds) > MONTHS_LEAST and max(firsts | seconds) <= MONTHS:
        # Of tables by month every date is a first; the days of one January look the same.
        years = {match.group("year") for match in found if match.group(2) != "."}
        return ("day" if firsts == {1} else "month") if len(years) > 1 else ""
    by_day = sum(first > MONTHS >= second for first, second in pairs)
    by_month = sum(second > MONTHS >= first for first, second in pairs)
    if by_day > CLEARLY * by_month:
        return "day"
    return "month" if by_month > CLEARLY * by_day else ""


def is_open(texts: Sequence[str]) -> bool:
    """Whether some of the dates could be read in both orders, and none of them tells which is meant."""
    return not order_of(texts) and any(_is_ambiguous(text) for text in texts)


def form_of(texts: Sequence[str], order: Order) -> str:
    """The strptime format of such dates in this order; "" where fewer than half are such dates, or in several forms."""
    found = _found(texts)
    forms = {
        (match.group(2), "%Y" if len(match["year"]) > len("26") else "%y", match["gap"], match["seconds"] is not None)
        for match in found
    }
    if not order or len(found) * 2 < len(known(texts)) or len(forms) != 1:
        return ""
    ((mark, year, gap, has_seconds),) = forms
    if year == "%y" and order == "day":
        return ""
    day = mark.join(("%d", "%m", year) if order == "day" else ("%m", "%d", year))
    return day if gap is None else f"{day}{gap}%H:%M" + (":%S" if has_seconds else "")


def mostly_such(texts: Sequence[str]) -> bool:
    """Whether at least half of the known texts are such dates."""
    return bool(texts) and len(_found(texts)) * 2 >= len(known(texts)) > 0


def are_packed(header: str, texts: Sequence[str]) -> bool:
    """Whether a column is of days that are written as numbers, 20260105, by its header and nearly all its cells."""
    days = [text for text in texts if text not in NO_DAY]
    fits = sum(bool(_PACKED.fullmatch(text)) and is_date(text) for text in days)
    return says_day(header) and bool(days) and fits * (CLEARLY + 1) >= CLEARLY * len(days)


def says_day(header: str) -> bool:
    """Whether a header names a day: 到期日, 成立日期, open_dt."""
    return any(map(_NAME_OF_DAY.fullmatch, names_in(header)))


def is_date(text: str) -> bool:
    """Whether a text is a date, though its order or month may be open."""
    try:
        return bool(read_moment(text, CHINA))
    except CellError as problem:
        return problem.code in ("ambiguous_date", "ambiguous_month")


def settle_orders(fields: Mapping[str, Given], samples: Mapping[str, Sequence[str]]) -> dict[str, Given]:
    """The fields, with a form for the dates that name none: by their own column, or else by the file's other columns,
    where all that tell anything tell the same."""
    told = {order for texts in samples.values() if mostly_such(texts) and (order := order_of(texts))}
    of_file: Order = told.pop() if len(told) == 1 else ""
    return {name: _settled(name, given, samples.get(given.column, ()), of_file) for name, given in fields.items()}


def _settled(name: str, given: Given, texts: Sequence[str], of_file: Order) -> Given:
    if given.how != "column" or given.format or (given.type or FIELD_TYPES.get(name)) != "date":
        return given
    own = order_of(texts)
    # Points stand for day.month.year wherever they are in use: such dates are read without being told.
    of_others = of_file if any(map(_is_ambiguous, texts)) else ""
    form = form_of(texts, own or of_others)
    return replace(given, format=form) if form else given


def _found(texts: Sequence[str]) -> list[re.Match[str]]:
    found = [(text.strip(), match) for text in texts if (match := _DATE.fullmatch(by_day_hours(text.strip())))]
    return [match for text, match in found if len(match["year"]) > len("26") or _SHORT.fullmatch(text)]


def _is_ambiguous(text: str) -> bool:
    try:
        read_moment(text, CHINA)
    except CellError as problem:
        return problem.code == "ambiguous_date"
    return False
