"""The segments of cases that a breaker may hold: all cases of a product, or those of one source, region or channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cases.models import Case

DIMENSIONS: Final = ("source", "region", "channel")


def segments_of(case: Case, dimensions: Sequence[str]) -> list[str]:
    """The segments of a case, each like `source=branch-los`; a dimension without a value has none."""
    told = [(name, getattr(case, name)) for name in dimensions]
    return [f"{name}={value}" for name, value in told if value]


def filter_of(segment: str) -> dict[str, str]:
    """The fields of a case that put it into a segment; {} for the whole product."""
    name, _is, value = segment.partition("=")
    return {name: value} if value else {}
