"""The page of whoever approves a version: the frozen replay, every consequence to tick, and when it starts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import FourEyes
from cases.models import User
from desk.build.consequence_rows import rows_of
from desk.build.consequence_words import sentence_of
from desk.build.policy_list import dials_of, state_of, version_name
from desk.build.simulation import simulation_of
from desk.pages import Pair, Problem
from desk.pages.policies import ApprovalPage, Tick
from desk.words import when
from routing.life import APPROVERS, in_force_since
from routing.life import simulation_of as frozen
from routing.models import Policy
from routing.publication import consequences_of, is_simulated_against, is_simulated_with, require_second_person
from routing.terms import Terms
from scoring.registry import champion_sha256


def refusal_of(policy: Policy, reader: User) -> str:
    """Why this reader may not approve this proposal; "" where they may."""
    if reader.role not in APPROVERS:
        return _("Your role reads policies and approves none.")
    try:
        require_second_person(policy, reader)
    except FourEyes as refusal:
        return str(refusal)
    present = Policy.objects.filter(product=policy.product, status=Policy.Status.ACTIVE).first()
    if not is_simulated_against(frozen(policy), present):
        return _("Another version came into force since this one was simulated: return it, and propose it anew.")
    if not is_simulated_with(frozen(policy), champion_sha256(policy.product)):
        return _("Another model was promoted since this one was simulated: return it, and propose it anew.")
    return ""


def approval_page(
    policy: Policy,
    reader: User,
    *,
    ticked: Collection[str] = (),
    note: str = "",
    starts_at: str = "",
    problems: Sequence[Problem] = (),
) -> ApprovalPage:
    """What is asked of whoever approves. Raises CaseMoved where the version is no proposal."""
    refusal, terms = refusal_of(policy, reader), Terms.from_dict(policy.terms)
    return ApprovalPage(
        title=version_name(policy),
        state=state_of(policy),
        about=_about(policy),
        simulation=simulation_of(frozen(policy), policy.terms["currency"]),
        simulation_sha256=policy.simulation_sha256,
        ticks=tuple(
            Tick(each.key, sentence_of(each), each.key in ticked, rows_of(each, terms))
            for each in consequences_of(policy.pk)
        ),
        action_url=reverse("desk:policy_approval", args=[policy.pk]),
        version_url=reverse("desk:policy", args=[policy.pk]),
        may=not refusal,
        refusal=refusal,
        problems=tuple(problems),
        note=note,
        starts_at=starts_at,
    )


def _about(policy: Policy) -> tuple[Pair, ...]:
    pairs = [Pair(_("Drafted"), f"{policy.drafted_by.display_name}, {when(policy.drafted_at)}")]
    if policy.proposed_by:
        pairs.append(Pair(_("Proposed"), f"{policy.proposed_by.display_name}, {when(policy.proposed_at)}"))
    present = Policy.objects.filter(product=policy.product, status=Policy.Status.ACTIVE).first()
    if present is not None:
        told = _("%(version)s since %(at)s") % {"version": version_name(present), "at": when(in_force_since(present))}
        pairs.append(Pair(_("In force"), told))
    if policy.purpose:
        pairs.append(Pair(_("What this version is for"), policy.purpose))
    return (*pairs, *dials_of(policy))
