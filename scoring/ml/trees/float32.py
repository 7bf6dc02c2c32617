"""Splits of libraries that read values as float32, as the same splits of float64 values."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

# Where the next float32 after the largest would be; values from half way on are rounded to infinity.
_BEYOND = 2.0**128


def at_most(thresholds: FloatArray) -> FloatArray:
    """The float64 T such that x <= T exactly when float32(x) <= t, for float64 thresholds t."""
    with np.errstate(over="ignore"):
        rounded = np.asarray(thresholds, dtype=np.float64).astype(np.float32)
        lower = np.nextafter(rounded, np.float32(-np.inf))
    # The largest float32 that still is at most t.
    return _last_rounded_to(np.where(rounded > thresholds, lower, rounded))


def below(thresholds: NDArray[Any]) -> FloatArray:
    """The float64 T such that x <= T exactly when float32(x) < t, for float32 thresholds t."""
    exact = np.asarray(thresholds, dtype=np.float32)
    with np.errstate(over="ignore"):
        lower = np.nextafter(exact, np.float32(-np.inf))
    return _last_rounded_to(lower)


def _last_rounded_to(values: Float32Array) -> FloatArray:
    """The largest float64 rounded to at most these float32: half way to the next, where ties go to the even one."""
    with np.errstate(over="ignore"):
        following = np.nextafter(values, np.float32(np.inf))
    low, high = _finite(values), _finite(following)
    middle: FloatArray = low + (high - low) / 2
    with np.errstate(over="ignore"):
        stays = middle.astype(np.float32) <= values
    last = np.where(stays, middle, np.nextafter(middle, -np.inf))
    return np.where(np.isposinf(values), np.inf, last)


def _finite(values: Float32Array) -> FloatArray:
    wide = values.astype(np.float64)
    return np.where(np.isinf(wide), np.copysign(_BEYOND, wide), wide)
