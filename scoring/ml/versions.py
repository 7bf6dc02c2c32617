"""Versions of the libraries that a model's numbers depend on."""

import platform
from importlib.metadata import version

LIBRARIES = ("lightgbm", "scikit-learn", "shap", "numpy")
# A model is refused when the first two parts of one of these differ: text format and numbers may have changed.
PINNED = ("lightgbm", "scikit-learn")


def library_versions() -> dict[str, str]:
    """Installed versions by name, with Python's."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def same_release(one: str, other: str) -> bool:
    """Whether two versions agree in major and minor part."""
    return one.split(".")[:2] == other.split(".")[:2]
