"""What puts a version of the policy in force without a new approval: its appointed time, and a rollback."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cases.errors import CaseMoved, FourEyes
from cases.models import User
from routing.concentration import sum_up_for
from routing.life import (
    APPROVERS,
    LEFT_ITS_BAND,
    Status,
    Step,
    back_to_draft,
    find_version,
    last_entry,
    lock_active,
    lock_version,
    put_in_force,
    require_role,
    require_status,
    simulation_of,
)
from routing.models import Policy
from routing.publication import is_simulated_against, is_simulated_with, require_note, require_second_person
from scoring.registry import champion_sha256, hold_models

BASE_REPLACED = "base_replaced"
MODEL_REPLACED = "model_replaced"


def activate_due_policies() -> int:
    """Put in force what was approved to start by now, the earliest first. Returns how many came into force.

    A version whose base or model was replaced meanwhile was approved on figures that hold no longer: it goes back to
    its drafters with a step that says so. Each version has a transaction of its own.
    """
    due = Policy.objects.filter(status=Status.SCHEDULED, starts_at__lte=Now()).order_by("starts_at", "pk")
    return sum(_activate(policy_id) for policy_id in due.values_list("pk", flat=True))


def _activate(policy_id: int) -> bool:
    sum_up_for(find_version(policy_id))
    with transaction.atomic(durable=True):
        policy = lock_version(policy_id)
        # Two workers at once, or a person who sent it back: whoever comes second under the lock finds it done.
        if policy.status != Status.SCHEDULED:
            return False
        present = lock_active(policy.product)
        if not is_simulated_against(simulation_of(policy), present):
            facts = {"code": BASE_REPLACED, "present": present.pk if present else None}
            back_to_draft(policy, Step.RETURN, by=None, facts=facts)
            return False
        hold_models(policy.product)
        model = champion_sha256(policy.product)
        if not is_simulated_with(simulation_of(policy), model):
            back_to_draft(policy, Step.RETURN, by=None, facts={"code": MODEL_REPLACED, "model_sha256": model})
            return False
        put_in_force(policy, Step.ACTIVATE, by=None)
        return True


def roll_back_policy(product: str, *, to: int, by: User, reason: str) -> Policy:
    """Put an earlier version (its key) back in force, at once; the one in force is retired.

    One person is enough only to undo the last change: the way back leads to the version that the present one replaced.
    Any other version that two people approved once was approved for other days, and goes through a proposal again.

    Raises:
        NotAllowed: neither supervisor nor admin. BadDecision: no reason. CaseNotFound: no such version. CaseMoved: it
            was never in force, is in force, or is another product's. FourEyes: it is not the one that the present
            version replaced, the guard reverted it, or `by` drafted, edited or proposed it.
    """
    require_role(by, APPROVERS)
    require_note(reason)
    sum_up_for(find_version(to))
    with transaction.atomic(durable=True):
        policy = lock_version(to)
        if policy.product != product:
            raise CaseMoved(_("This version belongs to another product."))
        require_status(policy, Status.RETIRED)
        require_way_back(policy, lock_active(product), by)
        put_in_force(policy, Step.ROLL_BACK, by=by, note=reason.strip())
    return policy


def require_way_back(policy: Policy, present: Policy | None, by: User) -> None:
    """Raises FourEyes unless `by` alone may put this retired version in the place of the present one."""
    entered = present and last_entry(present)
    if not entered or entered.facts.get("instead_of") != policy.pk:
        raise FourEyes(
            _("One person alone may only go back to the version that the present one replaced. Propose this one anew.")
        )
    if entered.facts.get("code") == LEFT_ITS_BAND:
        raise FourEyes(_("The guard took this version out of force: a second person must approve it. Propose it anew."))
    require_second_person(policy, by)
