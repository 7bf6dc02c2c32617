"""What every stored model can do, whatever its form: read, predict, explain from a baseline, be stored."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Whom a case is compared with: all training loans, or the loans of `with_cohort` (those just approved at the cut-off).
Baseline = Literal["population", "cohort"]
BASELINES: tuple[Baseline, ...] = ("population", "cohort")


class Form(Protocol):
    """What every stored model can do with values (n, k); NaN is missing."""

    @property
    def columns(self) -> int:
        """k."""

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of a bad outcome; a row gives the same bits alone or among others."""

    def base_value(self, baseline: Baseline = "population") -> float:
        """Log-odds that contributions start from."""

    def explain(self, values: FloatArray, baseline: Baseline = "population") -> FloatArray:
        """Shapley contributions (n, k); with the base value they add up to the log-odds, to within 1e-9."""

    def read(self, values: FloatArray) -> Any:
        """What log-odds and explanations both begin with; who wants several of them reads once."""

    def log_odds_of(self, read: Any) -> FloatArray:
        """`log_odds` of what `read` gave."""

    def explain_from(self, read: Any, baselines: Sequence[Baseline]) -> FloatArray:
        """`explain` (b, n, k) of what `read` gave, from each of these baselines."""

    def with_cohort(self, values: FloatArray) -> Self:
        """The same model with the cohort baseline measured on these rows (m, k), m >= 1."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-able and exact; `form_from_dict` gives an equal form back."""


class OfRead:
    """`log_odds` and `explain` of a form in terms of what it reads."""

    def log_odds(self: Form, values: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of values (n, k)."""
        return self.log_odds_of(self.read(values))

    def explain(self: Form, values: FloatArray, baseline: Baseline = "population") -> FloatArray:
        """Shapley contributions (n, k) of values (n, k)."""
        found: FloatArray = self.explain_from(self.read(values), (baseline,))[0]
        return found
