"""Folds with the same share of bads each: what judges a loan must not have learned from it."""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


def stratified_folds(y: NDArray[np.generic], folds: int, seed: int) -> IntArray:
    """A fold 0 to `folds` - 1 for each of y (n,), drawn by `seed`; of each class, folds differ by one row at most.

    Ours rather than scikit-learn's, so that a process that only scores need not load scikit-learn.
    """
    fold_of = np.zeros(len(y), dtype=np.int64)
    random = np.random.default_rng(seed)
    dealt = 0
    for outcome in np.unique(y):
        members = np.flatnonzero(y == outcome)
        # Dealing goes on where the class before ended, so that the sizes of whole folds differ by one at most, too.
        fold_of[random.permutation(members)] = (dealt + np.arange(len(members))) % folds
        dealt += len(members)
    return fold_of
