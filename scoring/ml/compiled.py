"""The decorator of compiled functions: compiled once a machine where its code may be kept, once a process elsewhere.

numba costs each process half a second and 70 MB. Web processes read models for their tables and norms alone, so modules
of compiled functions are imported in the function that first needs one ("paid by who predicts"). None of these imports
would close a circle.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba
from numba import types

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

# What a compiled function takes: arrays that it only reads (whatever may write to them elsewhere), and its results.
FLOATS = types.Array(types.float64, 1, "C", readonly=True)
INTS = types.Array(types.int32, 1, "C", readonly=True)
FLAGS = types.Array(types.boolean, 1, "C", readonly=True)
FLOAT_ROWS = types.Array(types.float64, 2, "C", readonly=True)
FLAG_ROWS = types.Array(types.boolean, 2, "C", readonly=True)
INT_ROWS = types.Array(types.int32, 2, "C", readonly=True)
INTS_OUT = types.Array(types.int32, 1, "C")
INT_ROWS_OUT = types.Array(types.int32, 2, "C")
FLOATS_OUT = types.Array(types.float64, 1, "C")
FLOAT_ROWS_OUT = types.Array(types.float64, 2, "C")
FLOAT_BLOCKS = types.Array(types.float64, 3, "C", readonly=True)
FLOAT_BLOCKS_OUT = types.Array(types.float64, 3, "C")


def compiled(*arguments: types.Type) -> Callable[[Callable[Parameters, Returned]], Callable[Parameters, Returned]]:
    """Compile a function of these argument types for this processor, outside Python's lock.

    One stated signature a function: no array that happens to be read-only or strided starts another compilation in
    the middle of a batch. The machine code is kept beside the source, or in the user's cache folder, or in
    NUMBA_CACHE_DIR. Where none of them can be written, such as in a container with a read-only disk, it is compiled
    anew by each process instead of failing. No fast-math: NaN must stay NaN, and sums must keep their order.
    """

    def decorate(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
        try:
            made: Callable[Parameters, Returned] = numba.njit(arguments, cache=True, nogil=True)(function)
        except RuntimeError as error:
            if "no locator" not in str(error):
                raise
            made = numba.njit(arguments, cache=False, nogil=True)(function)
        return made

    return decorate


def part(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """A piece of compiled functions of the same file, compiled into each of them.

    Kept machine code notices changes in its own file only, so compiled functions use nothing from another file.
    """
    made: Callable[Parameters, Returned] = numba.njit(nogil=True, forceinline=True)(function)
    return made
