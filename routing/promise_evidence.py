"""What a promise rests on: loans whose end is known, with the PDs of a model that had not seen them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Words = NDArray[np.str_]


@dataclass(frozen=True)
class Evidence:
    """n loans that were granted and whose end is known, with the PD of a model that had not seen them.

    `weight` (n,) is one over the chance that the outcome was observed: 1 but for random approvals, and for the
    machine's own where some are drawn for the audit. `explored` marks approvals by lot, `live` loans that were scored
    here (the others are training loans, held out). `segments` hold each loan's word by field, "" where it has none.
    `since` and `until` are the days of the first and the last application, `as_of` that of the latest outcome.

    Loans that were never granted have no outcome. So a promise drawn from this is about the loans granted so far that
    turned bad, and carries over to applicants only as far as they are like those.
    """

    pd: FloatArray
    bad: BoolArray
    weight: FloatArray
    exposure: FloatArray
    explored: BoolArray
    live: BoolArray
    segments: Mapping[str, Words]
    model: str = ""
    model_sha256: str = ""
    since: str = ""
    until: str = ""
    as_of: str = ""

    def __len__(self) -> int:
        return len(self.pd)

    @property
    def bads(self) -> int:
        """How many of them turned bad."""
        return int(self.bad.sum())

    def words(self, field: str) -> Words:
        """The segment (n,) of each loan; "" for all where there are no segments."""
        return self.segments[field] if field else np.full(len(self), "", dtype=np.str_)

    def only(self, here: BoolArray) -> Evidence:
        """The loans marked in `here` (n,)."""
        return replace(
            self,
            **{name: getattr(self, name)[here] for name in ("pd", "bad", "weight", "exposure", "explored", "live")},
            segments={field: words[here] for field, words in self.segments.items()},
        )
