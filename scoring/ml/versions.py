"""Versions of the libraries that a model's numbers depend on."""

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("lightgbm", "xgboost", "scikit-learn", "numba", "numpy")
# A model is refused when the first two parts of one of these differ: they made it. What runs it (numba, numpy) is
# checked by its smoke vectors instead.
PINNED = ("lightgbm", "xgboost", "scikit-learn")


def library_versions() -> dict[str, str]:
    """Installed versions by name, with Python's."""
    return {"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}}


def same_release(one: str, other: str) -> bool:
    """Whether two versions agree in major and minor part."""
    return one.split(".")[:2] == other.split(".")[:2]


def _version(name: str) -> str:
    """Linux has XGBoost as a package without graphics-card code, under another name."""
    try:
        return version(f"{name}-cpu")
    except PackageNotFoundError:
        return version(name)
