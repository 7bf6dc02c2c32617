"""What the upper line of a header says of the columns below it: 金额（万元） over 贷款金额, 他行贷款 over 金额."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from intake.feature_names import FEATURE_NAMES, NUMBERS
from intake.header_currencies import currency_in
from intake.header_units import money_scale, squeeze
from intake.headers import FIELD_PATTERNS, field_matches
from intake.scale_words import scale_in

_BRACKETS: Final = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]$")
# Whose it is, when it was, and in what: a loan elsewhere is not the one that is asked for.
_OF_ANOTHER: Final = re.compile(
    r"他行|外行|同业|其[他它](?!信息|情况|资料|内容|$)|担保|保证(?!金)|抵押|质押|配偶|共同|联系人|关联|历史|上[期年月]|去年|前次|现有"
    r"|已有|存量|审批|批复|核定|approved|granted|spouse|guarant|co-?(?:borrower|applicant)|joint|previous|prior\b|existing|collateral|contact"
    r"|\bother\b(?!\s*(?:info|detail|data|$))",
    re.IGNORECASE,
)
_PERIOD: Final = re.compile(
    r"[月日周季]利率|[月日]息|年限|\b(?:monthly|daily|weekly|quarterly|years?|days?|weeks?)\b", re.IGNORECASE
)


def name_in_group(group: str, name: str) -> str:
    """The name of a column with what the group above it says of its values, and the group itself does not repeat: its
    unit in brackets, and before a name by which it would be read as the applicant's or the loan's own whose it is."""
    plain = unicodedata.normalize("NFKC", group).strip()
    if not plain or group == name:
        return name
    unit = _BRACKETS.search(plain)
    if unit and not _BRACKETS.search(unicodedata.normalize("NFKC", name).strip()):
        name = f"{name}({unit[1]})"
    says_unit = not unit and (scale_in(plain) or money_scale(plain) or currency_in(plain) or _PERIOD.search(plain))
    is_read = FEATURE_NAMES.get(squeeze(name)) in NUMBERS or any(
        field_matches(each, name) is not None for each in FIELD_PATTERNS
    )
    return f"{group} {name}" if is_read and (says_unit or _OF_ANOTHER.search(plain)) else name
