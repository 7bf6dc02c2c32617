"""How n cases' values of one field are given: figures with NaN, or words as codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Coded:
    """Words of n cases: `codes` (n,) are places in `words`, -1 where the value is missing."""

    codes: NDArray[np.int32]
    words: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Coded:
        """Each different word gets a code in the order of its first appearance. What is no text or only blanks is
        missing; blanks around a word are no part of it, so that "mining " is on every list that "mining" is on."""
        places: dict[str, int] = {}
        words = (word_of(value) for value in values)
        codes = [places.setdefault(word, len(places)) if word else -1 for word in words]
        return cls(np.array(codes, dtype=np.int32), tuple(places))

    def __len__(self) -> int:
        return len(self.codes)


def word_of(value: str | None) -> str:
    """A value as rules compare it: without blanks around it, and empty where it is no text."""
    return value.strip() if isinstance(value, str) else ""


# Numbers, integers, money, percents, dates (days since 1970-01-01), booleans (1.0, 0.0): floats with NaN for missing.
Column = FloatArray | Coded
