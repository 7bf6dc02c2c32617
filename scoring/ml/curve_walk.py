"""The compiled walk of rows through the curves of their columns; apart from curves.py, which imports it when needed."""

import numpy as np
from numpy.typing import NDArray

from scoring.ml.compiled import FLOAT_ROWS, FLOAT_ROWS_OUT, FLOATS, INTS, compiled, part

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


@part
def place_of(value: float, known: FloatArray, first: int, last: int) -> int:
    """Where in known[first:last] the value stands, the last such place; -1 where it does not."""
    found = -1
    for place in range(first, last):
        if known[place] == value:
            found = place
    return found


@part
def pieces_below(value: float, edges: FloatArray, low: int, high: int) -> int:
    """The first place in edges[low:high] of an edge above the value, `high` where none is."""
    while low < high:
        middle = (low + high) // 2
        if edges[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled(FLOAT_ROWS, FLOATS, FLOATS, FLOATS, INTS, FLOATS, FLOATS, FLOATS, INTS, FLOAT_ROWS_OUT)
def read_curves(
    values: FloatArray,
    edges: FloatArray,
    heights: FloatArray,
    slopes: FloatArray,
    first: IntArray,
    missing: FloatArray,
    special_values: FloatArray,
    special_heights: FloatArray,
    special_first: IntArray,
    result: FloatArray,
) -> None:
    """Write the height of every value (n, k) into `result` (n, k).

    The edges of column c are first[c] <= i < first[c + 1], its special values likewise. A curve has one piece more
    than edges, so its heights and slopes start c places after its edges.
    """
    rows, columns = values.shape
    for row in range(rows):
        for column in range(columns):
            value = values[row, column]
            if np.isnan(value):
                result[row, column] = missing[column]
                continue
            special = place_of(value, special_values, special_first[column], special_first[column + 1])
            if special >= 0:
                result[row, column] = special_heights[special]
                continue
            low = pieces_below(value, edges, first[column], first[column + 1])
            height = heights[low + column]
            # A flat piece is told apart because 0 times an infinite value is no number.
            if slopes[low + column] != 0.0:
                height += slopes[low + column] * (value - edges[low - 1])
            result[row, column] = height
