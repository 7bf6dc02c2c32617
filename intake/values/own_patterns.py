"""The patterns by which a table that nobody mapped is read, and what a person is told where a cell does not fit one:
what is expected, and not the pattern, which nobody wrote."""

from __future__ import annotations

import re
from typing import Final

from intake.values.safe_patterns import safe_pattern

# What is stored of it is its text alone, so that it says itself that case does not matter.
YEARS: Final = re.compile(r"(?i)(?:emp_)?(\d+(?:\.\d+)?)\s*(?:years?|yrs?|年)?")
WHOLE: Final = safe_pattern(r"(\d+)(?:\.0)?")
# An identity number that does not end in the three noughts that a spreadsheet leaves.
UNCUT: Final = safe_pattern(r"(.*[^0].{0,2})")
# By their text: a mapping that is stored and read again keeps no more of them. The third is what WHOLE once was.
EXPECTED: Final = {
    YEARS.pattern: "not_years", WHOLE.pattern: "not_a_whole_number", r"(\d+)\.0": "not_a_whole_number",
    UNCUT.pattern: "digits_lost",
}  # fmt: skip
