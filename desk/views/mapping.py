"""One version of a source's mapping: edited as a table, tried on a sample, proposed, and signed by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.states import Role
from desk.access import page, person
from desk.build.mapping_page import mapping_page, preview_part
from desk.build.mapping_rows import form_of
from desk.mapping_form import content_from_form
from desk.pages.shared import Problem
from desk.uploads import opened_sample
from desk.views.mappings import find_mapping
from desk.words import is_chinese, when
from intake.models import SourceMapping
from intake.reading.mapping_sample import sample_of
from intake.reading.rows import sample_rows
from intake.recognition.recognise import recognise
from intake.record.joined_types import with_joined_types
from intake.record.mapping_steps import MappingChanged, settle
from intake.record.past_rows import comparison_of
from intake.signing.mapping_history import past_mappings
from intake.signing.mapping_life import discard_mapping, edit_mapping, propose_mapping, return_mapping, sign_mapping
from intake.wording.sentences import IntakeError

UNJOIN: Final = "unjoin:"
CODES: Final = "codes:"
COMPARE: Final = "compare"
REASON: Final = "reason"
REASON_MOST: Final = 400
# Sent by every form that holds the table.
TABLE: Final = "makes"


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def mapping(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    found = find_mapping(slug, number)
    compared = comparison_of(found) if request.GET.get("compare") and found.comparison is None else None
    reason = {REASON: request.GET.get(REASON, "")[:REASON_MOST]}
    shown = mapping_page(found, person(request), posted=reason, comparison=compared)
    return render(request, "desk/mapping.html", {"page": shown})


@page("POST", Role.ADMIN, of="mapping")
def mapping_save(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Save the table; the button may also compare it with past rows, add or take away a join, or lead on to a code
    table."""
    found, act = find_mapping(slug, number), request.POST.get("act", "")
    content, problems = _typed(found, request.POST)
    try:
        content = with_joined_types(_with_joins(content, request.POST, act))
        if not problems:
            edit_mapping(slug, number, content, by=person(request), seen=request.POST.get("seen", ""))
    except BadDecision as refusal:
        problems.append(Problem(refusal.field if refusal.field.startswith("join") else "", str(refusal)))
    except MappingChanged as refusal:
        return _changed_meanwhile(request, slug, number, refusal)
    if problems:
        return _refused(request, found, content, problems)
    messages.success(request, _("Saved."))
    if act.startswith(CODES):
        of = _key_after_saving(request.POST, act.removeprefix(CODES))
        return redirect(f"{reverse('desk:mapping_codes', args=[slug, number])}?{urlencode({'of': of})}")
    place = "joins-title" if act == "join" or act.startswith(UNJOIN) else "comparison-title" if act == COMPARE else ""
    return redirect(_back_to_draft(request, slug, number, place))


@page("POST", Role.ADMIN, of="mapping")
def mapping_preview(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What is typed, tried on the sample and not saved: a part of the page for htmx, else the whole page."""
    found = find_mapping(slug, number)
    content, problems = _typed(found, request.POST)
    if getattr(request, "htmx", False):
        return render(request, "components/mapping_preview.html", {"preview": preview_part(content, found)})
    shown = mapping_page(found, person(request), content=content, posted=request.POST.dict(), problems=problems)
    return render(request, "desk/mapping.html", {"page": shown})


@page("POST", Role.ADMIN, of="mapping")
def mapping_sample(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Another sample for a draft, which is saved with what was typed in its table."""
    found = find_mapping(slug, number)
    content, problems = _typed(found, request.POST)
    if problems:
        return _refused(request, found, content, problems)
    try:
        with opened_sample(request, slug, "file") as (name, table):
            _mapping, clues = recognise(table.columns, sample_rows(table), slug, past_mappings(slug))
            sample = sample_of(table, name)
        recognised = {**found.recognised, **{column: clue.as_dict() for column, clue in clues.items()}}
        seen = request.POST.get("seen", "")
        edit_mapping(slug, number, content, by=person(request), seen=seen, sample=sample, recognised=recognised)
    except (BadDecision, IntakeError) as refusal:
        told = str(refusal) if isinstance(refusal, BadDecision) else refusal.sentence(_language())
        return _refused(request, found, content, [Problem("file", told)])
    except MappingChanged as refusal:
        return _changed_meanwhile(request, slug, number, refusal)
    messages.success(request, _("It is tried on this file now."))
    return redirect(_back_to_draft(request, slug, number))


@page("POST", Role.ADMIN, of="mapping")
def mapping_propose(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Compare what the page shows with past rows, freeze what differs, and propose it: saved in the same step."""
    found, posted = find_mapping(slug, number), request.POST
    content, problems = _typed(found, posted)
    if posted.get("join-name", "").strip():
        problems.append(Problem("join-name", _("Join it first, or empty this: it is not joined yet.")))
    if problems:
        return _refused(request, found, content, problems)
    try:
        settled = settle(content)
        propose_mapping(
            slug,
            number,
            by=person(request),
            seen=posted.get("seen", ""),
            content=settled,
            comparison=comparison_of(found, settled),
            reason=posted.get(REASON, ""),
        )
    except BadDecision as refusal:
        return _refused(request, found, content, [Problem(refusal.field, str(refusal))])
    except MappingChanged as refusal:
        return _changed_meanwhile(request, slug, number, refusal)
    messages.success(request, _("It is proposed: a second person has to sign it."))
    return redirect("desk:mapping", slug=slug, number=number)


@page("POST", Role.ADMIN, of="mapping")
def mapping_discard(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    found, posted = find_mapping(slug, number), request.POST
    try:
        discard_mapping(slug, number, by=person(request), seen=posted.get("seen", ""), reason=posted.get(REASON, ""))
    except BadDecision as refusal:
        return _refused(request, found, _typed(found, posted)[0], [Problem(refusal.field, str(refusal))])
    except MappingChanged as refusal:
        return _changed_meanwhile(request, slug, number, refusal)
    messages.success(request, _("The draft is discarded."))
    return redirect("desk:mappings", slug=slug)


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="mapping")
def mapping_sign(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    found, posted = find_mapping(slug, number), request.POST
    seen, reason = posted.get("comparison_sha256", ""), posted.get(REASON, "")
    try:
        sign_mapping(slug, number, by=person(request), comparison_sha256=seen, reason=reason)
    except BadDecision as refusal:
        return _refused(request, found, None, [Problem(refusal.field, str(refusal))])
    except MappingChanged as refusal:
        now = find_mapping(slug, number)
        return _refused(request, now, None, [Problem("", str(refusal))], status=refusal.status)
    messages.success(request, _("It is signed and reads what comes from now on."))
    return redirect("desk:mapping", slug=slug, number=number)


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="mapping")
def mapping_return(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    found = find_mapping(slug, number)
    try:
        return_mapping(slug, number, by=person(request), reason=request.POST.get(REASON, ""))
    except BadDecision as refusal:
        return _refused(request, found, None, [Problem(refusal.field, str(refusal))])
    messages.success(request, _("It is a draft again."))
    return redirect("desk:mapping", slug=slug, number=number)


def _typed(found: SourceMapping, posted: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The content as the page showed it, and what is wrong with it: what is saved where nothing was typed, even what
    the table does not show, and where the table was not sent."""
    if TABLE not in posted:
        return found.content, []
    content, problems = content_from_form(found.content, {name: str(value) for name, value in posted.items()})
    if (content, problems) == content_from_form(found.content, form_of(found.content)):
        return found.content, []
    return with_joined_types(content), problems


def _back_to_draft(request: HttpRequest, slug: str, number: int, place: str = "") -> str:
    """The address of the draft after a step that was not the one that the reason was typed for."""
    asked = {"compare": "1"} if place == "comparison-title" else {}
    reason = request.POST.get(REASON, "").strip()[:REASON_MOST]
    asked |= {REASON: reason} if reason else {}
    here = reverse("desk:mapping", args=[slug, number])
    return f"{here}{'?' if asked else ''}{urlencode(asked)}{'#' if place else ''}{place}"


def _changed_meanwhile(request: HttpRequest, slug: str, number: int, refusal: MappingChanged) -> HttpResponse:
    """The draft as somebody else has saved it, with what was typed over it and what is saved beside that: sent again,
    it takes the place of that. Where it is another version that has changed, its own sentence says so."""
    found = find_mapping(slug, number)
    words = str(refusal)
    if found.sha256 != request.POST.get("seen", ""):
        last = found.steps.select_related("actor").latest("id")
        words = _(
            "%(person)s saved this draft at %(at)s, after you opened it. What you typed is below and not saved; beside"
            " it stands what is saved. Saved now, it takes the place of that."
        ) % {"person": last.actor.display_name, "at": when(last.at)}
    return _refused(request, found, _typed(found, request.POST)[0], [Problem("", words)], status=refusal.status)


def _refused(
    request: HttpRequest,
    found: SourceMapping,
    content: Mapping[str, Any] | None,
    problems: list[Problem],
    *,
    status: int = 422,
) -> HttpResponse:
    posted = request.POST.dict()
    shown = mapping_page(found, person(request), content=content, posted=posted, problems=problems)
    return render(request, "desk/mapping.html", {"page": shown}, status=status)


def _with_joins(content: dict[str, Any], posted: Mapping[str, str], act: str) -> dict[str, Any]:
    """The content with a join more or less. Raises BadDecision without a name or a source."""
    joins = dict(content.get("joins", {}))
    if act.startswith(UNJOIN):
        name = act.removeprefix(UNJOIN)
        joins.pop(name, None)
        for section in ("fields", "features"):
            told = content[section].items()
            content[section] = {key: entry for key, entry in told if not _reads_from(entry, name)}
    if act == "join":
        name, source = posted.get("join-name", "").strip(), posted.get("join-source", "").strip()
        if not name or name in joins:
            raise BadDecision("join-name", _("Give it a short name of its own: a-z, digits, underscores."))
        if not source:
            raise BadDecision("join-source", _("Choose a source that keeps rows."))
        joins[name] = {"source": source, "on": posted.get("join-on", "applicant.id")}
    return {**content, "joins": joins}


def _reads_from(entry: Mapping[str, Any], name: str) -> bool:
    return str(entry.get("column", "")).startswith(f"{name}.")


def _key_after_saving(posted: Mapping[str, str], at: str) -> str:
    """The key of the entry that the row at this place has become."""
    target = posted.get(f"target-{at}", "")
    if target == "feature":
        return f"features.{posted.get(f'name-{at}', '').strip()}"
    return target if target.startswith("reference.") else f"fields.{target}"


def _language() -> str:
    return "zh-hans" if is_chinese() else "en"
