"""Ground of a model's life: who may move it on, the steps that tell of it, and how one takes the place of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision, CaseMoved, CaseNotFound, FourEyes, NotAllowed
from cases.models import User
from cases.states import Role
from scoring.ml.artefact import load_champion, refuse_other_assessments
from scoring.models import ModelStep, ModelVersion, ShadowRun, TrafficSplit
from scoring.registry import hold_models, refuse_other_table

Step = ModelStep.Name
Status = ModelVersion.Status
ENTRIES: Final = (Step.FIRST, Step.ACTIVATE, Step.ROLL_BACK)
PROPOSERS: Final = (Role.ADMIN,)
APPROVERS: Final = (Role.SUPERVISOR, Role.ADMIN)
NOTHING: Final[Mapping[str, Any]] = {}
CHAMPION_REPLACED: Final = "champion_replaced"
PROMOTED: Final = "promoted"


def require_role(by: User, roles: tuple[Role, ...]) -> None:
    """Raises NotAllowed unless `by` works here and has one of the roles."""
    if not by.is_active or by.role not in roles:
        raise NotAllowed


def require_reason(reason: str) -> str:
    """The reason without blanks around it. Raises BadDecision without one."""
    if not reason.strip():
        raise BadDecision("reason", _("Say why, in a sentence."))
    return reason.strip()


def require_second_person(by: User, first: int, trained_by: int | None) -> None:
    """Raises FourEyes for whoever took the first step (`first` is their key) and whoever trained the model."""
    if by.pk == first:
        raise FourEyes(_("A second person must approve: nobody approves what they proposed themselves."))
    if by.pk == trained_by:
        raise FourEyes(_("A second person must approve: nobody approves a model that they trained."))


def find_model(version_id: int) -> ModelVersion:
    """The version as it stands, not locked. Raises CaseNotFound."""
    found = ModelVersion.objects.filter(pk=version_id).first()
    if found is None:
        raise CaseNotFound(_("There is no such model."))
    return found


def lock_model(version_id: int) -> ModelVersion:
    """Lock a version and the life of all its product's models until the end of the transaction. Raises CaseNotFound."""
    hold_models(find_model(version_id).product)
    return ModelVersion.objects.select_for_update(no_key=True).get(pk=version_id)


def lock_champion(product: str) -> ModelVersion | None:
    """The model in force, locked; asked for under `hold_models`, so it stays the one in force."""
    found = ModelVersion.objects.filter(product=product, status=Status.CHAMPION)
    return found.select_for_update(no_key=True).first()


def require_candidate(version: ModelVersion) -> None:
    """Raises CaseMoved for the model that is in force already."""
    if version.status == Status.CHAMPION:
        raise CaseMoved(_("This model is in force already."))


def check_artefact(version: ModelVersion) -> int:
    """Load the model from its file as it lies there now, whatever this process has kept of it, and let it assess its
    smoke vectors. Returns how many these are.

    Raises ArtefactError: missing, altered, made for other libraries or another feature table, or it assesses its own
    vectors otherwise.
    """
    champion = load_champion(settings.ARTEFACTS, version.sha256)
    refuse_other_table(champion, version)
    refuse_other_assessments(champion, str(version))
    return len(champion.smoke.assessed["log_odds"])


def tell(
    version: ModelVersion, name: ModelStep.Name, *, by: User | None, note: str = "", facts: Mapping[str, Any] = NOTHING
) -> ModelStep:
    """One step of the model's life, in the transaction that makes it. `by=None` is the machine."""
    return ModelStep.objects.create(model=version, name=name, actor=by, note=note, facts=dict(facts))


def put_in_force(
    version: ModelVersion,
    name: ModelStep.Name,
    *,
    by: User | None,
    promoted_by: User | None,
    note: str = "",
    facts: Mapping[str, Any] = NOTHING,
) -> None:
    """Retire the model in force and let this one (locked by `lock_model`) take its place, with a step for each.

    The steps come first: the database lets no model come into force that they do not tell of. Shares of the traffic
    end with either of their models, and a model that is shown needs no shadow.
    """
    present = lock_champion(version.product)
    if present is not None:
        tell(present, Step.RETIRE, by=by, facts={"for": version.pk})
    tell(version, name, by=by, note=note, facts={"instead_of": present.pk if present else None, **facts})
    if present is not None:
        present.status = Status.RETIRED
        present.save(update_fields=["status"])
    version.status, version.promoted_at, version.promoted_by = Status.CHAMPION, timezone.now(), promoted_by
    version.save(update_fields=["status", "promoted_at", "promoted_by"])
    for split in TrafficSplit.objects.select_for_update().filter(product=version.product, stopped_at__isnull=True):
        end_split(split, by=None, code=CHAMPION_REPLACED)
    for run in ShadowRun.objects.select_for_update().filter(model=version, stopped_at__isnull=True):
        end_shadow(run, by=None, code=PROMOTED)


def end_split(split: TrafficSplit, *, by: User | None, code: str = "", reason: str = "") -> None:
    """Stop a share of the traffic (locked): by a person for a reason, or by the machine with its code."""
    split.stopped_by, split.stopped_at, split.stop_reason = by, timezone.now(), reason or code
    split.save(update_fields=["stopped_by", "stopped_at", "stop_reason"])
    facts = {"split": split.pk} | ({"code": code} if code else {})
    tell(split.challenger, Step.STOP_SPLIT, by=by, note=reason, facts=facts)


def end_shadow(run: ShadowRun, *, by: User | None, code: str = "", reason: str = "") -> None:
    """Stop a model in shadow (its run locked): by a person for a reason, or by the machine with its code."""
    run.stopped_by, run.stopped_at, run.stop_reason = by, timezone.now(), reason or code
    run.save(update_fields=["stopped_by", "stopped_at", "stop_reason"])
    tell(run.model, Step.STOP_SHADOW, by=by, note=reason, facts={"code": code} if code else {})


def last_entry(version: ModelVersion) -> ModelStep | None:
    """The step by which a model came into force the last time."""
    return version.steps.filter(name__in=ENTRIES).last()
