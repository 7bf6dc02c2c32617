"""How large the weights of a regression may be, and how freely its curves may bend: the penalties likeliest by the
loans."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, eigh

from scoring.ml.estimators.logistic import LogisticFit
from scoring.ml.sample_weights import Weights

FloatArray = NDArray[np.float64]

# Penalties that are tried. A bend costs at least what the slope costs; with the most, curves are straight.
BEND_PENALTIES: FloatArray = np.geomspace(1.0, 10_000.0, 60)
# Of all else: between a tenth and ten times what scikit-learn asks for by default.
WEIGHT_PENALTIES: FloatArray = np.geomspace(0.1, 10.0, 41)


def likeliest_penalty(
    design: FloatArray,
    bad: FloatArray,
    fit: LogisticFit,
    penalty: FloatArray,
    scaled: FloatArray,
    choices: FloatArray,
    weights: Weights = None,
) -> float:
    """The q of `choices` for which weights penalised by `penalty` + q * `scaled` (p, p) explain the outcomes best.

    `design` (n, p), outcomes `bad` (n,) and `fit` are of one regression, fitted with any q; the two matrices are
    positive semidefinite, penalise separate directions, and leave none free together; `choices` (c,) rise. A penalty
    is the inverse variance of weights that are drawn around 0, so the outcomes tell how large it is (empirical Bayes,
    MacKay 1992): integrated over the weights, their likelihood is, but for a constant,

        log L(q) = (rank(scaled) log q - log |H + q scaled| + r' (H + q scaled)^-1 r) / 2

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
    penalty, scaled = block_diag(penalty, 0.0), block_diag(scaled, 0.0)
    curvature = (design * variance[:, None]).T @ design + penalty + choices[0] * scaled
    shares, directions = eigh(scaled, curvature)
    pull = directions.T @ (design.T @ drawn)
    rank = np.linalg.matrix_rank(scaled)
    grown = 1.0 + np.outer(choices - choices[0], np.maximum(shares, 0.0))
    likelihood = rank * np.log(choices) - np.log(grown).sum(axis=1) + (pull**2 / grown).sum(axis=1)
    return float(choices[likelihood.argmax()])
