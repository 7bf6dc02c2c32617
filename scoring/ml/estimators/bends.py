"""How freely the curves of a regression may bend: the penalty of the bends that the loans make likeliest."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, eigh

from scoring.ml.estimators.logistic import LogisticFit
from scoring.ml.sample_weights import Weights

FloatArray = NDArray[np.float64]

# Penalties that are tried. A bend costs at least what the slope costs; with the most, curves are straight.
PENALTIES: FloatArray = np.geomspace(1.0, 10_000.0, 60)


def likeliest_penalty(
    design: FloatArray,
    bad: FloatArray,
    fit: LogisticFit,
    penalty: FloatArray,
    bends: FloatArray,
    weights: Weights = None,
) -> float:
    """The q of `PENALTIES` for which weights penalised by `penalty` + q * `bends` (p, p) explain the outcomes best.

    `design` (n, p), outcomes `bad` (n,) and `fit` are of one regression, fitted with any q; the two matrices are
    positive semidefinite, penalise separate directions, and leave none free together. A penalty is the inverse
    variance of weights that are drawn around 0, so the outcomes tell how large it is (empirical Bayes, MacKay 1992):
    integrated over the weights, their likelihood is, but for a constant,

        log L(q) = (rank(bends) log q - log |H + q bends| + r' (H + q bends)^-1 r) / 2

    with curvature H = design' V design + penalty and r = design' (V log-odds + bad - p) of the fit's p and
    V = diag(p (1 - p)), where the log-likelihood is taken to be quadratic (penalised quasi-likelihood, Breslow and
    Clayton 1993). One decomposition gives it for every q. With `weights` (n,) of the loans, V and bad - p are weighted.
    """
    log_odds = fit.log_odds(design)
    share = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500.0, 500.0)))
    variance = share * (1.0 - share)
    drawn = variance * log_odds + bad - share
    if weights is not None:
        variance, drawn = weights * variance, weights * drawn
    # The intercept is a weight like the others, which nothing penalises.
    design = np.column_stack([design, np.ones(len(design))])
    penalty, bends = block_diag(penalty, 0.0), block_diag(bends, 0.0)
    curvature = (design * variance[:, None]).T @ design + penalty + PENALTIES[0] * bends
    bent, directions = eigh(bends, curvature)
    pull = directions.T @ (design.T @ drawn)
    rank = np.linalg.matrix_rank(bends)
    grown = 1.0 + np.outer(PENALTIES - PENALTIES[0], np.maximum(bent, 0.0))
    likelihood = rank * np.log(PENALTIES) - np.log(grown).sum(axis=1) + (pull**2 / grown).sum(axis=1)
    return float(PENALTIES[likelihood.argmax()])
