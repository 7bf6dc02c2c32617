"""Lets LightGBM load on a machine without libgomp, such as a bare container: scikit-learn's wheel carries a copy.

LightGBM's wheel wants the system's `libgomp.so.1`. The copy inside the wheel of scikit-learn is the same library under
another name; loaded under the name that LightGBM asks for, it serves both.
"""

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

_WANTED = "libgomp.so.1"


def provide_openmp() -> None:
    """Make sure that `libgomp.so.1` can be found by what is loaded after this; does nothing where the system has it.

    Call before the first import of lightgbm. Where no copy is found either, lightgbm's own import error says what to
    install.
    """
    if not sys.platform.startswith("linux") or _loads(_WANTED):
        return
    sklearn = find_spec("sklearn")
    if sklearn is None or not sklearn.submodule_search_locations:
        return
    copies = (Path(sklearn.submodule_search_locations[0]).parent / "scikit_learn.libs").glob("libgomp-*")
    for copy in copies:
        name = copy.name.encode() + b"\0"
        renamed = copy.read_bytes().replace(name, _WANTED.encode().ljust(len(name), b"\0"))
        memory = os.memfd_create(_WANTED)  # not written to disk: the environment may be read-only
        try:
            os.write(memory, renamed)
            _loads(f"/proc/self/fd/{memory}")
        finally:
            os.close(memory)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True
