"""The way back from a promotion, which one person may take at once."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.errors import CaseMoved, FourEyes
from cases.models import User
from scoring.life import (
    PROPOSERS,
    Status,
    Step,
    check_artefact,
    last_entry,
    lock_model,
    put_in_force,
    require_reason,
    require_role,
)
from scoring.models import ModelVersion
from scoring.registry import champion_version


def roll_back_model(product: str, *, by: User, reason: str) -> ModelVersion:
    """Put the model that the present champion replaced back in force, at once; the present one is retired.

    One admin is enough, and only to undo the last promotion: after a rollback the way forward is a new proposal.

    Raises:
        NotAllowed: `by` is no admin. BadDecision: no reason. CaseNotFound: no model is in force. FourEyes: the present
            one replaced none, or came into force by a rollback itself. ArtefactError: the earlier model's file is
            refused; the present one stays in force.
    """
    require_role(by, PROPOSERS)
    reason = require_reason(reason)
    target = way_back(product)
    if target is None:
        raise FourEyes(
            _("One person alone may only undo the last promotion. Propose the earlier model, and another approves it.")
        )
    vectors = check_artefact(target)
    with transaction.atomic(durable=True):
        version = lock_model(target.pk)
        # Two rollbacks at once, or a promotion meanwhile: the second finds another way back, or none.
        if way_back(product) != version:
            raise CaseMoved(_("Somebody was faster: another model is in force now."))
        put_in_force(version, Step.ROLL_BACK, by=by, promoted_by=by, note=reason, facts={"smoke_vectors": vectors})
    return version


def way_back(product: str) -> ModelVersion | None:
    """The model that a rollback would put in force: the one that the present champion replaced by a promotion."""
    present = champion_version(product)
    entered = last_entry(present) if present else None
    if entered is None or entered.name != Step.ACTIVATE:
        return None
    return ModelVersion.objects.filter(pk=entered.facts.get("instead_of"), status=Status.RETIRED).first()
