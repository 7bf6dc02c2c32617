"""Which columns of features hold days or months as texts: 2028/1/1, 2020年3月1日, 5-Jan-2026. No database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from intake.header_words.header_units import names_in
from intake.mapped.case_mapping import CHINA
from intake.recognition.date_orders import says_day
from intake.values.cell_dates import by_day_hours, read_moment
from intake.values.samples import enough, known_numbers, share
from intake.values.traditional import simplified

_HALF: Final = 0.5
_MONTH_NAME: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_TIME: Final = r"(?:[ T-]+\d{1,2}[:.时点].*)?"
# Nobody counts or numbers anything so.
_SURE: Final = re.compile(
    rf"(?:(?:19|20|99)\d\d\s*(?:([-/])\s*\d{{1,2}}\s*\1\s*\d{{1,2}}|年\s*\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*日?)?)"
    rf"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])"
    rf"|\d{{1,2}}[- ]?{_MONTH_NAME}\.?[- ]?(?:\d{{4}}|\d\d)|{_MONTH_NAME}\.?[- ](?:\d{{1,2}},? )?\d{{4}}){_TIME}",
    re.ASCII | re.IGNORECASE,
)
# Versions and numbers of batches are written so, too: 2020.3.1, 1.2.2020, 2024/1, 20240101.
_BELOW_NAME: Final = re.compile(
    rf"(?:(?:19|20|99)\d\d\.\d{{1,2}}\.\d{{1,2}}|\d{{1,2}}\.\d{{1,2}}\.(?:19|20|99)\d\d|(?:19|20)\d\d[-/]\d{{1,2}}){_TIME}"
    r"|(?:19|20|99)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
    re.ASCII,
)
# What stands in the place of a day that never comes.
_FOR_EVER: Final = re.compile(
    r"(?:长期|永久|永续|不定期|无固定期限?|无限期?|无期限|不限期?|未约定)(?:有效|存续)?"
    r"|no (?:fixed )?(?:expiry|term|end date|maturity)|indefinite|permanent|perpetual|forever|never|open[- ]ended"
    r"|long[- ]term|unlimited|lifetime",
    re.IGNORECASE,
)
_NAME_OF_MONTH: Final = re.compile(r".*(?:月份?|账期|month)")


def are_days(header: str, texts: Sequence[str]) -> bool:
    """Whether a column of features holds days or months: nearly all of its texts with a digit do. What a version or a
    number of a batch could be, too, counts below a name of a day or month. Below any other name at least half of all
    known texts must be days; that most papers hold for ever (长期) says nothing against the days of the others."""
    said = [text for text in known_numbers(texts) if not is_for_ever(text)]
    with_digits = [text for text in said if any(map(str.isdigit, text))]
    is_named = says_day(header) or any(map(_NAME_OF_MONTH.fullmatch, names_in(header)))
    days = share(with_digits, lambda text: _is_written(text, is_named) and bool(read_moment(text, CHINA)))
    are_most = is_named or days * len(with_digits) >= _HALF * len(said)
    return bool(with_digits) and days >= enough(with_digits) and are_most


def is_for_ever(text: str) -> bool:
    """Whether a text says that its day never comes: 长期, 无固定期限, permanent."""
    return bool(_FOR_EVER.fullmatch(simplified(unicodedata.normalize("NFKC", text)).strip()))


def _is_written(text: str, is_named: bool) -> bool:
    plain = by_day_hours(unicodedata.normalize("NFKC", text).strip())
    return bool(_SURE.fullmatch(plain) or (is_named and _BELOW_NAME.fullmatch(plain)))
