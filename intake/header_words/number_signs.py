"""The squeezed names of headers in which the sign # stands for number: "Loan #" is "loanno", 合同# is 合同号."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from intake.header_words.header_units import squeeze
from intake.values.two_languages import both_names

_SAYS_NUMBER: Final = re.compile(r"(?:id|no|nr|num|number|[号码])$")
_SAYS_REFERENCE: Final = re.compile(r"(?:id|no|nr|num|number|ref|reference|编号|号|号码)$")


def key_of(header: str) -> str:
    """The squeezed header with a # at its end in words. References that were made of squeezed headers stay as they
    are, so that it is none of what `squeeze` does."""
    key = squeeze(header)
    if "#" not in (plain := unicodedata.normalize("NFKC", header)) or not plain.rstrip().endswith("#"):
        return key
    # "Loan No.#" says it twice.
    return key if _SAYS_NUMBER.search(key) else key + ("no" if key.isascii() else "号")


def says_number(header: str) -> bool:
    """Whether a header says that it numbers something."""
    return bool(_SAYS_REFERENCE.search(key_of(header)))


def keys_of(header: str) -> list[str]:
    """Of a header in two languages the keys of both names."""
    return [key_of(name) for name in both_names(header) or (header,)]
