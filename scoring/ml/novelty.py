"""Novelty: how unlike the training loans a case is, in its single facts and in how they go together.

Single facts: a number outside the middle 99.8 % of the training loans, a category or special value which fewer than
one in a thousand of them had, a value that cannot be read. Together: which fact goes with which is learned as a tree
of the strongest dependences (Chow and Liu 1968, "Approximating discrete probability distributions with dependence
trees") over coarse bins. A pair of facts along the tree counts ln(P(value) / P(value | its parent's value)) where that
is above zero: how many times rarer the value is beside the other one than on its own, so that a rare value alone is
not counted again. Pairs are weighted by the model's weight of both facts. The sum, set against the training loans', is
the second half. A missing fact is not new: it has a part of its own in the doubt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring.ml.columns import Columns
from scoring.ml.curves import CurveTable
from scoring.ml.dependence import DependenceTree
from scoring.ml.seen_values import SeenValues
from scoring.ml.tail import Tail, row_sums, weight_on

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FOLDS = 5


@dataclass(frozen=True)
class Novelty:
    """`seen` in each column, the `tree` of pairs, the model's `weights` (k,), and how strange loans usually are."""

    seen: tuple[SeenValues, ...]
    tree: DependenceTree
    weights: FloatArray
    usual: Tail

    @classmethod
    def fit(
        cls, values: FloatArray, columns: Columns, weights: FloatArray, meanings: Sequence[str] | None = None
    ) -> Self:
        """From training values (n, k), NaN missing, the model's weights (k,) of the columns, sum 1, and their meanings.

        Columns of one meaning are not set against each other; None: each has its own.
        """
        seen = tuple(
            SeenValues.fit(column, categorical=categorical, specials=specials)
            for column, categorical, specials in zip(values.T, columns.categorical, columns.specials, strict=True)
        )
        _, places = _read(seen, values)
        bins = [one.bins for one in seen]
        tree = DependenceTree.fit(places, bins, meanings or [str(place) for place in range(len(bins))])
        usual, fold_of = np.zeros(len(values)), np.arange(len(values)) % FOLDS
        for fold in range(FOLDS):
            # A loan that helped to fill a table looks more usual than a new one: each is measured by the others.
            here = fold_of == fold
            held_out = tree.of_loans(places[~here], bins)
            usual[here] = row_sums(_strangeness(held_out, weights, places[here]))
        return cls(seen, tree, weights, Tail.fit(usual))

    def score(self, values: FloatArray, unreadable: BoolArray) -> tuple[FloatArray, BoolArray]:
        """Novelty (n,), 0..1, and the facts (n, k) that make it, of values (n, k) and what could not be read.

        Novelty is the larger of the weight that stands on new single facts and the doubt of `Tail` for the facts
        together. The facts named for the latter are those of each pair that counts at least half of the strangest.
        """
        is_new, bins = self._curves
        new, places = unreadable | (is_new.heights(values) != 0.0), bins.heights(values).astype(np.int64)
        strange = _strangeness(self.tree, self.weights, places)
        together = self.usual.doubt(row_sums(strange))
        novelty: FloatArray = np.maximum(weight_on(new, self.weights), together)
        for row in np.flatnonzero(together):
            telling = strange[row] >= strange[row].max() / 2
            new[row, self.tree.children[telling]] = True
            new[row, self.tree.parents[telling]] = True
        return novelty, new

    @cached_property
    def _curves(self) -> tuple[CurveTable, CurveTable]:
        """What `_read` tells, column by column, as curves of all columns."""
        new, bins = zip(*(one.curves() for one in self.seen), strict=True)
        return CurveTable(new), CurveTable(bins)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dicts and numbers; JSON keeps every digit."""
        return {
            "seen": [asdict(one) for one in self.seen],
            "tree": self.tree.to_dict(),
            "weights": self.weights.tolist(),
            "usual": self.usual.to_dict(),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """What `to_dict` described."""
        return cls(
            seen=tuple(SeenValues.from_dict(one) for one in content["seen"]),
            tree=DependenceTree.from_dict(content["tree"]),
            weights=np.array(content["weights"], dtype=np.float64),
            usual=Tail.from_dict(content["usual"]),
        )


def _read(seen: tuple[SeenValues, ...], values: FloatArray) -> tuple[BoolArray, IntArray]:
    """Which values (n, k) are new, and their bins (n, k), -1 missing."""
    new, places = np.zeros(values.shape, dtype=np.bool_), np.zeros(values.shape, dtype=np.int64)
    for number, one in enumerate(seen):
        new[:, number], places[:, number] = one.read(values[:, number])
    return new, places


def _strangeness(tree: DependenceTree, weights: FloatArray, places: IntArray) -> FloatArray:
    """Strangeness (n, pairs) of bins (n, k), each pair's times the model's weight of both facts."""
    return tree.strangeness(places) * (weights[tree.children] + weights[tree.parents])
