"""Challengers that people have trained in the browser: asked for once, one at a time, never in force by themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cases.errors import BadDecision, CaseNotFound, NotAllowed
from cases.models import Case, User
from learning import training_requests
from learning.models import Training, TrainingSet
from learning.set_building import build_training_set
from learning.training_models import RECIPE_NAMES
from learning.training_requests import ask_training, run_trainings, trainings_waiting
from scoring.ml.recipes import RECIPES
from scoring.models import ModelVersion
from scoring.registry import champion_version
from tests.desk.conftest import SignsIn, signs_in
from tests.learning.test_datasets import loans

__all__ = ["loans", "signs_in"]
QUICK = "logistic_regression"


@pytest.fixture
def dataset(loans: list[Case]) -> TrainingSet:
    return build_training_set("consumer")


def test_the_recipes_that_may_be_asked_for_are_those_that_there_are() -> None:
    assert set(RECIPE_NAMES) == set(RECIPES)


def test_an_administrator_has_a_challenger_trained_from_the_page_of_a_set(
    dataset: TrainingSet, admin: User, supervisor: User, champion: ModelVersion, signs_in: SignsIn
) -> None:
    client, place = signs_in(admin), reverse("desk:learning_set", args=[dataset.pk])
    asked = {"recipe": QUICK, "weights": "none"}
    for _press in range(2):
        assert client.post(reverse("desk:learning_train", args=[dataset.pk]), asked).status_code == 302
    assert (Training.objects.count(), trainings_waiting()) == (1, True)
    on_its_way = client.get(place).content.decode()
    assert "waits for a worker" in on_its_way
    assert 'hx-target="#trainings"' in on_its_way
    assert (run_trainings(), run_trainings(), trainings_waiting()) == (1, 0, False)
    training = Training.objects.get()
    model = training.model
    assert model is not None
    assert (training.state, training.tries, training.done) == ("done", 1, training.total)
    assert (model.status, model.recipe, model.trained_by, model.dataset_sha256) == (
        "candidate", QUICK, admin, dataset.sha256,
    )  # fmt: skip
    assert (model.card["weighing"]["kind"], champion_version("consumer")) == ("none", champion)
    part = client.get(place, headers={"HX-Request": "true", "HX-Target": "trainings"}).content.decode()
    assert reverse("desk:model_card", args=[model.pk]) in part
    assert "hx-get" not in part
    # A supervisor, who approves models, sees what was trained and has nothing to press.
    assert reverse("desk:learning_train", args=[dataset.pk]) not in signs_in(supervisor).get(place).content.decode()


def test_who_may_not_train_and_what_does_not_exist_changes_nothing(
    dataset: TrainingSet, admin: User, supervisor: User, auditor: User
) -> None:
    for person in (supervisor, auditor):
        with pytest.raises(NotAllowed):
            ask_training(dataset.pk, by=person, recipe=QUICK)
    with pytest.raises(BadDecision, match="one of the recipes"):
        ask_training(dataset.pk, by=admin, recipe="oracle")
    with pytest.raises(BadDecision, match="how the loans count"):
        ask_training(dataset.pk, by=admin, recipe=QUICK, weights="inferred")
    with pytest.raises(CaseNotFound):
        ask_training(dataset.pk + 1, by=admin, recipe=QUICK)
    assert Training.objects.count() == 0


def test_one_is_trained_at_a_time_and_what_is_left_behind_is_taken_up_once(dataset: TrainingSet, admin: User) -> None:
    first = ask_training(dataset.pk, by=admin, recipe=QUICK)
    second = ask_training(dataset.pk, by=admin, recipe="decision_tree")
    Training.objects.filter(pk=first.pk).update(state="training", beat_at=timezone.now(), tries=1)
    assert (run_trainings(), trainings_waiting()) == (0, False)
    silent = timezone.now() - training_requests.BEAT - timedelta(seconds=1)
    Training.objects.filter(pk=first.pk).update(beat_at=silent, tries=training_requests.MOST_TRIES)
    assert (trainings_waiting(), run_trainings()) == (True, 1)
    found = {each.pk: (each.state, each.problem.get("code")) for each in Training.objects.all()}
    assert found == {first.pk: ("failed", "left_behind"), second.pk: ("done", None)}


def test_a_set_that_was_altered_trains_nothing_and_the_page_says_why(
    dataset: TrainingSet, admin: User, signs_in: SignsIn
) -> None:
    Path(settings.DATASETS / f"{dataset.sha256}.parquet").write_bytes(b"no table")
    ask_training(dataset.pk, by=admin, recipe=QUICK)
    assert (run_trainings(), Training.objects.get().problem) == (1, {"code": "training_set_altered"})
    assert ModelVersion.objects.count() == 1
    page = signs_in(admin).get(reverse("desk:learning_set", args=[dataset.pk])).content.decode()
    assert "not those its hash names" in page
