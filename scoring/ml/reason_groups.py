"""Groups of features as arrays: which columns make one reason for a reviewer, and which may be told to an applicant."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scoring.ml.vocabulary import Feature

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Read:
    """The r columns that a reader takes one way, the directions (r,) and the special values of each."""

    columns: IntArray
    directions: FloatArray
    specials: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, features: Sequence[Feature]) -> Self:
        """Those of all columns that have a `told_direction`."""
        read = {column: one for column, one in enumerate(features) if one.told_direction is not None}
        directions = np.array([one.reads for one in read.values()], dtype=np.float64)
        return cls(np.array([*read], dtype=np.int64), directions, tuple(one.specials for one in read.values()))

    def sides(self, values: FloatArray, norms: FloatArray) -> FloatArray | None:
        """Where (n, k) values stand by the norms (n, k): 1 where a reader takes them for riskier, -1 for safer.

        0 at the norm, where either is unknown or special, and for all other columns; None where there is no column.
        """
        if not len(self.columns):
            return None
        value, norm = values[:, self.columns], norms[:, self.columns]
        # NaN compares false.
        side = (value > norm).astype(np.float64) - (value < norm)
        for place, specials in enumerate(self.specials):
            if specials:
                side[np.isin(value[:, place], specials) | np.isin(norm[:, place], specials), place] = 0.0
        sides = np.zeros(values.shape)
        sides[:, self.columns] = side * self.directions
        return sides


@dataclass(frozen=True)
class ReasonGroups:
    """All g groups that anybody is given as a reason, each of at least one column.

    `columns` (g, w) holds each group's columns, filled up with -1; `joined` the same columns group after group, each
    group from its place in `starts` (g,) on. `reviewer` and `applicant` are the groups for either, in the table's
    order; a group of which all columns may be told is one and the same for both. `read` are the columns that a reader
    takes one way.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    columns: IntArray
    joined: IntArray
    starts: IntArray
    reviewer: IntArray
    applicant: IntArray
    read: Read
    # Spelled once and kept: tuples of texts that live on are left alone by the garbage collector, and so are the
    # reasons that hold them. A batch of thousands would wake it otherwise.
    _spelled: dict[bytes, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, names: Sequence[str], groups: Mapping[str, Sequence[int]], told: Container[int], read: Read) -> Self:
        """From the columns of each group code, those that an applicant may be told, and those that are read one way."""
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
            read,
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
