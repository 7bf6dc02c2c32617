"""One hash for one content: plain JSON in its canonical form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_sha256(content: Mapping[str, Any]) -> str:
    """Hex digest over canonical JSON: keys sorted, no spaces, whole numbers without a fraction, so that what was
    written and what a database gives back hash alike.

    Raises ValueError where it is no plain JSON, or a figure is not finite.
    """
    try:
        text = json.dumps(_settled(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except TypeError as problem:
        raise ValueError(str(problem)) from problem
    return hashlib.sha256(text.encode()).hexdigest()


def _settled(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _settled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_settled(each) for each in value]
    return value
