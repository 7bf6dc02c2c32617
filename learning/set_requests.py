"""Asking for a training set, proposing one by the calendar, and building what was asked for, in the background."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError, CaseMoved, CaseNotFound, NotAllowed
from cases.locks import hold
from cases.models import Case, User
from cases.states import Role
from cases.wake import send_task
from learning.label_models import MATURED
from learning.models import Label, SetBuild, TrainingSet
from learning.set_building import NothingToLearn, build_training_set

BUILD_TASK: Final = "riskreview.tasks.build_training_sets"
BUILDERS: Final = (Role.SUPERVISOR, Role.ADMIN)
# Who builds says that they are at it; after this silence somebody else takes over.
BEAT: Final = timedelta(seconds=90)
# A proposal is made when so many outcomes, and this share of the last set, have come since.
NEW_LEAST: Final = 200
NEW_SHARE: Final = 0.02
PROPOSED_EVERY: Final = timedelta(days=7)
OPEN: Final = (SetBuild.State.WAITING, SetBuild.State.BUILDING)

log = logging.getLogger(__name__)


def ask_set(product: str, *, by: User) -> SetBuild:
    """Ask for a set of what is known now; a worker builds it. Who asks while one is being built gets that one.

    Two presses at once: the second waits here and finds the first one's build; a unique constraint holds it too.

    Raises:
        NotAllowed: neither supervisor nor administrator. NothingToLearn: no matured outcome of the product.
    """
    _require_builder(by)
    if not _matured(product).exists():
        raise NothingToLearn
    with transaction.atomic(durable=True):
        hold(f"building sets of {product}")
        running = SetBuild.objects.filter(product=product, state__in=OPEN).first()
        if running is not None:
            return running
        build = SetBuild.objects.create(product=product, asked_by=by, asked_at=timezone.now())
        transaction.on_commit(_send, robust=True)
    return build


def propose_sets(*, now: datetime | None = None) -> int:
    """Propose a set for each product with enough new outcomes; a person says yes or no. Returns how many were proposed.

    Nothing is proposed while one waits for an answer or is built, nor within a week of the last answer.
    """
    moment = now or timezone.now()
    return sum(_propose(product, moment) for product in sorted(_products()))


def _propose(product: str, moment: datetime) -> bool:
    recent = Q(state__in=(SetBuild.State.PROPOSED, *OPEN)) | Q(asked_at__gt=moment - PROPOSED_EVERY)
    if SetBuild.objects.filter(recent, product=product).exists():
        return False
    last = TrainingSet.objects.filter(product=product).last()
    since = last.as_of or last.built_at if last else None
    labels = _matured(product)
    new = (labels.filter(recorded_at__gt=since) if since else labels).count()
    if new < max(NEW_LEAST, NEW_SHARE * (last.rows if last else 0)):
        return False
    why = {"new": new, "since": since.isoformat() if since else ""}
    try:
        with transaction.atomic(durable=True):
            SetBuild.objects.create(product=product, state=SetBuild.State.PROPOSED, proposed_at=moment, why=why)
    except IntegrityError:
        # Another sweep was faster.
        return False
    return True


def answer_proposal(build_id: int, *, by: User, builds: bool) -> SetBuild:
    """Have a proposed set built, or leave it. A proposal that meets a running build is joined to nothing and refused.

    Raises:
        NotAllowed: neither supervisor nor administrator. CaseNotFound: no such proposal. CaseMoved: answered already,
        or a set of the product is being built.
    """
    _require_builder(by)
    found = SetBuild.objects.filter(pk=build_id).values_list("product", flat=True).first()
    if found is None:
        raise CaseNotFound(_("There is no such proposal."))
    with transaction.atomic(durable=True):
        hold(f"building sets of {found}")
        build = SetBuild.objects.select_for_update().get(pk=build_id)
        running = SetBuild.objects.filter(product=found, state__in=OPEN).exists()
        if build.state != SetBuild.State.PROPOSED or (builds and running):
            raise CaseMoved
        build.state = SetBuild.State.WAITING if builds else SetBuild.State.DISMISSED
        build.asked_by, build.asked_at = by, timezone.now()
        build.save(update_fields=["state", "asked_by", "asked_at"])
        if builds:
            transaction.on_commit(_send, robust=True)
    return build


def run_builds() -> int:
    """Build what waits, one after the other, and what somebody left behind. Returns how many were taken up.

    Two workers at once: SKIP LOCKED gives each their own build. A worker that is killed leaves its build to the next:
    the same rows give the same set, so nothing is built twice.
    """
    taken = 0
    while (build := _take()) is not None:
        taken += 1
        _build(build)
    return taken


def builds_waiting() -> bool:
    """Whether a build waits that nobody is at."""
    return bool(_left().exists())


def _left() -> Any:
    silent = Q(state=SetBuild.State.BUILDING) & Q(beat_at__lt=timezone.now() - BEAT)
    return SetBuild.objects.filter(Q(state=SetBuild.State.WAITING) | silent)


def _take() -> SetBuild | None:
    with transaction.atomic(durable=True):
        build: SetBuild | None = _left().select_for_update(skip_locked=True).order_by("pk").first()
        if build is not None:
            build.state, build.beat_at = SetBuild.State.BUILDING, timezone.now()
            build.save(update_fields=["state", "beat_at"])
    return build


def _build(build: SetBuild) -> None:
    def tell(done: int, total: int) -> None:
        SetBuild.objects.filter(pk=build.pk).update(done=done, total=total, beat_at=timezone.now())

    try:
        dataset = build_training_set(build.product, by=build.asked_by, progress=tell)
    except CaseError as refusal:
        _finish(build, state=SetBuild.State.FAILED, problem={"code": refusal.code})
    except Exception:
        # Told on the page rather than tried for ever; who asks again starts anew.
        log.exception("the training set of %s could not be built", build.product)
        _finish(build, state=SetBuild.State.FAILED, problem={"code": "broken"})
    else:
        _finish(build, state=SetBuild.State.DONE, dataset=dataset)


def _finish(build: SetBuild, **fields: Any) -> None:
    with transaction.atomic(durable=True):
        SetBuild.objects.filter(pk=build.pk).update(**fields)


def _send() -> None:
    send_task(BUILD_TASK)


def _matured(product: str) -> Any:
    return Label.objects.filter(case__product=product, source__in=MATURED)


def _products() -> set[str]:
    with_outcomes = Label.objects.filter(source__in=MATURED).values("case")
    return set(Case.objects.filter(pk__in=with_outcomes).order_by().values_list("product", flat=True).distinct())


def _require_builder(by: User) -> None:
    if not by.is_active or by.role not in BUILDERS:
        raise NotAllowed
