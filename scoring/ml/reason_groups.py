"""Groups of features as arrays: which columns make one reason for a reviewer, and which may be told to an applicant."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class ReasonGroups:
    """All g groups that anybody is given as a reason, each of at least one column.

    `columns` (g, w) holds each group's columns, filled up with -1; `joined` the same columns group after group, each
    group from its place in `starts` (g,) on. `reviewer` and `applicant` are the groups for either, in the table's
    order; a group of which all columns may be told is one and the same for both.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    columns: IntArray
    joined: IntArray
    starts: IntArray
    reviewer: IntArray
    applicant: IntArray
    # Spelled once and kept: tuples of texts that live on are left alone by the garbage collector, and so are the
    # reasons that hold them. A batch of thousands would wake it otherwise.
    _spelled: dict[bytes, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, names: Sequence[str], groups: Mapping[str, Sequence[int]], told: Container[int]) -> Self:
        """From the columns of each group code, and those that an applicant may be told."""
        places: dict[tuple[str, tuple[int, ...]], int] = {}

        def place(code: str, columns: Sequence[int]) -> int:
            return places.setdefault((code, tuple(columns)), len(places))

        reviewer = [place(code, columns) for code, columns in groups.items() if columns]
        tellable = {code: [one for one in columns if one in told] for code, columns in groups.items()}
        applicant = [place(code, columns) for code, columns in tellable.items() if columns]
        padded = np.full((len(places), max((len(columns) for _, columns in places), default=1)), -1, dtype=np.int64)
        for row, (_, columns) in enumerate(places):
            padded[row, : len(columns)] = columns
        starts = np.cumsum([0, *(len(columns) for _, columns in places)])[:-1]
        return cls(
            tuple(names),
            tuple(code for code, _ in places),
            padded,
            padded[padded >= 0],
            starts,
            np.array(reviewer, dtype=np.int64),
            np.array(applicant, dtype=np.int64),
        )

    def sums(self, parts: FloatArray) -> FloatArray:
        """Sums (n, g) of parts (n, k). Those of a row do not depend on the other rows, as a matrix product's would."""
        found: FloatArray = np.add.reduceat(parts[:, self.joined], self.starts, axis=1)
        return found

    def all_of(self, marks: BoolArray) -> BoolArray:
        """Where (n, g) every column of a group is marked (n, k)."""
        found: BoolArray = np.logical_and.reduceat(marks[:, self.joined], self.starts, axis=1)
        return found

    def any_of(self, marks: BoolArray) -> BoolArray:
        """Where (n, g) a column of a group is marked (n, k)."""
        found: BoolArray = np.logical_or.reduceat(marks[:, self.joined], self.starts, axis=1)
        return found

    def spelled(self, columns: IntArray) -> list[tuple[str, ...]]:
        """The names of each row of columns (m, w), fillings left out; few orders of them occur."""
        keys: list[bytes] = np.ascontiguousarray(columns).view(f"V{columns.itemsize * columns.shape[1]}")[:, 0].tolist()
        for key in set(keys) - self._spelled.keys():
            places = np.frombuffer(key, dtype=columns.dtype).tolist()
            self._spelled[key] = tuple(self.names[column] for column in places if column >= 0)
        return [self._spelled[key] for key in keys]
