"""Publishing a version of the policy: proposed with a frozen simulation, approved by a second person who saw it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.canonical import canonical_sha256
from cases.errors import BadDecision, FourEyes, StaleCase
from cases.models import User
from routing.concentration import sum_up_for
from routing.consequences import Consequence, consequences
from routing.frozen import fault_of
from routing.life import (
    APPROVERS,
    DRAFTERS,
    Status,
    Step,
    back_to_draft,
    find_version,
    frozen_facts,
    lock_active,
    lock_version,
    put_in_force,
    readable_terms,
    require_role,
    require_status,
    simulation_of,
    tell,
)
from routing.models import Policy, PolicyStep
from routing.terms import Terms
from scoring.registry import champion_sha256, hold_models


def propose_policy(policy_id: int, *, by: User, simulation: Mapping[str, Any], note: str = "") -> Policy:
    """Propose a tested version with its simulation (`routing/frozen.py` says what that names), frozen by its hash.

    Raises:
        NotAllowed: `by` is no admin. CaseMoved: not tested, or proposed already. BadDecision: the simulation lacks
            something or is none. StaleCase: it is of other terms than are stored now, or against another version or
            with another model than is in force now.
    """
    require_role(by, DRAFTERS)
    fault = fault_of(simulation)
    if fault:
        raise BadDecision("simulation", format_lazy(_("The simulation cannot be used: {part}."), part=fault))
    try:
        digest = canonical_sha256(simulation)
    except ValueError as problem:
        raise BadDecision(
            "simulation", format_lazy(_("The simulation cannot be used: {part}."), part=str(problem))
        ) from problem
    with transaction.atomic(durable=True):
        policy = lock_version(policy_id)
        require_status(policy, Status.TESTED)
        if simulation["terms_sha256"] != policy.sha256:
            raise StaleCase(_("These terms were edited since they were simulated. Simulate them again."))
        _refuse_other_present(simulation, lock_active(policy.product))
        _refuse_other_model(simulation, policy.product)
        policy.status = Status.PROPOSED
        policy.simulation, policy.simulation_sha256 = dict(simulation), digest
        policy.proposed_by, policy.proposed_at = by, timezone.now()
        policy.save(update_fields=["status", "simulation", "simulation_sha256", "proposed_by", "proposed_at"])
        tell(policy, Step.PROPOSE, by=by, note=note, facts=frozen_facts(policy))
    return policy


def return_policy(policy_id: int, *, by: User, note: str) -> Policy:
    """Send a proposed or scheduled version back to its drafters; the step keeps what the simulation said.

    Raises:
        NotAllowed: neither admin nor supervisor. BadDecision: no reason. CaseMoved: it is neither proposed nor waiting.
    """
    require_role(by, APPROVERS)
    require_note(note)
    with transaction.atomic(durable=True):
        policy = lock_version(policy_id)
        require_status(policy, Status.PROPOSED, Status.SCHEDULED)
        back_to_draft(policy, Step.RETURN, by=by, note=note.strip())
    return policy


def consequences_of(policy_id: int) -> list[Consequence]:
    """What has to be ticked to approve this version. Raises CaseNotFound, and CaseMoved where it is no proposal."""
    policy = find_version(policy_id)
    require_status(policy, Status.PROPOSED)
    present = Policy.objects.filter(product=policy.product, status=Status.ACTIVE).first()
    return _consequences(policy, present)


def approve_policy(
    policy_id: int,
    *,
    by: User,
    simulation_sha256: str,
    ticked: Collection[str],
    starts_at: datetime | None = None,
    note: str = "",
) -> Policy:
    """Approve a proposed version: in force at once, or scheduled for `starts_at`.

    `simulation_sha256` is the hash of the simulation that `by` saw; `ticked` are keys of its consequences. All is
    compared under the lock: two people who approve two versions at once were both shown the same present version, and
    the second one is refused.

    Raises:
        NotAllowed: neither supervisor nor admin. CaseMoved: it is no proposal (any more). FourEyes: `by` drafted,
            edited or proposed it. StaleCase: another simulation, or another version or model in force, than was seen.
            BadDecision: a consequence not ticked, or a start in the past.
    """
    require_role(by, APPROVERS)
    # A cap that nothing was summed up for would send everybody to people until the next sweep.
    sum_up_for(find_version(policy_id))
    with transaction.atomic(durable=True):
        policy = lock_version(policy_id)
        require_status(policy, Status.PROPOSED)
        require_second_person(policy, by)
        _refuse_other_simulation(policy, simulation_sha256)
        present = lock_active(policy.product)
        _refuse_other_present(simulation_of(policy), present)
        _refuse_other_model(simulation_of(policy), policy.product)
        wanted = [each.key for each in _consequences(policy, present)]
        if set(wanted) - set(ticked):
            raise BadDecision("ticked", _("Tick every consequence: whoever approves has seen them all."))
        now = timezone.now()
        if starts_at is not None and starts_at <= now:
            raise BadDecision("starts_at", _("The start lies in the past. Leave it out to start at once."))
        policy.published_by, policy.published_at, policy.starts_at = by, now, starts_at or now
        facts = {**frozen_facts(policy), "ticked": wanted, "starts_at": policy.starts_at.isoformat()}
        tell(policy, Step.APPROVE, by=by, note=note, facts=facts)
        if starts_at is None:
            put_in_force(policy, Step.ACTIVATE, by=by)
        else:
            policy.status = Status.SCHEDULED
            policy.save(update_fields=["status", "published_by", "published_at", "starts_at"])
    return policy


def require_note(note: str) -> None:
    """Raises BadDecision without a reason."""
    if not note.strip():
        raise BadDecision("note", _("Say why, in a sentence."))


def is_simulated_against(simulation: Mapping[str, Any], present: Policy | None) -> bool:
    """Whether the version in force is the one, with the terms, that the simulation compared with."""
    against = simulation["against"]
    if present is None:
        return against["policy"] is None
    return bool(against["policy"] == present.pk and against["terms_sha256"] == present.sha256)


def is_simulated_with(simulation: Mapping[str, Any], model_sha256: str) -> bool:
    """Whether the model in force is the one that the simulation judged by; one that an earlier release froze without
    naming its model was judged by nobody knows which."""
    return bool(simulation.get("model_sha256") == model_sha256)


def _consequences(policy: Policy, present: Policy | None) -> list[Consequence]:
    return consequences(Terms.from_dict(policy.terms), readable_terms(present), simulation_of(policy))


def require_second_person(policy: Policy, by: User) -> None:
    """Raises FourEyes for the drafter, whoever edited the version at any time, and the proposer."""
    if by.pk in (policy.drafted_by_id, policy.proposed_by_id):
        raise FourEyes(_("A second person must approve: nobody approves what they drafted or proposed."))
    if PolicyStep.objects.filter(policy=policy, name__in=(Step.DRAFT, Step.EDIT), actor=by).exists():
        raise FourEyes(_("A second person must approve: you edited this version."))


def _refuse_other_simulation(policy: Policy, seen_sha256: str) -> None:
    """Raises StaleCase unless the simulation seen is the one stored, and that one is what its hash says."""
    if not seen_sha256 == policy.simulation_sha256 == canonical_sha256(simulation_of(policy)):
        raise StaleCase(_("This is not the simulation that you saw. Look at the proposal again."))


def _refuse_other_present(simulation: Mapping[str, Any], present: Policy | None) -> None:
    if not is_simulated_against(simulation, present):
        raise StaleCase(_("Another version is in force than the one it was simulated against. Propose it anew."))


def _refuse_other_model(simulation: Mapping[str, Any], product: str) -> None:
    """Under the lock of the models: whoever promotes one at this moment comes before or after the whole step."""
    hold_models(product)
    if not is_simulated_with(simulation, champion_sha256(product)):
        raise StaleCase(
            _("Another model was promoted than the one it was simulated with. Simulate and propose it anew.")
        )
