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
        """Each different word gets a code in the order of its first appearance; None and the empty word are missing."""
        places: dict[str, int] = {}
        codes = [places.setdefault(value, len(places)) if value else -1 for value in values]
        return cls(np.array(codes, dtype=np.int32), tuple(places))

    def __len__(self) -> int:
        return len(self.codes)


# Numbers, integers, money, percents, dates (days since 1970-01-01), booleans (1.0, 0.0): floats with NaN for missing.
Column = FloatArray | Coded
