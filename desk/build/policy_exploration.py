"""The budget of exploration approvals of a version: what stands, and who may do what with it."""

from __future__ import annotations

import json
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import User
from cases.states import Role
from desk.pages import Pair
from desk.pages.policies import ExplorationCard
from desk.words import money, number, percent, when
from routing.exploring import SIGNERS
from routing.life import APPROVERS
from routing.models import Exploration, Policy
from routing.terms import Terms

STOPS: Final[dict[str, Promise]] = {
    "bads": gettext_lazy("%(bads)s loans turned bad; %(most)s end the exploration."),
    "loss": gettext_lazy("Losses of %(loss)s have reached %(share)s of the budget."),
    "bad_rate": gettext_lazy(
        "%(bads)s bad of %(matured)s: above the tolerated %(tolerated)s at %(confidence)s confidence."
    ),
}
PARTS: Final = frozenset({"share", "tolerated", "confidence"})
IN_USE = (Policy.Status.ACTIVE, Policy.Status.SCHEDULED)


def exploration_card(policy: Policy, terms: Terms, reader: User) -> ExplorationCard | None:
    """None for a version that does not explore."""
    asked = Exploration.objects.filter(policy=policy).select_related("asked_by", "signed_by").first()
    if asked is None and (terms.exploration is None or not terms.exploration.rate or policy.status not in IN_USE):
        return None
    may_be_asked = asked is None or (asked.signed_at is None and asked.stopped_at is not None)
    open_ = asked is not None and asked.stopped_at is None
    waits = asked is not None and asked.stopped_at is None and asked.signed_at is None
    own = asked is not None and asked.asked_by_id == reader.pk
    in_use = policy.status in IN_USE
    return ExplorationCard(
        pairs=_pairs(asked, terms.currency) if asked else (),
        url=reverse("desk:policy_exploration", args=[policy.pk]),
        seen=str(asked.budget) if asked else "",
        may_ask=may_be_asked and in_use and reader.role == Role.ADMIN,
        may_sign=waits and in_use and reader.role in SIGNERS and not own,
        may_stop=open_ and reader.role in APPROVERS,
        refusal=_("A supervisor must sign it who did not ask for it.") if waits and reader.role not in SIGNERS else "",
        most=f"{terms.exploration.budget:.2f}" if terms.exploration else "",
    )


def _pairs(asked: Exploration, currency: str) -> tuple[Pair, ...]:
    pairs = [
        Pair(_("Budget"), money(asked.budget, currency)),
        Pair(_("Spent"), money(asked.spent, currency)),
        Pair(_("Asked for"), f"{asked.asked_by.display_name}, {when(asked.asked_at)}"),
    ]
    if asked.signed_by:
        pairs.append(Pair(_("Signed"), f"{asked.signed_by.display_name}, {when(asked.signed_at)}"))
    if asked.stopped_at:
        pairs.append(Pair(_("Stopped"), f"{when(asked.stopped_at)}: {stop_words(asked.stop_reason)}"))
    return tuple(pairs)


def stop_words(reason: str) -> str:
    """Why it stopped: what the stop rule stored in the reader's language, what a person wrote as it was written."""
    try:
        told: Any = json.loads(reason)
    except ValueError:
        return reason
    if not isinstance(told, dict) or told.get("code") not in STOPS:
        return reason
    figures = {key: percent(value) if key in PARTS else number(value) for key, value in told.items() if key != "code"}
    return str(STOPS[told["code"]]) % figures
