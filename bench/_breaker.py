"""The product's breaker over one simulated source, case by case: what it watches is what `routing/breaking.py` watches.

Watched are the facts alone, not score and approvals: a source is then stopped at the same case whatever model is in
force. One reference of the model's kind (loans of before), and the source's own once it has sent enough quiet cases.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench._lender import NAMES, SEGMENT
from scoring.breaker_models import BreakerRules, Sign
from scoring.ml.change import Detector, line_for
from scoring.ml.chart import Chart, Seen
from scoring.ml.drift import Reference, count_bins, make_reference

FloatArray = NDArray[np.float64]

# With the newest of so many loans a reference is made (`learning/usual.py`).
MOST: Final = 5_000
RULES: Final = BreakerRules()
SIGNS: Final = (Sign.MISSING, Sign.RANGE, Sign.DISTRIBUTION)


@dataclass
class SourceBreaker:
    """One source's stream: its detector, and the quiet cases that its own reference will be made of."""

    reference: Reference
    detector: Detector = field(init=False)
    chart: Chart = field(init=False)
    quiet: list[FloatArray] = field(default_factory=list)
    has_own: bool = False

    def __post_init__(self) -> None:
        self._begin(own=None)

    @classmethod
    def of(cls, values: FloatArray) -> SourceBreaker:
        """Against loans (n, k) of before."""
        newest = values[-MOST:]
        return cls(make_reference(NAMES, newest, np.zeros(len(newest))))

    def opens_at(self, values: FloatArray) -> int | None:
        """The first of these cases (m, k) that opens it, by its place; None where all are quiet."""
        nothing = np.zeros(len(values), dtype=np.bool_)
        bins = self.chart.bins(Seen(values, np.zeros(len(values)), nothing, nothing))
        for place, row in enumerate(bins):
            if self.detector.watch(row[None], np.array([place])):
                return place
        self._learn(values)
        return None

    def close(self, *, new_usual: bool) -> None:
        """Closed by two people; where they say that what comes now is usual, its own reference is learned anew."""
        if new_usual:
            self.quiet, self.has_own = [], False
            self._begin(own=None)
        else:
            self._renew()

    def _learn(self, values: FloatArray) -> None:
        if self.has_own:
            return
        self.quiet.extend(values)
        if len(self.quiet) >= RULES.own_cases:
            newest = np.array(self.quiet)[-RULES.own_cases :]
            columns = [*newest.T, np.zeros(len(newest))]
            counts = (count_bins(one, edges) for one, edges in zip(columns, self.reference.edges, strict=True))
            self.has_own = True
            self._begin(own=[each.tolist() for each in counts])

    def _begin(self, own: list[list[int]] | None) -> None:
        self.chart = Chart.of(self.reference, own=own, signs=SIGNS, categories=(NAMES[SEGMENT],))
        self._renew()

    def _renew(self) -> None:
        usual = self.chart.usual
        line = line_for(usual.watched, chance=RULES.false_alarm_chance, cases=RULES.within_cases)
        self.detector = Detector(usual, line, RULES.allowance)
