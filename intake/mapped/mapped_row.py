"""What one row of a table was read as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from intake.mapped.joined import Wanted
from intake.values.outliers import Note


@dataclass(frozen=True)
class RowOutcome:
    """What became of one loan; `observed_at` is aware or unknown."""

    bad: bool
    observed_at: datetime | None
    mature: bool


@dataclass(frozen=True)
class MappedRow:
    """One row in the shape of `POST /cases`, the names of its derived fields, its outcome if known, and what of its
    values was changed. `reference` is the key under which the row is kept for other sources, and the moment from which
    it is known. `once` are features that are days, as the midnights or texts that they were told as once, and
    `exported` as a spreadsheet program writes those that were texts into a text file; `days` are all features that are
    read as days or moments. `computed_once` are features that are computed, as they were when they followed from the
    cells as they stand, and `noisy_once` from numbers with the noise of binary fractions, where they differ."""

    raw: dict[str, object]
    derived: tuple[str, ...]
    outcome: RowOutcome | None
    notes: tuple[Note, ...] = ()
    reference: Wanted | None = None
    once: Mapping[str, str] = field(default_factory=dict)
    exported: Mapping[str, str] = field(default_factory=dict)
    days: tuple[str, ...] = ()
    computed_once: Mapping[str, object] = field(default_factory=dict)
    noisy_once: Mapping[str, object] = field(default_factory=dict)

    @property
    def once_told(self) -> dict[str, Any]:
        """By what else the row is known on record, as `read_submission` takes it."""
        return {
            "once": self.once,
            "exported": self.exported,
            "days": self.days,
            "computed_once": self.computed_once,
            "noisy_once": self.noisy_once,
        }
