"""Model versions: registered once, numbered by product, and read from a file that nobody touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from numpy.typing import NDArray

from cases.models import Case, User
from learning.models import HeldOutScore
from learning.verified import verify_model
from scoring.actions import register_model, score_waiting_cases
from scoring.ml.artefact import save_champion
from scoring.ml.champion import Champion
from scoring.ml.errors import ArtefactError
from scoring.models import Assessment, ModelVersion
from scoring.promotion import promote_model
from scoring.registry import champion_version, load_by_hash, load_version
from tests import make
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


def with_another_table(trained: Champion) -> ModelVersion:
    """The record of a model beside the file of one that reads by another feature table."""
    version = register_model(trained)
    other = replace(trained, table=replace(trained.table, currency="EUR"))
    version.sha256 = save_champion(other, settings.ARTEFACTS).sha256
    kept = {field.name: getattr(version, field.name) for field in ModelVersion._meta.fields if field.name != "id"}
    return ModelVersion.objects.create(**{**kept, "number": 2})


def test_a_file_with_another_feature_table_than_its_record_names_is_refused(
    db: None, trained: Champion, admin: User
) -> None:
    version = with_another_table(trained)
    for refused in (lambda: load_version(version), lambda: promote_model(version.pk, by=admin)):
        with pytest.raises(ArtefactError, match="consumer v2 holds another feature table than its record") as caught:
            refused()
        assert (caught.value.code, "特征表与登记的不一致" in caught.value.zh) == ("feature_table", True)
    assert champion_version("consumer") is None


def test_cases_of_a_model_with_another_feature_table_go_to_people_with_the_sentence(
    db: None, trained: Champion, admin: User
) -> None:
    version = with_another_table(trained)
    # Past the guards, which let no such model come into force: as if its record had been changed afterwards.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE scoring_modelversion DISABLE TRIGGER USER")
        ModelVersion.objects.filter(pk=version.pk).update(status="champion")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE scoring_modelversion ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    case = make.case("A-1")
    score_waiting_cases("tests")
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.why[0]["code"]) == ("queued", "model_refused")
    assert "another feature table" in case.why[0]["params"]["problem"]
    assert not Assessment.objects.exists()


def test_a_model_of_other_libraries_serves_again_once_it_was_verified_and_promoted(
    db: None, trained: Champion, admin: User
) -> None:
    old = register_model(replace(trained, versions={**trained.versions, "numpy": "1.26.4"}))
    case = make.case("A-1")
    HeldOutScore.objects.create(model=old, case=case, log_odds=-2.5)
    with pytest.raises(ArtefactError, match=r"numpy 1\.26\.4"):
        promote_model(old.pk, by=admin)
    figures = {"stdout": StringIO()}
    call_command("verify_model", "--number", str(old.number), "--json", **figures)
    told = json.loads(figures["stdout"].getvalue())
    new = ModelVersion.objects.get(sha256=told["sha256"])
    assert (told["verified_as"], told["is_new"], new.status, new.number) == ("consumer v2", True, "candidate", 2)
    assert new.library_versions == trained.versions
    assert list(HeldOutScore.objects.filter(model=new).values_list("case", "log_odds")) == [(case.pk, -2.5)]
    assert "numpy 1.26.4" in (settings.ARTEFACTS / f"{new.sha256}.card.en.html").read_text(encoding="utf-8")
    assert verify_model(old) == new
    assert verify_model(new) == new
    promote_model(new.pk, by=admin)
    assert load_version(new).log_odds(trained_smoke(trained)).tolist() == trained.smoke.assessed["log_odds"]


def trained_smoke(trained: Champion) -> NDArray[np.float64]:
    return np.array(trained.smoke.assessed["values"], dtype=np.float64)


def test_there_is_nothing_to_verify_where_no_model_serves(db: None) -> None:
    with pytest.raises(CommandError, match="No model of consumer serves"):
        call_command("verify_model")
    with pytest.raises(CommandError, match="There is no model consumer v7"):
        call_command("verify_model", "--number", "7")
