"""What an observed outcome is worth as a label: matured, bad before its time, or good so far."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from learning.models import Label

# A loan's performance window: twelve months on book, or its whole term when that is shorter.
WINDOW_MONTHS: Final = 12
DAYS_A_MONTH: Final = 365.25 / 12


def outcome_source(*, bad: bool, applied_at: datetime, observed_at: datetime, term_months: int) -> Label.Source:
    """The provenance of an outcome seen at `observed_at` (both times aware). Only a matured one may train a model:
    early bads without the early goods beside them would make every young book look worse than it is."""
    window = timedelta(days=DAYS_A_MONTH * min(WINDOW_MONTHS, term_months))
    if observed_at - applied_at >= window:
        return Label.Source.OUTCOME
    return Label.Source.EARLY_BAD if bad else Label.Source.IMMATURE_GOOD
