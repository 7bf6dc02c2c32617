"""The life of a version as lines: who did what, when and why; and alerts of the guard as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.build.policy_exploration import stop_words
from desk.build.policy_grids import label
from desk.pages import Event
from desk.words import money, number, percent, when
from routing.excursions import REVIEWS_A_DAY
from routing.fields import WAYS
from routing.models import Policy, PolicyStep

MEASURES: Final[dict[str, Promise]] = {
    "approve_share": gettext_lazy("Machine approves"),
    "review_share": gettext_lazy("People look"),
}


def steps_of(policy: Policy) -> tuple[Event, ...]:
    """All steps of a version, the latest first."""
    steps = policy.steps.select_related("actor").order_by("-pk")
    return tuple(
        Event(
            at=when(step.at),
            at_iso=step.at.isoformat(),
            who=step.actor.display_name if step.actor else _("machine"),
            what=str(PolicyStep.Name(step.name).label),
            details=tuple(line for line in (*_details(step), step.reason) if line),
            by_machine=step.actor is None,
        )
        for step in steps
    )


def alert_words(step: PolicyStep) -> str:
    """What the guard saw."""
    facts: Mapping[str, Any] = step.facts
    if facts["measure"] == REVIEWS_A_DAY:
        return _("%(at)s, %(version)s: %(n)s cases sent to people in a day; %(low)s to %(high)s were expected.") % {
            "at": when(step.at), "version": step.policy, "n": number(facts["share"]), "low": number(facts["low"]),
            "high": number(facts["high"]),
        }  # fmt: skip
    told = _("%(at)s, %(version)s: %(measure)s %(share)s of %(cases)s cases; %(low)s to %(high)s were expected.") % {
        "at": when(step.at), "version": step.policy, "measure": MEASURES.get(facts["measure"], facts["measure"]),
        "share": percent(facts["share"]), "cases": number(facts["cases"]), "low": percent(facts["low"]),
        "high": percent(facts["high"]),
    }  # fmt: skip
    return f"{told} {_('The version before was put in force again.')}" if facts.get("falls_back_to") else told


def _details(step: PolicyStep) -> list[str]:
    facts = step.facts
    match step.name:
        case PolicyStep.Name.TEST:
            return tested_words(facts)
        case PolicyStep.Name.PROPOSE:
            return [_simulated(facts)]
        case PolicyStep.Name.APPROVE:
            ticked = _("%(n)s consequences ticked") % {"n": number(len(facts.get("ticked", ())))}
            return [ticked, f"SHA-256 {facts['simulation_sha256'][:16]}…"]
        case PolicyStep.Name.ALERT:
            return [alert_words(step)]
        case PolicyStep.Name.ASK_EXPLORING | PolicyStep.Name.EXPLORE | PolicyStep.Name.STOP_EXPLORING:
            amounts = {name: money(float(facts[name]), facts["currency"]) for name in ("budget", "spent")}
            stopped = [stop_words(facts["stop"])] if "stop" in facts else []
            return [*stopped, _("budget %(budget)s, of which %(spent)s is spent") % amounts]
    return []


def tested_words(facts: Mapping[str, Any]) -> list[str]:
    """How a test went, in sentences."""
    ways = {way.key: label(way) for way in WAYS}
    if facts["passed"]:
        return [_("passed: every example goes where it must")]
    lines = [
        _("“%(name)s” goes to “%(got)s” instead of “%(wanted)s”")
        % {"name": one["name_en"], "got": ways.get(one["got"], "--"), "wanted": ways.get(one["expected"], "--")}
        for one in facts["failed_examples"]
    ]
    lines += [_("no example goes to “%(way)s”") % {"way": ways[way]} for way in facts["ways_without_example"]]
    if facts["errors"]:
        lines.append(_("%(n)s errors in the tables") % {"n": number(facts["errors"])})
    return lines


def _simulated(facts: Mapping[str, Any]) -> str:
    if not facts["cases"]:
        return _("no past case was there to be replayed")
    return _("%(n)s past cases replayed, SHA-256 %(hash)s…") % {
        "n": number(facts["cases"]), "hash": facts["simulation_sha256"][:16],
    }  # fmt: skip
