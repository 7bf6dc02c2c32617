"""Asking for a challenger to be trained on a set, and training what was asked for, in the background."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final, Literal

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision, CaseError, CaseNotFound, NotAllowed
from cases.locks import hold
from cases.models import User
from cases.states import Role
from cases.wake import send_task
from learning.models import Training, TrainingSet
from learning.training_models import RECIPE_NAMES
from scoring.ml.errors import ModelError

TRAIN_TASK: Final = "riskreview.tasks.train_challengers"
# Supervisors approve models: who has one trained never approves it, so they are not asked to train.
TRAINERS: Final = (Role.ADMIN,)
# A step is a fit on a fold; after this silence somebody else takes over, and after so many tries nobody does.
BEAT: Final = timedelta(minutes=10)
MOST_TRIES: Final = 2
OPEN: Final = (Training.State.WAITING, Training.State.TRAINING)

log = logging.getLogger(__name__)


def ask_training(dataset_id: int, *, by: User, recipe: str, weights: str = Training.Weights.PROPENSITY) -> Training:
    """Ask for a recipe to be trained on a set; a worker does it. Who asks for what is on its way already gets that one.

    Two presses at once: the second waits here and finds the first one's training; a unique constraint holds it too.

    Raises:
        NotAllowed: no administrator. CaseNotFound: no such set. BadDecision: no such recipe or way of weighing.
    """
    if not by.is_active or by.role not in TRAINERS:
        raise NotAllowed
    if recipe not in RECIPE_NAMES:
        raise BadDecision("recipe", _("Choose one of the recipes."))
    if weights not in Training.Weights.values:
        raise BadDecision("weights", _("Choose how the loans count."))
    if not TrainingSet.objects.filter(pk=dataset_id).exists():
        raise CaseNotFound(_("There is no such training set."))
    wanted = {"dataset_id": dataset_id, "recipe": recipe, "weights": weights}
    with transaction.atomic(durable=True):
        hold(f"training on {dataset_id}")
        running = Training.objects.filter(**wanted, state__in=OPEN).first()
        if running is not None:
            return running
        training = Training.objects.create(**wanted, asked_by=by)
        transaction.on_commit(lambda: send_task(TRAIN_TASK), robust=True)
    return training


def run_trainings() -> int:
    """Train what waits, one after the other, and what somebody left behind. Returns how many were taken up.

    Two workers at once: only one training is at work at a time, so the second finds nothing to take. What a killed
    worker left is taken up once more; the same set and recipe give the same model, so none is registered twice.
    """
    taken = 0
    while (training := _take()) is not None:
        taken += 1
        _train(training)
    return taken


def trainings_waiting() -> bool:
    """Whether a training waits that could be taken up."""
    return bool(_left().exists()) and not _at_work().exists()


def _at_work() -> Any:
    return Training.objects.filter(state=Training.State.TRAINING, beat_at__gte=timezone.now() - BEAT)


def _left() -> Any:
    silent = Q(state=Training.State.TRAINING) & Q(beat_at__lt=timezone.now() - BEAT)
    return Training.objects.filter(Q(state=Training.State.WAITING) | silent)


def _take() -> Training | None:
    """The next one, the one that was left behind before all others: while it stands so, no other may be at work."""
    try:
        with transaction.atomic(durable=True):
            left = _left().select_for_update(skip_locked=True, of=("self",))
            training: Training | None = left.order_by(F("beat_at").asc(nulls_last=True), "pk").first()
            if training is None:
                return None
            if training.tries >= MOST_TRIES:
                training.state, training.problem = Training.State.FAILED, {"code": "left_behind"}
            else:
                training.state, training.beat_at = Training.State.TRAINING, timezone.now()
                training.tries += 1
            training.save(update_fields=["state", "problem", "beat_at", "tries"])
    except IntegrityError:
        # Another is at work; whoever ends it goes on with this one.
        return None
    return training if training.state == Training.State.TRAINING else _take()


def _train(training: Training) -> None:
    from learning.train import train_model  # sklearn: paid by who trains

    def tell(done: int, total: int, what: str) -> None:
        told = {"done": done, "total": total, "doing": what[:60], "beat_at": timezone.now()}
        Training.objects.filter(pk=training.pk).update(**told)

    dataset = TrainingSet.objects.select_related("weights").get(pk=training.dataset_id)
    weights: Literal["propensity", "none"] = "none" if training.weights == Training.Weights.NONE else "propensity"
    try:
        model = train_model(dataset, recipe=training.recipe, weights=weights, progress=tell, by=training.asked_by)
    except CaseError as refusal:
        _finish(training, state=Training.State.FAILED, problem={"code": refusal.code})
    except ModelError as refusal:
        _finish(training, state=Training.State.FAILED, problem={"code": "model", "words": str(refusal)})
    except Exception:
        # Told on the page rather than tried for ever; who asks again starts anew.
        log.exception("%s could not be trained on set %d", training.recipe, training.dataset_id)
        _finish(training, state=Training.State.FAILED, problem={"code": "broken"})
    else:
        _finish(training, state=Training.State.DONE, model=model)


def _finish(training: Training, **fields: Any) -> None:
    with transaction.atomic(durable=True):
        Training.objects.filter(pk=training.pk, state=Training.State.TRAINING).update(**fields)
