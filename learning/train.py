"""Training a model on a training set. Apart from the other actions: whoever imports it loads the model libraries."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError
from learning.dataset import read_table
from learning.models import TrainingSet
from scoring.actions import register_model
from scoring.ml.features import feature_table_for
from scoring.ml.pipeline import train_champion
from scoring.ml.training import Progress
from scoring.models import ModelVersion


class TrainingSetLost(CaseError):
    status = 409
    code = "training_set_lost"
    sentence = _("The file of this training set is missing; build a new set from the same cases.")


def train_model(
    dataset: TrainingSet, *, recipe: str = "blend", seed: int = 0, progress: Progress | None = None
) -> ModelVersion:
    """Train a recipe on a training set, with the feature table of its product, and register the model as a candidate.

    Raises:
        TrainingSetLost: the set's file is not there. ModelError: no feature table, or too few loans to learn from.
        KeyError: no such recipe.
    """
    table = feature_table_for(dataset.product)
    path = settings.DATASETS / f"{dataset.sha256}.parquet"
    if not path.is_file():
        raise TrainingSetLost
    rows = read_table(path)
    outcomes = [int(row["is_bad"]) for row in rows]
    champion = train_champion(
        table, rows, outcomes, recipe=recipe, seed=seed, dataset_sha256=dataset.sha256, progress=progress
    )
    return register_model(champion)
