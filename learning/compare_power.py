"""Can this sample detect the difference that is wanted? The power of DeLong's test, and the loans that it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtr, ndtri

ALPHA: Final = 0.05
WANTED_POWER: Final = 0.8


@dataclass(frozen=True)
class Power:
    """`power` is the chance that n loans with `bads` bad ones show a true AUC difference of `difference` at 5 %
    (two-sided); `needed` is how many loans of the same bad rate it takes for a chance of 80 %."""

    difference: float
    loans: int
    bads: int
    power: float
    needed: int

    @property
    def is_enough(self) -> bool:
        return self.power >= WANTED_POWER


def power_of_difference(difference: float, standard_error: float, *, loans: int, bads: int) -> Power:
    """Power of DeLong's paired test from the standard error that it has on this very sample.

    The difference of two AUCs is normal with that error (DeLong, DeLong and Clarke-Pearson 1988), so the power is
    Φ(δ/se − z) + Φ(−δ/se − z) with z = Φ⁻¹(1 − α/2); the error falls with the root of the loans, so that
    n · ((z + Φ⁻¹(0.8)) · se / δ)² loans of the same bad rate are needed (Obuchowski and McClish 1997). ValueError
    unless the difference is above 0. Two models that rank alike have no error: then any difference would be seen.
    """
    if difference <= 0:
        raise ValueError("the difference that is wanted lies above 0")
    if standard_error == 0:
        return Power(difference, loans, bads, 1.0, loans)
    z, shift = float(ndtri(1 - ALPHA / 2)), difference / standard_error
    power = float(ndtr(shift - z) + ndtr(-shift - z))
    needed = loans * ((z + float(ndtri(WANTED_POWER))) / shift) ** 2
    return Power(difference, loans, bads, power, math.ceil(needed))
