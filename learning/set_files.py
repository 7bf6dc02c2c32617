"""The file of a training set: where it lies, and its rows, refused where they are not those that the hash names."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError
from learning.dataset import content_hash, read_table
from learning.models import TrainingSet

# How the hash of a set was taken, on its card: over the rows as the file gives them back. Sets of earlier releases were
# hashed before they were written, which the file alone cannot repeat (whole numbers are kept as numbers with a point).
HASHED: Final = "rows_of_the_file"


class TrainingSetLost(CaseError):
    status = 409
    code = "training_set_lost"
    title = _("The training set is missing")
    sentence = _("The file of this training set is missing; build a new set from the same cases.")


class TrainingSetAltered(CaseError):
    status = 409
    code = "training_set_altered"
    title = _("The training set was altered")
    sentence = _("The rows in the file of this training set are not those its hash names. Nothing is read from it.")


def path_of(dataset: TrainingSet) -> Path:
    """Where the rows of a set lie."""
    return path_of_hash(dataset.sha256)


def path_of_hash(sha256: str) -> Path:
    return Path(settings.DATASETS / f"{sha256}.parquet")


def read_set(dataset: TrainingSet) -> list[dict[str, Any]]:
    """The rows of a set, checked against its hash.

    Raises:
        TrainingSetLost: its file is not there. TrainingSetAltered: other rows than were hashed, or no table at all.
    """
    path = path_of(dataset)
    if not path.is_file():
        raise TrainingSetLost
    try:
        rows = read_table(path)
    except (OSError, ValueError) as problem:  # what pyarrow raises of a file that is no table
        raise TrainingSetAltered from problem
    if dataset.card.get("hashed") == HASHED and content_hash(rows) != dataset.sha256:
        raise TrainingSetAltered
    return rows
