"""Findings and errors as they were stored, with their sentences: those of before are said as they would be now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from intake.wording.limit_sentences import ONE_SIDED, pair_for
from intake.wording.sentences import SENTENCES

_PLACE: Final = re.compile(r"\\\{(\w+)\\\}")


def told(stored: Mapping[str, Any], language: Literal["en", "zh"]) -> str:
    """The sentence of a stored finding or error. One that names "inf" for a limit that is none is said without; its
    parameters are found in the sentence itself, since errors keep none."""
    code, text, place = str(stored.get("code", "")), str(stored[language]), 0 if language == "en" else 1
    found = _pattern(SENTENCES[code][place]).fullmatch(text) if code in ONE_SIDED else None
    if found is None:
        return text
    params = found.groupdict()
    return pair_for(code, params, SENTENCES[code])[place].format_map(params)


@lru_cache
def _pattern(template: str) -> re.Pattern[str]:
    """What finds the parameters in a sentence; a name or value may hold anything, and a limit no blank."""

    def group(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{'.*' if found[1] in ('name', 'value') else '[^ ]+'})"

    return re.compile(_PLACE.sub(group, re.escape(template)), re.DOTALL)
