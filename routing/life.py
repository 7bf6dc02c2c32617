"""Ground of a policy's life: the locks under which a version moves on, the steps that tell of it, what is in force."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseMoved, CaseNotFound, NotAllowed
from cases.locks import hold
from cases.models import User
from cases.states import Role
from routing.models import Policy, PolicyStep
from routing.terms import Terms

log = logging.getLogger(__name__)

Step = PolicyStep.Name
Status = Policy.Status
DRAFTERS: Final = (Role.ADMIN,)
APPROVERS: Final = (Role.SUPERVISOR, Role.ADMIN)
LEFT_ITS_BAND: Final = "left_its_band"
NOTHING: Final[Mapping[str, Any]] = {}


def require_role(by: User, roles: tuple[Role, ...]) -> None:
    """Raises NotAllowed unless `by` has one of the roles."""
    if by.role not in roles:
        raise NotAllowed


def require_status(policy: Policy, *statuses: Policy.Status) -> None:
    """Raises CaseMoved unless the version (locked) stands at one of them."""
    if policy.status not in statuses:
        raise CaseMoved(_("Somebody was faster: this version is no longer where this step could be made."))


def find_version(policy_id: int) -> Policy:
    """The version as it stands, not locked. Raises CaseNotFound."""
    policy = Policy.objects.filter(pk=policy_id).first()
    if policy is None:
        raise CaseNotFound(_("There is no such version of a policy."))
    return policy


def hold_versions(product: str) -> None:
    """Until the end of the transaction nobody else drafts, publishes or rolls back a version of this product.

    The row of one version is not enough: two approvals, or an approval and a rollback, are of different versions and
    would each retire what they believe to be in force.
    """
    hold(f"policies of {product}")


def lock_version(policy_id: int) -> Policy:
    """Lock a version, and the life of all its product's versions, until the end of the transaction.

    The lock lets routes be written that point to the version, so that people never wait for the machine.

    Raises:
        CaseNotFound: there is no such version.
    """
    hold_versions(find_version(policy_id).product)
    return Policy.objects.select_for_update(no_key=True).get(pk=policy_id)


def lock_active(product: str) -> Policy | None:
    """The version in force, locked; asked for under `hold_versions`, so it stays the one in force."""
    active = Policy.objects.filter(product=product, status=Status.ACTIVE)
    return active.select_for_update(no_key=True).first()


def tell(
    policy: Policy, name: PolicyStep.Name, *, by: User | None, note: str = "", facts: Mapping[str, Any] = NOTHING
) -> PolicyStep:
    """One step of the version's life, in the transaction that makes it. `by=None` is the machine."""
    return PolicyStep.objects.create(policy=policy, name=name, actor=by, note=note, facts=dict(facts))


def put_in_force(
    policy: Policy, name: PolicyStep.Name, *, by: User | None, note: str = "", facts: Mapping[str, Any] = NOTHING
) -> None:
    """Retire the version in force and let this one (locked by `lock_version`) take its place, with a step for each."""
    present = lock_active(policy.product)
    if present is not None:
        present.status = Status.RETIRED
        present.save(update_fields=["status"])
        tell(present, Step.RETIRE, by=by, facts={"for": policy.pk})
    policy.status = Status.ACTIVE
    policy.save(update_fields=["status", "published_by", "published_at", "starts_at"])
    tell(policy, name, by=by, note=note, facts={"instead_of": present.pk if present else None, **facts})


def back_to_draft(
    policy: Policy, name: PolicyStep.Name, *, by: User | None, note: str = "", facts: Mapping[str, Any] = NOTHING
) -> None:
    """Take back what followed the test of a locked version; the step keeps the frozen simulation's hash and figures."""
    kept = frozen_facts(policy) if policy.simulation else {}
    policy.status = Status.DRAFT
    policy.simulation, policy.simulation_sha256 = None, ""
    policy.proposed_by = policy.proposed_at = None
    policy.published_by = policy.published_at = policy.starts_at = None
    policy.save()
    tell(policy, name, by=by, note=note, facts={**kept, **facts})


def simulation_of(policy: Policy) -> dict[str, Any]:
    """The frozen simulation of a version that was proposed. ValueError for one that was not."""
    if policy.simulation is None:
        raise ValueError(f"{policy} carries no simulation")
    return dict(policy.simulation)


def frozen_facts(policy: Policy) -> dict[str, Any]:
    """What steps keep of the simulation that a proposed version carries."""
    simulation = simulation_of(policy)
    kept = {name: simulation.get(name) for name in ("against", "period", "cases", "predicted", "present")}
    return {"simulation_sha256": policy.simulation_sha256, "terms_sha256": policy.sha256, **kept}


def last_entry(policy: Policy) -> PolicyStep | None:
    """The step by which a version came into force the last time."""
    return policy.steps.filter(name__in=(Step.ACTIVATE, Step.ROLL_BACK)).last()


def in_force_since(policy: Policy) -> datetime | None:
    """When the version in force came into it the last time; None for one that was never published."""
    entered = last_entry(policy)
    # Versions published before steps were kept have only the time of their publication.
    return entered.at if entered else policy.starts_at


def readable_terms(policy: Policy | None) -> Terms | None:
    """What the version says; None where there is none, or it was stored in a form that is read no more (logged)."""
    if policy is None:
        return None
    try:
        return _terms_in(json.dumps(policy.terms))
    except ValueError:
        log.exception("the terms of %s cannot be read", policy)
        return None


@lru_cache(maxsize=16)
def _terms_in(text: str) -> Terms:
    """Kept by the text itself: every page of a case asks for the same few versions, and reading checks every cell."""
    return Terms.from_dict(json.loads(text))
