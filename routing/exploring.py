"""The budget of exploration approvals: asked for by one person, signed by another, spent under a lock, and stopped."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision, CaseMoved, CaseNotFound, FourEyes, StaleCase
from cases.models import User
from cases.move import require_transaction
from cases.states import Role
from routing.life import APPROVERS, DRAFTERS, Status, Step, lock_version, require_role, require_status, tell
from routing.models import Exploration, Policy
from routing.publication import require_note
from routing.terms import Terms

SIGNERS: Final = (Role.SUPERVISOR,)


def ask_exploration(policy_id: int, *, by: User, budget: Decimal) -> Exploration:
    """Ask for a budget (in the policy's currency) of loans that the version may approve against its own advice.

    A request that nobody signed can be stopped and asked for anew; one that was signed is the version's only one.

    Raises:
        NotAllowed: `by` is no admin. BadDecision: no amount above zero, more than the terms allow, or they do not
            explore. CaseMoved: the version is not in force or waiting, or was asked for already.
    """
    require_role(by, DRAFTERS)
    if not (budget.is_finite() and budget > 0):
        raise BadDecision("budget", _("Give a budget above zero."))
    with transaction.atomic(durable=True):
        policy = lock_version(policy_id)
        require_status(policy, Status.ACTIVE, Status.SCHEDULED)
        explores = Terms.from_dict(policy.terms).exploration
        if explores is None or not explores.rate:
            raise BadDecision("policy", _("This version does not explore; its terms must say so first."))
        if budget > Decimal(str(explores.budget)):
            raise BadDecision("budget", _("The terms of this version allow no budget as large as that."))
        # Two requests at once: the second one waits for the lock above and finds the first.
        asked = Exploration.objects.filter(policy=policy).first()
        if asked is not None and (asked.signed_at is not None or asked.stopped_at is None):
            raise CaseMoved(_("Exploration was asked for under this version already."))
        asked = asked or Exploration(policy=policy)
        asked.budget, asked.asked_by, asked.asked_at = budget, by, timezone.now()
        asked.stopped_at, asked.stop_reason = None, ""
        asked.save()
        tell(policy, Step.ASK_EXPLORING, by=by, facts=_facts(asked, policy))
    return asked


def sign_exploration(exploration_id: int, *, by: User, seen_budget: Decimal) -> Exploration:
    """Sign a request: from now on the machine may spend the budget.

    Raises:
        NotAllowed: `by` is no supervisor. FourEyes: `by` asked for it. StaleCase: the budget is not the one seen any
            more. CaseMoved: signed or stopped already, or the version is neither in force nor waiting.
    """
    require_role(by, SIGNERS)
    with transaction.atomic(durable=True):
        exploration, policy = _lock(exploration_id)
        require_status(policy, Status.ACTIVE, Status.SCHEDULED)
        if exploration.signed_at is not None or exploration.stopped_at is not None:
            raise CaseMoved(_("This exploration was signed or stopped already."))
        if exploration.asked_by_id == by.pk:
            raise FourEyes(_("A second person must sign: nobody signs the exploration they asked for."))
        if exploration.budget != seen_budget:
            raise StaleCase(_("The budget is not the one that you saw. Look at it again."))
        exploration.signed_by, exploration.signed_at = by, timezone.now()
        exploration.save(update_fields=["signed_by", "signed_at"])
        tell(policy, Step.EXPLORE, by=by, facts=_facts(exploration, policy))
    return exploration


def stop_exploration(exploration_id: int, *, by: User | None, reason: str) -> Exploration:
    """Stop exploring under a version, for good once it was signed. `by=None` is the stop rule, whose reason is a code
    with figures (`arms.Stop.stored`).

    Raises:
        NotAllowed: neither admin nor supervisor. BadDecision: no reason. CaseMoved: stopped already.
    """
    if by is not None:
        require_role(by, APPROVERS)
    require_note(reason)
    with transaction.atomic(durable=True):
        exploration, policy = _lock(exploration_id)
        if exploration.stopped_at is not None:
            raise CaseMoved(_("This exploration was stopped already."))
        exploration.stopped_at, exploration.stop_reason = timezone.now(), reason.strip()
        exploration.save(update_fields=["stopped_at", "stop_reason"])
        facts = _facts(exploration, policy) | ({} if by else {"stop": reason.strip()})
        tell(policy, Step.STOP_EXPLORING, by=by, note=reason.strip() if by else "", facts=facts)
    return exploration


def lock_budget(policy: Policy) -> Exploration | None:
    """The budget of a version, locked until the end of the transaction; None unless signed, running and not spent.

    Two routing workers at once: the second waits here and sees what the first one has spent.
    """
    require_transaction()
    open_ = Exploration.objects.filter(policy=policy, signed_at__isnull=False, stopped_at__isnull=True)
    return open_.filter(spent__lt=F("budget")).select_for_update(no_key=True, of=("self",)).first()


def spend(exploration: Exploration, amount: Decimal) -> None:
    """Take an amount from a budget that `lock_budget` returned. ValueError unless it is above 0 and still there."""
    require_transaction()
    if not 0 < amount <= exploration.left:
        raise ValueError(f"{amount} cannot be spent: {exploration.left} of {exploration.budget} is left")
    exploration.spent += amount
    exploration.save(update_fields=["spent"])


def _lock(exploration_id: int) -> tuple[Exploration, Policy]:
    """The exploration and its version, locked in the order version, exploration."""
    found = Exploration.objects.filter(pk=exploration_id).values_list("policy", flat=True).first()
    if found is None:
        raise CaseNotFound(_("There is no such exploration."))
    policy = lock_version(found)
    return Exploration.objects.select_for_update(no_key=True).get(pk=exploration_id), policy


def _facts(exploration: Exploration, policy: Policy) -> dict[str, Any]:
    return {
        "budget": str(exploration.budget),
        "spent": str(exploration.spent),
        "currency": policy.terms["currency"],
    }
