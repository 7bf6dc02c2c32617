"""What an observed outcome is worth as a label: matured, bad before its time, or good so far; explored or not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from learning.label_models import EXCLUDED_AS, Source

# A loan's performance window: twelve months on book, or its whole term when that is shorter.
WINDOW_MONTHS: Final = 12
DAYS_A_MONTH: Final = 365.25 / 12


def window_of(term_months: int) -> timedelta:
    """How long a loan of this term is watched before it counts as good."""
    return timedelta(days=DAYS_A_MONTH * min(WINDOW_MONTHS, term_months))


def outcome_source(
    *,
    bad: bool,
    applied_at: datetime,
    observed_at: datetime,
    term_months: int,
    mature: bool | None = None,
    explored: bool = False,
) -> Source:
    """The provenance of an outcome seen at `observed_at` (both times aware). Only a matured one may train a model:
    early bads without the early goods beside them would make every young book look worse than it is. What the sender
    says of maturity (`mature`) counts more than the dates."""
    if mature if mature is not None else observed_at - applied_at >= window_of(term_months):
        return Source.EXPLORATION if explored else Source.OUTCOME
    return Source.EARLY_BAD if bad else Source.IMMATURE_GOOD


def window_fields(source: Source, *, applied_at: datetime, observed_at: datetime, term_months: int) -> dict[str, Any]:
    """`window_from`, `window_until`, `maturity` (share of the window that was over, 1 for a matured outcome) and
    `exclusion` of a label of repayment."""
    window = window_of(term_months)
    over = min(1.0, max(0.0, (observed_at - applied_at) / window))
    return {
        "window_from": applied_at,
        "window_until": applied_at + window,
        "maturity": over if EXCLUDED_AS[source] else 1.0,
        "exclusion": EXCLUDED_AS[source],
    }
