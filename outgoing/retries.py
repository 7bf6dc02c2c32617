"""When a delivery that failed is tried again. No database."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

# As the Standard Webhooks specification proposes it: about three days and a quarter in all.
WAITS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
JITTER: Final = 0.2


def wait_after(attempts: int, draw: Callable[[], float] = random.random) -> timedelta | None:
    """How long to wait after so many attempts; None: no more. Up to a fifth shorter or longer, so that many that failed
    together do not come back together. `draw` gives numbers from 0 to 1."""
    if attempts > len(WAITS):
        return None
    return WAITS[attempts - 1] * (1 + JITTER * (2 * draw() - 1))
