"""Which fact goes with which: a tree of the strongest dependences between binned facts (Chow and Liu 1968)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Mutual information is measured on so many loans, evenly spread: the choice of the tree needs no more.
TREE_ROWS = 5000
# So many loans' worth of "the two facts have nothing to do with each other" in every row of a table of chances.
PRIOR_LOANS = 5.0


@dataclass(frozen=True)
class Pair:
    """Two columns that go together; `table` (parent bins, child bins) is max(0, ln(P(child) / P(child | parent)))."""

    child: int
    parent: int
    table: FloatArray

    @classmethod
    def fit(cls, child: int, parent: int, places: IntArray, bins: Sequence[int]) -> Self:
        """From the bins (n, k) of loans, -1 missing, and the number of bins of each column.

        A row of chances is drawn towards P(child), so that a pair no loan had stays finite.
        """
        counts = _counts(places[:, child], places[:, parent], bins[child], bins[parent])
        alone = counts.sum(axis=0) + 1.0
        alone /= alone.sum()
        beside = (counts + PRIOR_LOANS * alone) / (counts.sum(axis=1, keepdims=True) + PRIOR_LOANS)
        return cls(child, parent, np.maximum(0.0, np.log(alone / beside)))


@dataclass(frozen=True)
class DependenceTree:
    """The pairs of a spanning forest with the largest sum of mutual information."""

    pairs: tuple[Pair, ...]

    @classmethod
    def fit(cls, places: IntArray, bins: Sequence[int], meanings: Sequence[str]) -> Self:
        """From the bins (n, k) of loans, -1 missing, and of each column the number of bins and what it means.

        Columns that share no more than chance would show (degrees of freedom / 2n, Miller 1955) are left apart, and so
        are columns of one meaning: a rate and a grade go together by the lender's price list, and a new list is no new
        kind of case.
        """
        sample = places[np.linspace(0, len(places) - 1, min(TREE_ROWS, len(places))).astype(np.int64)].T
        gains = np.zeros((len(bins), len(bins)))
        for child in range(len(bins)):
            for parent in range(child):
                if meanings[child] == meanings[parent]:
                    continue
                counts = _counts(sample[child], sample[parent], bins[child], bins[parent])
                gains[child, parent] = gains[parent, child] = _mutual_information(counts)
        return cls(tuple(Pair.fit(child, parent, places, bins) for child, parent in _spanning_forest(gains)))

    def of_loans(self, places: IntArray, bins: Sequence[int]) -> Self:
        """The same pairs with tables learned from other loans."""
        return type(self)(tuple(Pair.fit(pair.child, pair.parent, places, bins) for pair in self.pairs))

    @cached_property
    def children(self) -> IntArray:
        """Column (pairs,) of each pair's child."""
        return np.array([pair.child for pair in self.pairs], dtype=np.int64)

    @cached_property
    def parents(self) -> IntArray:
        """Column (pairs,) of each pair's parent."""
        return np.array([pair.parent for pair in self.pairs], dtype=np.int64)

    def strangeness(self, places: IntArray) -> FloatArray:
        """Each pair's entry (n, pairs) for the bins (n, k) of cases, 0 where either fact is missing (-1)."""
        children, parents = places[:, self.children], places[:, self.parents]
        tables, starts, widths = self._flat
        known = (children >= 0) & (parents >= 0)
        # One gather from all tables laid end to end; a missing fact looks up the first entry of its table.
        return np.where(known, tables[starts + np.where(known, parents * widths + children, 0)], 0.0)

    @cached_property
    def _flat(self) -> tuple[FloatArray, IntArray, IntArray]:
        """All tables end to end, where each starts, and how wide its rows are."""
        sizes = np.array([pair.table.size for pair in self.pairs], dtype=np.int64)
        widths = np.array([pair.table.shape[1] for pair in self.pairs], dtype=np.int64)
        tables = np.concatenate([np.empty(0), *(pair.table.ravel() for pair in self.pairs)])
        return tables, np.cumsum(sizes) - sizes, widths

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers; JSON keeps every digit."""
        pairs = [{"child": one.child, "parent": one.parent, "table": one.table.tolist()} for one in self.pairs]
        return {"pairs": pairs}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """What `to_dict` described."""
        return cls(
            tuple(
                Pair(one["child"], one["parent"], np.array(one["table"], dtype=np.float64)) for one in content["pairs"]
            )
        )


def _counts(child: IntArray, parent: IntArray, child_bins: int, parent_bins: int) -> FloatArray:
    """Loans (parent bins, child bins) that have both facts."""
    both = (child >= 0) & (parent >= 0)
    flat = np.bincount(parent[both] * child_bins + child[both], minlength=parent_bins * child_bins)
    return flat.reshape(parent_bins, child_bins).astype(np.float64)


def _mutual_information(counts: FloatArray) -> float:
    """Mutual information in nats less what chance alone would show."""
    rows, columns, total = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    if not total:
        return 0.0
    filled = counts > 0
    expected = np.outer(rows, columns) / total
    found = (counts[filled] * np.log(counts[filled] / expected[filled])).sum() / total
    freedom = ((rows > 0).sum() - 1) * ((columns > 0).sum() - 1)
    return float(found - freedom / (2 * total))


def _spanning_forest(gains: FloatArray) -> list[tuple[int, int]]:
    """(child, parent) of the edges that Prim's algorithm takes while there is anything to gain."""
    best, parent = gains[0].copy(), np.zeros(len(gains), dtype=np.int64)
    inside = np.zeros(len(gains), dtype=np.bool_)
    inside[0] = True
    edges = []
    for _ in range(len(gains) - 1):
        child = int(np.argmax(np.where(inside, -np.inf, best)))
        if best[child] > 0:
            edges.append((child, int(parent[child])))
        inside[child] = True
        closer = gains[child] > best
        best, parent = np.where(closer, gains[child], best), np.where(closer, child, parent)
    return edges
