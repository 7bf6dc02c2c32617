"""What a feature is called that is read from a column: by a usual name of its header, or after the header."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

from intake.header_words.feature_names import FEATURE_NAMES
from intake.header_words.header_units import money_scale, span_of, squeeze, without_any_unit
from intake.header_words.rate_periods import spelled_out
from intake.header_words.term_names import readable_name
from intake.values.two_languages import in_one_language

# So begins the name of a feature that was made of a header which no term of it names.
BY_HEADER: Final = "col_"
# Of 工龄(月) 36 are no years.
_IN_YEARS: Final = frozenset({"employment_years", "years_in_business"})


def feature_name(header: str) -> str:
    """A feature's name for a header: the usual one, else snake case or its Chinese terms, else a hash of the header.

    A hash and not the column's place: the next file may have its columns in another order.
    """
    return usual_name(header) or plain_name(spelled_out(header))


def usual_name(header: str) -> str | None:
    """The usual feature that a header names, if any."""
    header = spelled_out(header)
    usual = FEATURE_NAMES.get(squeeze(header))
    if usual in _IN_YEARS and span_of(header) not in ("", "years"):
        return None
    if usual is None and money_scale(header):
        # (万元)年收入, 年收入(万)(税前)
        usual = FEATURE_NAMES.get(squeeze(without_any_unit(unicodedata.normalize("NFKC", header).strip())))
    return usual


def plain_name(header: str) -> str:
    """Snake case of a header, or its terms, or a hash; a unit that its values are scaled by is no part of the name."""
    plain = unicodedata.normalize("NFKC", in_one_language(header))
    if money_scale(header):
        plain = without_any_unit(plain.strip())
    if re.search(r"[^\x00-\x7f]", plain):
        named = readable_name(plain)[:60].rstrip("_")
        return named or BY_HEADER + hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    snake = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:60]
    return snake if snake[:1].isalpha() else f"f_{snake}"
