"""Model versions: registered once, numbered by product, and read from a file that nobody touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cases.models import User
from scoring.actions import register_model
from scoring.ml.champion import Champion
from scoring.ml.errors import ArtefactError
from scoring.models import ModelVersion
from scoring.promotion import promote_model
from scoring.registry import champion_version, load_by_hash
from tests.together import together

DATASET = "0" * 64


def challenger(trained: Champion, seed: int = 1) -> Champion:
    """Another model in all but its trees."""
    return replace(trained, seed=seed)


def test_a_registered_model_is_a_candidate_with_its_hash_versions_and_feature_table(
    db: None, trained: Champion
) -> None:
    version = register_model(trained)
    assert (version.product, version.number, version.status) == ("consumer", 1, "candidate")
    assert (version.dataset_sha256, version.recipe) == (DATASET, "blend")
    assert version.feature_table == trained.table.to_dict()
    assert version.feature_table_sha256 == trained.table.sha256
    assert {"lightgbm", "scikit-learn"} <= version.library_versions.keys()
    assert version.metrics["auc"] == trained.metrics["auc"]
    assert champion_version("consumer") is None
    assert load_by_hash(version.sha256).seed == trained.seed


def test_the_same_model_twice_is_one_version(db: None, trained: Champion) -> None:
    first, again = (register_model(trained) for _time in range(2))
    assert first == again
    assert ModelVersion.objects.count() == 1


def test_trainings_that_end_at_once_get_numbers_of_their_own(shared_db: None, trained: Champion) -> None:
    models = [challenger(trained, seed) for seed in range(1, 5)]
    versions = together([lambda model=model: register_model(model) for model in models])  # type: ignore[misc]
    assert sorted(version.number for version in versions) == [1, 2, 3, 4]


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(path.read_bytes()[:-1] + b" "), Path.unlink])
def test_a_process_that_keeps_a_model_notices_when_its_file_is_altered_or_removed(
    db: None, trained: Champion, admin: User, settings: Any, tmp_path: Path, harm: Callable[[Path], Any]
) -> None:
    settings.ARTEFACTS = tmp_path
    version = register_model(trained)
    assert load_by_hash(version.sha256) is load_by_hash(version.sha256)
    harm(tmp_path / f"{version.sha256}.json")
    with pytest.raises(ArtefactError):
        load_by_hash(version.sha256)
    with pytest.raises(ArtefactError):
        promote_model(version.pk, by=admin)
    assert champion_version("consumer") is None
