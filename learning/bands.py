"""The bands in which people give their own view of the PD (cases.opinion_models.Band), as figures."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

BANDS: Final = (0.02, 0.05, 0.10, 0.20)


def band_of(pd: float | None) -> int:
    """The band 1 to 5 of a PD, 0 without one."""
    return 0 if pd is None else bisect_right(BANDS, pd) + 1
