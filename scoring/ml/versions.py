"""Versions of Python and of the libraries that a model's numbers depend on."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

# The first three made the model, the last two run it. Any other release of one of them may round otherwise or read a
# value otherwise, a patch release too, so a model is refused by all but its own until it was verified anew.
LIBRARIES = ("lightgbm", "xgboost", "scikit-learn", "numba", "numpy")


class Other(NamedTuple):
    """A library that is another one here than a model was `made` with."""

    name: str
    made: str
    installed: str


def library_versions() -> dict[str, str]:
    """Installed versions by name, with Python's."""
    return {"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}}


def other_version(made: Mapping[str, str]) -> Other | None:
    """The first that differs from what a model was made with; None where all are the same.

    Of Python the major and minor part count. Its patch releases mend security and leave floating point to the
    processor, and machines of one fleet get them on different days: refusing them would stop scoring on some.
    KeyError where `made` does not name them all.
    """
    for name, installed in library_versions().items():
        parts = 2 if name == "python" else None
        if made[name].split(".")[:parts] != installed.split(".")[:parts]:
            return Other(name, made[name], installed)
    return None


def _version(name: str) -> str:
    """Linux has XGBoost as a package without graphics-card code, under another name."""
    try:
        return version(f"{name}-cpu")
    except PackageNotFoundError:
        return version(name)
