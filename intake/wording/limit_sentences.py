"""Sentences that name a range, where one of its two limits is none: what is "40,000 to inf" is "at least 40,000"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# How a limit that is none stands among the parameters of a sentence, and stood in sentences of before.
NO_LIMIT: Final = frozenset({"inf", "-inf", "∞", "-∞"})
Pair = tuple[str, str]
RANGES: Final[dict[str, Pair]] = {
    "out_of_range": (
        "“{value}” lies outside of {minimum} to {maximum}.",
        "“{value}”超出 {minimum} 至 {maximum} 的范围。",
    )
}
# code -> the limit that there is -> (English, Chinese), as in the catalogue of sentences.
ONE_SIDED: Final[Mapping[str, Mapping[str, Pair]]] = {
    "feature_out_of_range": {
        "minimum": ("{name} is {value}; possible is at least {minimum}.", "{name}为 {value}；不得低于 {minimum}。"),
        "maximum": ("{name} is {value}; possible is at most {maximum}.", "{name}为 {value}；不得高于 {maximum}。"),
    },
    "feature_unusual": {
        "minimum": ("{name} is {value}; usual is at least {minimum}.", "{name}为 {value}；通常不低于 {minimum}。"),
        "maximum": ("{name} is {value}; usual is at most {maximum}.", "{name}为 {value}；通常不高于 {maximum}。"),
    },
    "value_capped": {
        "minimum": (
            "{name} is {value}; believed is at least {minimum}, so {limit} was taken.",
            "{name}为 {value}；可信值不低于 {minimum}，已按 {limit} 计。",
        ),
        "maximum": (
            "{name} is {value}; believed is at most {maximum}, so {limit} was taken.",
            "{name}为 {value}；可信值不高于 {maximum}，已按 {limit} 计。",
        ),
    },
    "value_left_out": {
        "minimum": (
            "{name} is {value}; believed is at least {minimum}, so it counts as not known.",
            "{name}为 {value}；可信值不低于 {minimum}，已视为未知。",
        ),
        "maximum": (
            "{name} is {value}; believed is at most {maximum}, so it counts as not known.",
            "{name}为 {value}；可信值不高于 {maximum}，已视为未知。",
        ),
    },
    "out_of_range": {
        "minimum": ("“{value}” is less than {minimum}.", "“{value}”低于 {minimum}。"),
        "maximum": ("“{value}” is more than {maximum}.", "“{value}”高于 {maximum}。"),
    },
}


def pair_for(code: str, params: Mapping[str, str], both: Pair) -> Pair:
    """The sentence of a code for these parameters: `both`, unless it names two limits of which one is none."""
    there = [limit for limit in ("minimum", "maximum") if params.get(limit, "") not in NO_LIMIT]
    return ONE_SIDED[code][there[0]] if code in ONE_SIDED and len(there) == 1 else both
