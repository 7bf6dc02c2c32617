"""Challengers beside the champion: which models score along, a share of the traffic for one of them, and their scores.

A shadow never touches a live case: it scores after the case was written, each model in a try and a transaction of its
own; what fails is logged, and the case goes its way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.bulk import copy_rows
from cases.draws import draws
from cases.errors import BadDecision, CaseMoved, CaseNotFound
from cases.models import Case, User
from scoring.life import (
    APPROVERS,
    PROPOSERS,
    Step,
    check_artefact,
    end_shadow,
    end_split,
    find_model,
    lock_champion,
    lock_model,
    require_candidate,
    require_reason,
    require_role,
    require_second_person,
    tell,
)
from scoring.ml.calibration import sigmoid
from scoring.ml.champion import Champion, FloatArray
from scoring.models import ModelVersion, ShadowRun, ShadowScore, TrafficSplit
from scoring.registry import hold_models, load_version

log = logging.getLogger(__name__)

SPLIT: Final = "split"
LARGEST_SHARE: Final = 0.5
SHADOW_FIELDS: Final = ("model", "case", "case_version", "log_odds", "pd")


@dataclass(frozen=True)
class Arm:
    """By which model cases are assessed: `split_id` and `probability` where a split drew it, None without one."""

    version: ModelVersion
    split_id: int | None = None
    is_challenger: bool = False
    probability: float | None = None


def start_shadow(version_id: int, *, by: User, reason: str) -> ShadowRun:
    """Let a model score every case of its product along with the champion, unseen.

    Raises:
        NotAllowed: `by` is no admin. BadDecision: no reason. CaseNotFound: no such model. CaseMoved: it is in force, or
            in shadow already. ArtefactError: its file is refused.
    """
    require_role(by, PROPOSERS)
    reason = require_reason(reason)
    check_artefact(find_model(version_id))
    with transaction.atomic(durable=True):
        version = lock_model(version_id)
        require_candidate(version)
        if version.shadow_runs.filter(stopped_at__isnull=True).exists():
            raise CaseMoved(_("This model is in shadow already."))
        run = ShadowRun.objects.create(model=version, started_by=by, reason=reason)
        tell(version, Step.START_SHADOW, by=by, note=reason)
    return run


def stop_shadow(version_id: int, *, by: User, reason: str) -> None:
    """Stop a model in shadow; its scores stay. Raises as `start_shadow`, CaseMoved where it is in none."""
    require_role(by, PROPOSERS)
    reason = require_reason(reason)
    with transaction.atomic(durable=True):
        lock_model(version_id)
        run = ShadowRun.objects.select_for_update().filter(model=version_id, stopped_at__isnull=True).first()
        if run is None:
            raise CaseMoved(_("This model is not in shadow."))
        end_shadow(run, by=by, reason=reason)


def ask_split(version_id: int, *, by: User, share: float, reason: str) -> TrafficSplit:
    """Ask that a share of the cases be shown and routed by this model; nothing happens before it is signed.

    Raises:
        NotAllowed: `by` is no admin. BadDecision: no reason, or a share that is not above 0 and at most one half.
            CaseMoved: it is in force, no model is, or another split of the product is open. ArtefactError: its file.
    """
    require_role(by, PROPOSERS)
    reason = require_reason(reason)
    if not 0 < share <= LARGEST_SHARE:
        raise BadDecision("share", _("A share above 0 and of at most 50 percent is expected."))
    check_artefact(find_model(version_id))
    with transaction.atomic(durable=True):
        version = lock_model(version_id)
        require_candidate(version)
        present = lock_champion(version.product)
        if present is None or TrafficSplit.objects.filter(product=version.product, stopped_at__isnull=True).exists():
            raise CaseMoved(_("Another split of this product is open, or no model is in force."))
        split = TrafficSplit.objects.create(
            product=version.product,
            challenger=version,
            champion=present,
            share=share,
            trained_by_id=version.trained_by_id,
            asked_by=by,
            reason=reason,
        )
        tell(version, Step.ASK_SPLIT, by=by, note=reason, facts={"split": split.pk, "share": share})
    return split


def sign_split(split_id: int, *, by: User, seen_share: float) -> TrafficSplit:
    """Let a split begin with the next chunk.

    Raises:
        NotAllowed: neither supervisor nor admin. FourEyes: `by` asked for it or trained the model. CaseMoved: signed or
            stopped already. BadDecision: another share than was seen. CaseNotFound: no such split.
    """
    require_role(by, APPROVERS)
    with transaction.atomic(durable=True):
        split = _lock_split(split_id)
        if split.signed_at is not None or split.stopped_at is not None:
            raise CaseMoved(_("Somebody was faster: this split is signed or stopped already."))
        require_second_person(by, split.asked_by_id, split.trained_by_id)
        if seen_share != split.share:
            raise BadDecision("share", _("This is not the share that you saw."))
        split.signed_by, split.signed_at = by, timezone.now()
        split.save(update_fields=["signed_by", "signed_at"])
        tell(split.challenger, Step.SIGN_SPLIT, by=by, facts={"split": split.pk, "share": split.share})
    return split


def stop_split(split_id: int, *, by: User, reason: str) -> None:
    """End a split at once: the next chunk is the champion's alone. Raises as `sign_split`."""
    require_role(by, APPROVERS)
    reason = require_reason(reason)
    with transaction.atomic(durable=True):
        split = _lock_split(split_id)
        if split.stopped_at is not None:
            raise CaseMoved(_("This split is stopped already."))
        end_split(split, by=by, reason=reason)


def arms_of(champion: ModelVersion, cases: Sequence[Case]) -> list[tuple[Arm, list[Case]]]:
    """Which model assesses each case: the champion all of them, unless a signed split draws some for its challenger.

    The draw is keyed by the case's name with its source, so a case that is scored again keeps its arm.
    """
    split = (
        TrafficSplit.objects.filter(champion=champion, signed_at__isnull=False, stopped_at__isnull=True)
        .select_related("challenger")
        .first()
    )
    if split is None:
        return [(Arm(champion), list(cases))]
    drawn = draws(split.secret, SPLIT, [f"{case.source}/{case.external_ref}" for case in cases])
    theirs = drawn < split.share
    arms = [
        (Arm(split.challenger, split.pk, True, split.share), theirs),
        (Arm(champion, split.pk, False, 1 - split.share), ~theirs),
    ]
    return [(arm, [cases[at] for at in np.flatnonzero(mine).tolist()]) for arm, mine in arms if mine.any()]


def shadows_of(shown: Arm, product: str) -> list[ModelVersion]:
    """The models that score along with the one that is shown: all in shadow, and the other side of a split."""
    running = ShadowRun.objects.filter(model__product=product, stopped_at__isnull=True).values("model")
    found = ModelVersion.objects.filter(pk__in=running)
    models = {each.pk: each for each in found.only("pk", "product", "number", "sha256", "feature_table_sha256")}
    if shown.split_id is not None:
        split = TrafficSplit.objects.select_related("challenger", "champion").get(pk=shown.split_id)
        models |= {split.challenger_id: split.challenger, split.champion_id: split.champion}
    return [each for key, each in sorted(models.items()) if key != shown.version.pk]


def score_in_shadow(
    shown: Arm, champion: Champion, values: FloatArray, rows: Sequence[dict[str, Any]], cases: Iterable[tuple[int, int]]
) -> None:
    """Let the shadows score cases (key, version) that were just assessed: `values` (n, k) as the shown model read them
    and `rows` as they came. Nothing is raised.
    """
    try:
        models = shadows_of(shown, shown.version.product)
    except Exception:
        log.exception("nobody knows which models score in shadow")
        return
    keys = list(cases)
    for model in models if keys else []:
        try:
            _score_as(model, champion, values, rows, keys)
        except Exception:
            log.exception("%s failed in shadow on %d cases; they go their way without it", model, len(keys))


def _score_as(
    model: ModelVersion,
    champion: Champion,
    values: FloatArray,
    rows: Sequence[dict[str, Any]],
    cases: Sequence[tuple[int, int]],
) -> None:
    shadow = load_version(model)
    # Reading the rows costs as much as the score: a model of the same feature table reads what was read.
    read = values if shadow.table.sha256 == champion.table.sha256 else shadow.table.matrix(rows)
    log_odds = shadow.log_odds(read)
    pd = sigmoid(log_odds)
    scored = zip(cases, log_odds.tolist(), pd.tolist(), strict=True)
    with transaction.atomic(durable=True):
        copy_rows(ShadowScore, SHADOW_FIELDS, [(model.pk, *case, said, share) for case, said, share in scored])


def running_shadows(product: str) -> list[ShadowRun]:
    """The models of a product that are in shadow now, by number."""
    found = ShadowRun.objects.filter(model__product=product, stopped_at__isnull=True)
    return list(found.select_related("model", "started_by").order_by(F("model__number")))


def _lock_split(split_id: int) -> TrafficSplit:
    found = TrafficSplit.objects.filter(pk=split_id).first()
    if found is None:
        raise CaseNotFound(_("There is no such split."))
    hold_models(found.product)
    return TrafficSplit.objects.select_for_update(of=("self",)).select_related("challenger").get(pk=split_id)
