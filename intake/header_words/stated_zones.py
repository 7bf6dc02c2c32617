"""The time zone that a header states of its moments: "Application Time (UTC)", created_at_utc, 申请时间(北京时间).

A name that stands for several zones, or for one that changes with the season (CST, EST, "Eastern Time"), states none
for sure: then a time without a zone of its own is read by nobody. A day without a time is that day in every zone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final

from intake.values.cell_dates import read_moment, utc_offset
from intake.values.cells import CellError, cell_text
from intake.values.traditional import simplified

# In place of an offset: nothing tells for sure which zone is meant.
OPEN_ZONE: Final = "?"
_UNKNOWN: Final = timezone(timedelta(0), "unknown")
_CHINA: Final = timezone(timedelta(hours=8))
_FARTHEST_HOURS: Final = 14
_NEW_WORD: Final = re.compile(r"_|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OFFSET: Final = r"([+-])\s*(\d{1,2})(?::?(\d{2}))?(?!\d)"
_UTC: Final = re.compile(rf"(?<![a-z])(utc|gmt)(?:\s*{_OFFSET}|(\d)|(?![a-z]))", re.IGNORECASE)
_BARE_OFFSET: Final = re.compile(rf"[(\[]\s*{_OFFSET}\s*[)\]]")
# These have one offset all the year, and had it since there are loans on record.
_FIXED: Final = {
    offset: re.compile(rf"(?<![a-z])(?:{names})(?![a-z/])", re.IGNORECASE)
    for offset, names in {
        "+07:00": r"asia/(?:bangkok|jakarta|ho_chi_minh|saigon)|(?:曼谷|雅加达|河内)时间",
        "+08:00": r"(?:北京|中国标准|中国|香港|台北|新加坡|马尼拉)时间|东八区"
        r"|(?:beijing|china(?: standard)?|hong kong|singapore) time"
        r"|cst\s*\+\s*8|hkt|sgt|asia/(?:shanghai|chongqing|hong_kong|taipei|singapore|macau|manila|kuala_lumpur)|prc",
        "+09:00": r"(?:东京|日本|首尔|韩国)时间|jst|kst|asia/(?:tokyo|seoul)",
        "+05:30": r"印度时间|asia/(?:kolkata|calcutta)|india(?: standard)? time",
        "+03:00": r"africa/nairobi|east africa time",
        "+01:00": r"africa/lagos|west africa time",
    }.items()
}
_OF_SEVERAL: Final = (
    "EST|EDT|CST|CDT|MST|MDT|PST|PDT|AKST|AKDT|HST|BST|IST|WET|WEST|CET|CEST|EET|EEST|MSK|AEST|AEDT|ACST|AWST|NZST|NZDT"
)
_OPEN_IN_BRACKETS: Final = re.compile(
    rf"[(\[](?:[^()\[\]]*(?<![A-Za-z]))?(?:{_OF_SEVERAL})(?![A-Za-z])[^()\[\]]*[)\]]|[(\[]\s*(?:ET|CT|MT|PT)\s*[)\]]"
)
_OPEN_BEHIND: Final = re.compile(
    rf"(?:time|at|on|timestamp|datetime|dt|ts|时间)\s+(?:{_OF_SEVERAL})$"
    r"|(?<![a-z])(?:africa|america|asia|atlantic|australia|europe|indian|pacific|us)/[a-z]"
    r"|(?<![a-z])(?:eastern|central|mountain|pacific)(?: standard| daylight)? time"
    r"|(?:美[东西]|纽约|伦敦|巴黎|柏林|莫斯科|悉尼|欧洲|美国)时间",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    r"\d\s*[:时点]\s*\d|\d\s*[时点]$|\d{12}|^\d{8}[ T]\d|^\d{5}\.\d|[- ]\d{1,2}\.\d{2}\.\d{2}(?!\d)", re.ASCII
)


@lru_cache(maxsize=1_024)
def zone_in(header: str) -> str:
    """The offset that a header states, as "+07:00"; OPEN_ZONE where it names a zone that is none for sure; "" where it
    names none."""
    plain = simplified(unicodedata.normalize("NFKC", header)).strip()
    words = _NEW_WORD.sub(" ", plain)
    told = {offset for offset, names in _FIXED.items() if names.search(plain) or names.search(words)}
    found = [each for each in _UTC.finditer(words) if not _is_of_old_habit(each)]
    told |= {OPEN_ZONE if each[5] else _offset(*each.groups()[1:4]) for each in found}
    told |= {_offset(*each.groups()) for each in _BARE_OFFSET.finditer(plain)}
    if len(told) > 1:
        # "UTC (UTC+8)" may be either.
        return OPEN_ZONE
    if told:
        return told.pop()
    return OPEN_ZONE if _OPEN_IN_BRACKETS.search(plain) or _OPEN_BEHIND.search(words) else ""


def without_zone(header: str) -> str:
    """The header without a bare UTC or GMT in it, beside which it names what it does without: created_at of
    created_at_utc."""
    words = _NEW_WORD.sub(" ", unicodedata.normalize("NFKC", header)).strip()
    return _UTC.sub(lambda found: found[0] if _is_of_old_habit(found) else " ", words)


def stated_zone(header: str, texts: Sequence[str], form: str = "") -> str:
    """What a column states of the zone of its moments; "" where its texts are days without a time."""
    zone = zone_in(header)
    return zone if zone and any(has_time(text, form) for text in texts) else ""


def has_time(text: str, form: str = "") -> bool:
    """Whether a text is a moment that is no midnight."""
    try:
        return read_moment(text, _CHINA, form).time() != time.min
    except CellError:
        return False


def read_in_zone(cell: object, zone: timezone, form: str, stated: str) -> datetime:
    """As `read_moment`, where a time without a zone of its own is of the `stated` offset and a mere day of `zone`.

    Raises CellError, too, for such a time where the zone is open."""
    if not stated or not tells_time(cell):
        return read_moment(cell, zone, form)
    if stated != OPEN_ZONE:
        return read_moment(cell, utc_offset(stated), form)
    moment = read_moment(cell, _UNKNOWN, form)
    if moment.tzinfo is _UNKNOWN:
        raise CellError("zone_not_certain")
    return moment


def tells_time(cell: object) -> bool:
    """Whether a cell tells a time of its day, be it midnight."""
    if isinstance(cell, date):
        return isinstance(cell, datetime)
    return bool(_CLOCK.search(simplified(unicodedata.normalize("NFKC", cell_text(cell)))))


def _is_of_old_habit(found: re.Match[str]) -> bool:
    """Whether a name begins with gmt and no offset: the gmt_create of many systems is in the time of their office."""
    return found.start() == 0 and found[1].lower() == "gmt" and found[2] is None and found.end() < len(found.string)


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> str:
    if sign is None or hours is None:
        return "+00:00"
    if int(hours) > _FARTHEST_HOURS or int(minutes or "0") > 59:
        return OPEN_ZONE
    zero = int(hours) == int(minutes or "0") == 0
    return f"{'+' if zero else sign}{int(hours):02d}:{minutes or '00'}"
