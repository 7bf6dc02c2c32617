"""Logistic regression with a penalty and bounds: the one solver behind scorecard, logistic regression and blend."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from scoring.ml.sample_weights import Weights, total
from scoring.ml.sample_weights import mean as mean_of

FloatArray = NDArray[np.float64]

MOST_ITERATIONS = 500
# Slope of the mean loss at which the search ends: far below what any metric shows. It never ends for a small step:
# beside a bound one step can be tiny far from the optimum, and the weights of a blend were once left there.
TOLERANCE = 1e-7


@dataclass(frozen=True)
class LogisticFit:
    """Weights (p,) and intercept of log-odds = intercept + design @ weights."""

    weights: FloatArray
    intercept: float

    def log_odds(self, design: FloatArray) -> FloatArray:
        """Log-odds (n,) of a design (n, p)."""
        fitted: FloatArray = self.intercept + design @ self.weights
        return fitted


def fit_logistic(
    design: FloatArray,
    bad: FloatArray,
    *,
    penalty: FloatArray,
    centre: FloatArray | None = None,
    low: FloatArray | None = None,
    high: FloatArray | None = None,
    weights: Weights = None,
) -> LogisticFit:
    """Minimise sum(cross-entropy) + (w - centre)' penalty (w - centre) / 2 within low <= w <= high.

    `design` (n, p), `bad` (n,) in {0, 1} with both present; `penalty` (p, p) positive semidefinite; `centre`, `low`,
    `high` (p,); the intercept is free; with `weights` (n,) the sum is of weighted loans. scikit-learn's
    LogisticRegression(C) is penalty = identity / C with centre 0.
    Convex; solved by L-BFGS-B on columns of mean 0 and about equal curvature, the same problem in other units. As
    given, columns far from 0 (log-odds of rare defaults) all pull with the intercept, and the search takes long.
    """
    width, share, loans = design.shape[1], mean_of(bad, weights), total(len(design), weights)
    mean = np.average(design, axis=0, weights=weights)
    spread = design.var(axis=0) if weights is None else np.average((design - mean) ** 2, axis=0, weights=weights)
    curvature = spread + np.diag(penalty) / (loans * share * (1.0 - share))
    unit = np.sqrt(np.where(curvature > 0.0, curvature, 1.0))
    centre = np.zeros(width) if centre is None else centre * unit
    low = np.full(width, -np.inf) if low is None else low * unit
    high = np.full(width, np.inf) if high is None else high * unit
    start = np.append(np.clip(centre, low, high), np.log(share / (1.0 - share)))
    found = minimize(
        _mean_loss,
        start,
        args=((design - mean) / unit, bad, penalty / np.outer(unit, unit), centre, weights, loans),
        jac=True,
        method="L-BFGS-B",
        bounds=[*zip(low, high, strict=True), (-np.inf, np.inf)],
        options={"maxiter": MOST_ITERATIONS, "ftol": 0.0, "gtol": TOLERANCE},
    )
    slopes = np.asarray(found.x[:-1]) / unit
    return LogisticFit(slopes, float(found.x[-1] - slopes @ mean))


def _mean_loss(
    at: FloatArray,
    design: FloatArray,
    bad: FloatArray,
    penalty: FloatArray,
    centre: FloatArray,
    weights: Weights,
    loans: float,
) -> tuple[float, FloatArray]:
    """The loss a loan at the weights and, last, the intercept (p + 1,), and its slopes."""
    log_odds = design @ at[:-1] + at[-1]
    away = at[:-1] - centre
    pull = penalty @ away
    losses = np.logaddexp(0.0, log_odds) - bad * log_odds
    slope = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500.0, 500.0))) - bad
    if weights is not None:
        losses, slope = weights * losses, weights * slope
    value = losses.sum() + 0.5 * pull @ away
    gradient = np.append(design.T @ slope + pull, slope.sum())
    return float(value) / loans, gradient / loans
