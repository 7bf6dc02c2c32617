"""The trainings of challengers on a set: the form that asks for one, and how far each is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import User
from cases.products import numbered
from desk.build.card_words import RECIPES
from desk.charts import bar
from desk.pages.learning import TrainingRow, TrainPart
from desk.pages.shared import StateMark
from desk.words import percent, when, word
from learning.models import Training, TrainingSet
from learning.training_models import RECIPE_NAMES
from learning.training_requests import OPEN, TRAINERS

SHOWN: Final = 12
MARKS: Final[Mapping[str, str]] = {Training.State.DONE: "approved", Training.State.FAILED: "declined"}
PROBLEMS: Final[Mapping[str, Promise]] = {
    "training_set_lost": gettext_lazy("The file of this training set is missing; build a new set from the same cases."),
    "training_set_altered": gettext_lazy(
        "The rows in the file of this training set are not those its hash names. Nothing is read from it."
    ),
    "left_behind": gettext_lazy("Two workers were lost over it, so nobody takes it up any more. Nothing was trained."),
    "broken": gettext_lazy("Something broke; the log of the worker says what. Nothing was trained."),
}


def train_part(dataset: TrainingSet, reader: User) -> TrainPart:
    """The last trainings on a set; asks again every second while one of them is on its way."""
    found = list(dataset.trainings.select_related("asked_by", "model").order_by("-id")[:SHOWN])
    running = any(each.state in OPEN for each in found)
    return TrainPart(
        rows=tuple(_row(each) for each in found),
        recipes=tuple((name, word(RECIPES, name)) for name in RECIPE_NAMES),
        weights=tuple((name, str(words)) for name, words in Training.Weights.choices),
        ask_url=reverse("desk:learning_train", args=[dataset.pk]) if reader.role in TRAINERS else "",
        poll_url=reverse("desk:learning_set", args=[dataset.pk]) if running else "",
    )


def _row(training: Training) -> TrainingRow:
    model = training.model
    return TrainingRow(
        recipe=word(RECIPES, training.recipe),
        weights=str(Training.Weights(training.weights).label),
        state=StateMark(MARKS.get(training.state, "in_review"), str(Training.State(training.state).label)),
        words=numbered(model.product, model.number) if model else _words(training),
        at=when(training.asked_at),
        by=training.asked_by.display_name,
        done=bar(training.done, training.total or 1) if training.state in OPEN else None,
        model_url=reverse("desk:model_card", args=[model.pk]) if model else "",
    )


def _words(training: Training) -> str:
    if training.state == Training.State.WAITING:
        return _("waits for a worker")
    if training.state == Training.State.TRAINING:
        done = _("%(part)s done") % {"part": percent(training.done / training.total if training.total else 0.0, 0)}
        return f"{done} · {word(RECIPES, training.doing)}" if training.doing in RECIPES else done
    code, words = training.problem.get("code", ""), training.problem.get("words", "")
    return str(words or PROBLEMS.get(code, PROBLEMS["broken"]))
