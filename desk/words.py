"""Numbers, dates and codes as words: the one place where they are formatted, in English and Chinese."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cases.money import MINUS as MINUS
from cases.money import NOTHING, short_money
from cases.money import money as money
from cases.office import OFFICE
from cases.personal import masked_name
from cases.products import PRODUCTS as PRODUCTS
from cases.products import word as word
from intake.standards.industries import industry_name
from intake.standards.regions import region_name

Number = float | Decimal

# A code of GB/T 4754 below its section; a lender's own A or B may be anything.
_INDUSTRY = re.compile(r"[A-T]\d{2,4}")
_REGION = re.compile(r"\d{6}")

MISSING = NOTHING
# From here on decimal arithmetic runs out of digits; what a lender sends may be any number.
LARGE = 1e15

# Where a blind page keeps back what a colleague wrote.
WITHHELD = _("There is a note; it is shown after your own opinion.")

ADVICE: dict[str, Promise] = {
    "approve": pgettext_lazy("advice", "approve"),
    "decline": pgettext_lazy("advice", "decline"),
    "review": pgettext_lazy("advice", "a person should decide"),
}
SEGMENTS: dict[str, Promise] = {
    "retail": _("Retail"),
    "sme": _("Small business"),
    "corporate": _("Corporate"),
}


def is_chinese() -> bool:
    """Whether the reader of this request reads Chinese."""
    return (get_language() or "").startswith("zh")


def before_chinese(name: str) -> str:
    """A name as Chinese text follows it: parted from that by a blank where it ends in a Latin letter or a figure."""
    return f"{name} " if is_chinese() and name[-1:].isascii() and name[-1:].isalnum() else name


def region_words(value: str) -> str:
    """`上海市 310000` for a code of GB/T 2260; any other region as its source names it."""
    name = region_name(value) if _REGION.fullmatch(value) else value
    return value if name == value else f"{name} {value}"


def industry_words(value: str) -> str:
    """`零售业 F52` for a code of GB/T 4754; any other industry as its source names it."""
    name = industry_name(value, "zh-hans" if is_chinese() else "en") if _INDUSTRY.fullmatch(value) else value
    return value if name == value else f"{name} {value}"


def number(value: Number, digits: int = 0) -> str:
    """`1,234,567.9`: grouped in both languages (Django's zh-hans locale prints no grouping), true minus sign."""
    if not -LARGE < value < LARGE:
        return f"{value:,.0f}".replace("-", MINUS)
    # By its shortest decimal, halves to even, as Babel does it in ten times the time; a page has hundreds of figures.
    return f"{Decimal(str(value)):,.{digits}f}".replace("-", MINUS)


def plain(value: object) -> str:
    """A value as it was given, without an exponent: `1,000,000,000,000`, `43.5`, `verified`; `--` for none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return MISSING if value is None else str(value)
    digits = f"{value:,.6f}".rstrip("0").rstrip(".")
    return digits.replace("-", MINUS)


def amount_cell(amount: Number | None, currency: str = "CNY", *, tight: bool = False) -> str:
    """An amount where space is short: `¥1234.57万` for a Chinese reader, with the exact amount as the title and the
    value of its `data` element; the exact amount as text where that is no longer. `tight`: `$12.35M` in English too."""
    exact = money(amount, currency)
    short = short_money(amount, currency, chinese=is_chinese(), tight=tight)
    return exact if short == exact else format_html('<data value="{}" title="{}">{}</data>', str(amount), exact, short)


def percent(share: float | None, digits: int = 1) -> str:
    """`7.4%` for 0.074; `--` when there is none."""
    return MISSING if share is None else f"{number(share * 100, digits)}%"


def part(count: float, total: float) -> str:
    """What part of `total` a count is: `12.3%`; `<0.1%` for something that would print as nothing."""
    share = count / total if total else 0.0
    return f"<{percent(0.001)}" if 0 < share < 0.0005 else percent(share)


def when(moment: datetime | None) -> str:
    """`2026-11-23 09:12` on the office clock; `--` when there is none. Needs an aware datetime."""
    return MISSING if moment is None else moment.astimezone(OFFICE).strftime("%Y-%m-%d %H:%M")


def clock(moment: datetime | None) -> str:
    """`09:12:30` on the office clock; `--` when there is none."""
    return MISSING if moment is None else moment.astimezone(OFFICE).strftime("%H:%M:%S")


def day(moment: datetime | None) -> str:
    """`2026-11-23` on the office clock; `--` when there is none."""
    return MISSING if moment is None else moment.astimezone(OFFICE).strftime("%Y-%m-%d")


def duration(span: timedelta) -> str:
    """`45 s`, `6 min 10 s`, `1 h 10 min`, `3 d 4 h`: the two largest units, the sign dropped."""
    seconds = abs(int(span.total_seconds()))
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    parts = [
        (days, gettext("%(n)s d")),
        (hours, gettext("%(n)s h")),
        (minutes, gettext("%(n)s min")),
        (left, gettext("%(n)s s")),
    ]
    first = next((i for i, (n, _unit) in enumerate(parts) if n), len(parts) - 1)
    return " ".join(unit % {"n": n} for n, unit in parts[first : first + 2] if n or first == len(parts) - 1)


def working_words(seconds: float, day_seconds: int) -> str:
    """Working time as `24 min`, `2 h 10 min`, `3 d 2 h`: a day is a working day of `day_seconds`."""
    days, rest = divmod(int(seconds), day_seconds)
    if days:
        hours = rest // 3600
        told = gettext("%(n)s d") % {"n": days}
        return f"{told} {gettext('%(n)s h') % {'n': hours}}" if hours else told
    return duration(timedelta(seconds=rest // 60 * 60 if rest >= 60 else rest))


def months(term: int) -> str:
    """`36 months`."""
    return ngettext("%(n)s month", "%(n)s months", term) % {"n": term}


def masked(name: str) -> str:
    """`李*妮`, `王*`, `J*** S***`: enough to tell two rows apart, not enough to name a person."""
    return masked_name(name) or MISSING
