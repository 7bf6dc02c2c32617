"""What the routing of all folds comes to: the policy against the plain ways, and how much of that may be luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from routing.backtest import Figures

FloatArray = NDArray[np.float64]

# Ways that anybody can follow without a policy; the oracle is none of them.
PLAIN_WAYS: Final = ("threshold", "uncertainty", "random", "no_review")


def routing_summary(ways: Mapping[str, Figures], advantages: Sequence[FloatArray]) -> dict[str, Any]:
    """The policy against the others, from the mean figures of each way and, fold by fold, by how much each test row
    became cheaper under the policy than under the distance to the cut-off (n,).

    `closed` is the share of the way from `threshold` to `oracle` that the policy goes (below 0 where it is dearer than
    `threshold`; null where the oracle is not cheaper), `cheapest_plain` the cheapest other way and `above_cheapest` by
    what share of that cost the policy is dearer (below 0: cheaper). `saved` is the cost of `threshold` less that of the
    policy, a case, and `saved_error` its standard error: rows are paired, so only those count that one of the two looks
    at and the other does not. Folds weigh the same.
    """
    cost = {name: figures.cost for name, figures in ways.items()}
    cheapest = min(PLAIN_WAYS, key=cost.__getitem__)
    saved, distance = cost["threshold"] - cost["policy"], cost["threshold"] - cost["oracle"]
    errors = [float(fold.var()) / len(fold) for fold in advantages]
    return {
        "closed": saved / distance if distance > 0 else None,
        "cheapest_plain": cheapest,
        "above_cheapest": cost["policy"] / cost[cheapest] - 1.0 if cost[cheapest] > 0 else None,
        "saved": saved,
        "saved_error": float(np.sqrt(np.sum(errors))) / len(errors),
    }
