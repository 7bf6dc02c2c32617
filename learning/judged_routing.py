"""What the routing of all folds comes to: the policy against the plain ways, and how much of that may be luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.backtest import PLAIN_WAYS, Figures

FloatArray = NDArray[np.float64]


def routing_summary(ways: Mapping[str, Figures], advantages: Sequence[Mapping[str, FloatArray]]) -> dict[str, Any]:
    """The policy against the others, from the mean figures of each way and, fold by fold, by how much each test row
    became cheaper under the policy than under each plain way (n,).

    `closed` is the share of the way from `threshold` to `oracle` that the policy goes (below 0 where it is dearer than
    `threshold`; null where the oracle is not cheaper), `cheapest_plain` the cheapest other way and `above_cheapest` by
    what share of that cost the policy is dearer (below 0: cheaper), with the standard error `above_cheapest_error`.
    `saved` is the cost of `threshold` less that of the policy, a case, and `saved_error` its standard error. Rows are
    paired, so only those count for an error that one of the two looks at and the other does not. Folds weigh the same.
    """
    cost = {name: figures.cost for name, figures in ways.items()}
    cheapest = min(PLAIN_WAYS, key=cost.__getitem__)
    saved, distance = cost["threshold"] - cost["policy"], cost["threshold"] - cost["oracle"]
    return {
        "closed": saved / distance if distance > 0 else None,
        "cheapest_plain": cheapest,
        "above_cheapest": cost["policy"] / cost[cheapest] - 1.0 if cost[cheapest] > 0 else None,
        "above_cheapest_error": _error(advantages, cheapest) / cost[cheapest] if cost[cheapest] > 0 else None,
        "saved": saved,
        "saved_error": _error(advantages, "threshold"),
    }


def _error(advantages: Sequence[Mapping[str, FloatArray]], way: str) -> float:
    """Standard error of the mean over folds of what the policy saves against this way."""
    errors = [float(fold[way].var()) / len(fold[way]) for fold in advantages]
    return float(np.sqrt(np.sum(errors))) / len(errors)
