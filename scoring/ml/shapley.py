"""Exact contributions of every tree model: path-dependent SHAP values, at about the price of a prediction.

The question answered is "how did each column move this row away from the average of the rows that take the same
paths" (TreeSHAP, Lundberg et al. 2020, feature_perturbation="tree_path_dependent"): columns that are not known are
averaged over by the covers of the trees. With the covers of the training rows, the average is over the population;
with those of a cohort (`FlatTrees.with_cover`), over that cohort.

**One leaf.** A path to a leaf of value v asks something of d distinct columns; questions to one column merge. Let o be
1 when the row meets all that is asked of column j, else 0, and z the product of the cover ratios of its splits. When
the columns of a set S are known, the leaf counts v prod_{j in S} o_j prod_{j not in S} z_j. The Shapley value of this
game is the integral of the derivative of its multilinear extension along the diagonal (Owen 1972):

    phi_j = v (o_j - z_j) int_0^1 prod_{i != j} (t o_i + (1 - t) z_i) dt

**Quadrature.** The integrand is a polynomial in t of degree d - 1, so Gauss-Legendre quadrature with ceil(d / 2)
points is not an approximation. Since o is 0 or 1, with P = prod_i (t o_i + (1 - t) z_i) and C_j = 1 / (t + (1 - t) z_j)

    phi_j = v sum_q w_q / (1 - t_q) P_q (o_j C_j,q - 1)

without any division by a term that may be 0: a ratio z of 0 needs no case of its own.

**One tree.** P of a leaf is a product along its path, so leaves share it as they share the path: going down, each
split multiplies once for each child. The bracket changes only where the path asks column j again, from its condition
before to the one behind the split. So, coming up with H, the sum of v w / (1 - t) P over the leaves below, a split of
column j books on j

    sum_q H_left (o_left C_left - o_before C_before) + H_right (o_right C_right - o_before C_before)

(o_before C_before = 1 where j was not asked before), and every leaf has then booked its last bracket for each of its
columns. That is about ten operations for each split and point, with constants that depend on the model alone.
Accuracy, measured costs and limits: docs/explanations.md.
"""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scoring.ml.trees.flat_trees import FlatTrees

if TYPE_CHECKING:
    from scoring.ml.trees.shapley_tables import ShapleyTables

FloatArray = NDArray[np.float64]


class TreeShapley:
    """Explains one model, from the average by the covers of its trees; `base_value` is that average.

    More baselines are the same trees with other covers, each with its average in `base_values`, and are explained from
    together. ValueError when the trees are not the same.
    """

    def __init__(self, trees: FlatTrees, *more: FlatTrees) -> None:
        self._baselines = (trees, *more)
        if not all(trees.splits_like(other) for other in more):
            raise ValueError("baselines differ in the covers of their trees and in nothing else")
        self.base_values = tuple(_mean_by_cover(each) for each in self._baselines)
        self.base_value = self.base_values[0]

    def explain(self, values: FloatArray) -> FloatArray:
        """Contributions (n, k) of values (n, k), NaN missing; base_value + a row's sum is its `predict`.

        A row's contributions are the same to the last bit in whatever batch it comes. ValueError when k is not the
        trees'.
        """
        first: FloatArray = self.explain_from(values, slice(0, 1))[0]
        return first

    def explain_from(self, values: FloatArray, baselines: slice) -> FloatArray:
        """The same (b, n, k) from each of these baselines, in the order of the constructor."""
        return self._tables.explain(self._baselines[0].checked(values), baselines)

    @cached_property
    def _tables(self) -> "ShapleyTables":
        from scoring.ml.trees.shapley_tables import ShapleyTables  # numba: paid by who explains

        return ShapleyTables(self._baselines)


def _mean_by_cover(trees: FlatTrees) -> float:
    """Start plus every leaf, weighted by the part of the rows that reaches it."""
    weight = np.zeros(len(trees.feature))
    weight[trees.roots] = 1.0
    level = trees.roots
    while len(level := level[trees.feature[level] >= 0]):
        for children in (trees.left[level], trees.right[level]):
            weight[children] = weight[level] * trees.shares[children]
        level = np.concatenate([trees.left[level], trees.right[level]])
    return trees.start + float(weight @ trees.value)
