"""The life of a model on its card: its steps, and what this reader may do with it."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import User
from cases.products import numbered
from cases.states import Role
from desk.pages import Action, Event, Pair
from desk.pages.challengers import ModelLife, SplitForm
from desk.words import number, percent, when
from scoring.life import APPROVERS, Status
from scoring.models import ModelStep, ModelVersion, TrafficSplit
from scoring.promotion import open_promotion
from scoring.registry import champion_version
from scoring.way_back import way_back

READERS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)


def model_life(version: ModelVersion, reader: User) -> ModelLife:
    """What is shown of a model's life to `reader`; acts only where they may make them."""
    is_admin = reader.role == Role.ADMIN
    links: list[tuple[str, str]] = []
    actions: list[Action] = []
    about: list[Pair] = []
    split: SplitForm | None = None
    if version.status == Status.CHAMPION:
        back = way_back(version.product) if is_admin else None
        if back is not None:
            words = _("Roll back to %(model)s") % {"model": numbered(back.product, back.number)}
            actions.append(Action(words, reverse("desk:model_roll_back", args=[version.pk]), reason_required=True))
        if reader.role in READERS:
            links.append((_("Score waiting cases again"), reverse("desk:rescoring", args=[version.pk])))
    else:
        champion = champion_version(version.product)
        if champion is not None and reader.role in READERS:
            links.append((_("Compare with the champion"), reverse("desk:comparison", args=[champion.pk, version.pk])))
        run = version.shadow_runs.select_related("started_by").filter(stopped_at__isnull=True).first()
        if run is not None:
            told = {"who": run.started_by.display_name, "at": when(run.started_at), "reason": run.reason}
            about.append(Pair(_("In shadow"), _("%(who)s, %(at)s: %(reason)s") % told))
        if is_admin and champion is not None:
            act, words = ("stop", _("Stop its shadow")) if run else ("start", _("Start it in shadow"))
            url = reverse("desk:model_shadow", args=[version.pk])
            actions.append(Action(words, url, reason_required=True, fields=(("act", act),)))
        split = _split(version, reader) if champion is not None else None
    proposal = open_promotion(version.product)
    if proposal is not None and proposal.model_id == version.pk and reader.role in READERS:
        links.append((_("The open proposal"), reverse("desk:promotion", args=[proposal.pk])))
    return ModelLife(tuple(about), steps_of(version), tuple(links), tuple(actions), split)


def _split(version: ModelVersion, reader: User) -> SplitForm | None:
    found = (
        TrafficSplit.objects.select_related("asked_by", "signed_by")
        .filter(product=version.product, stopped_at__isnull=True)
        .first()
    )
    url = reverse("desk:model_split", args=[version.pk])
    if found is None:
        return SplitForm(ask_url=url) if reader.role == Role.ADMIN else None
    if found.challenger_id != version.pk:
        return None
    told = {"share": percent(found.share), "who": found.asked_by.display_name, "reason": found.reason}
    words = _("%(share)s of the cases, asked by %(who)s: %(reason)s") % told
    if found.signed_by is not None:
        words += " · " + _("signed by %(who)s") % {"who": found.signed_by.display_name}
    fields = (("split", str(found.pk)),)
    may = reader.role in APPROVERS
    may_sign = may and found.signed_by is None and reader.pk not in (found.asked_by_id, found.trained_by_id)
    seen = (*fields, ("act", "sign"), ("seen", repr(found.share)))
    return SplitForm(
        words=words,
        sign=Action(_("Sign this share"), url, "primary", fields=seen) if may_sign else None,
        stop=Action(_("Stop it"), url, reason_required=True, fields=(*fields, ("act", "stop"))) if may else None,
    )


def steps_of(version: ModelVersion) -> tuple[Event, ...]:
    """All steps of a model, the latest first."""
    return tuple(
        Event(
            at=when(step.at),
            at_iso=step.at.isoformat(),
            who=step.actor.display_name if step.actor else _("machine"),
            what=str(ModelStep.Name(step.name).label),
            details=tuple(line for line in (*_details(step), step.reason) if line),
            by_machine=step.actor is None,
        )
        for step in version.steps.select_related("actor").order_by("-pk")
    )


def _details(step: ModelStep) -> list[str]:
    facts, lines = step.facts, []
    if "share" in facts:
        lines.append(percent(facts["share"]))
    if "cases" in facts:
        lines.append(_("%(n)s cases") % {"n": number(facts["cases"])})
    if "ticked" in facts:
        lines.append(_("%(n)s lines ticked") % {"n": number(len(facts["ticked"]))})
    if "comparison_sha256" in facts:
        lines.append(f"SHA-256 {facts['comparison_sha256'][:16]}…")
    return lines
