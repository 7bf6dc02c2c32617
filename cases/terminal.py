"""What commands share at a terminal: a progress bar for a person, one JSON object for a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from django.core.management.base import OutputWrapper
from tqdm import tqdm


def progress_bar(words: str, total: int | None, *, unit: str = " rows") -> tqdm[Any]:
    """A bar on standard error, drawn only where somebody can watch it."""
    return tqdm(total=total, desc=words, unit=unit, disable=not sys.stderr.isatty(), dynamic_ncols=True)


def in_both(told: Mapping[str, str]) -> str:
    """A sentence in English and in Chinese: whoever sits at a terminal has chosen no language."""
    return f"{told['en']} {told['zh']}"


def report(out: OutputWrapper, figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the result: one JSON object, or a line a figure."""
    if as_json:
        out.write(json.dumps(figures, ensure_ascii=False, default=str))
        return
    width = max(map(len, figures), default=0)
    for name, value in figures.items():
        out.write(f"{name.replace('_', ' '):<{width}}  {value}")
