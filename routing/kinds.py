"""Kinds of cases in which people err differently: on which side of its cut-off a case lies, how near, how doubtful."""

from __future__ import annotations

import math
from typing import Final

# Near is a case whose odds of default are within this factor of those at its cut-off.
NEAR_FACTOR: Final = 2.0
# As the demonstration's policy: from this doubt on a model does not know the case well.
DOUBTFUL: Final = 0.5
SIDES: Final = ("below", "near", "above")
DOUBT_MARK: Final = "-doubtful"
KINDS: Final = tuple(f"{side}{mark}" for side in SIDES for mark in ("", DOUBT_MARK))


def kind_of(pd: float | None, cut_off: float | None, doubt: float | None) -> str:
    """One of KINDS; "" for a case whose PD or cut-off is not known, or is no chance of something."""
    if pd is None or cut_off is None or not 0 < pd < 1 or not 0 < cut_off < 1:
        return ""
    away = math.log(pd / (1 - pd)) - math.log(cut_off / (1 - cut_off))
    side = "near" if abs(away) <= math.log(NEAR_FACTOR) else "below" if away < 0 else "above"
    return f"{side}{DOUBT_MARK if doubt is not None and doubt >= DOUBTFUL else ''}"


def accuracy_key(product: str, kind: str) -> str:
    """What an accuracy on this kind of case of a product is kept under; a product alone for no kind."""
    return f"{product}/{kind}" if kind else product
