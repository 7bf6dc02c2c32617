"""The mappings of a source: its versions, a new draft from a file or from YAML, the way back, and code tables."""

from __future__ import annotations

from typing import Any, Final

import yaml
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.states import Role
from desk.access import page, person
from desk.build.mapping_page import state_of
from desk.pages.mappings import MappingsPage, VersionRow
from desk.pages.shared import Problem
from desk.uploads import opened_sample, uploaded_text
from desk.words import is_chinese, number, when
from intake.mapped.mapping_data import taken_now
from intake.mapped.yaml_files import read_yaml_text
from intake.models import Batch, Source, SourceMapping, Way
from intake.reading.mapping_sample import sample_of
from intake.reading.rows import sample_rows
from intake.reading.table_notes import lines_beside, notes_below, units_of, units_of_columns
from intake.recognition.mapping import mapping_as_data, read_mapping
from intake.recognition.open_terms import with_stated_term
from intake.recognition.recognise import recognise
from intake.record.as_before import draft_as_before
from intake.record.choose import INFERRED
from intake.record.mapping_steps import MappingNotFound, Status, in_force
from intake.record.past_rows import last_file
from intake.signing.mapping_history import past_mappings
from intake.signing.mapping_life import (
    DRAFTERS,
    SIGNERS,
    draft_mapping,
    roll_back_mapping,
    way_back,
)
from intake.sources.sources import SourceNotFound
from intake.tabular.stated_units import with_stated_units
from intake.wording.sentences import IntakeError

VERSIONS: Final = 50
YAML_MOST: Final = 200_000


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def mappings(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "desk/mappings.html", {"page": _page(request, slug)})


@page("POST", Role.ADMIN, of="mappings")
def mapping_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A new draft: from an uploaded sample, the source's last file, YAML, or an earlier version."""
    _source(slug)
    try:
        made = _drafted(request, slug)
    except BadDecision as refusal:
        shown = _page(request, slug, Problem(refusal.field, str(refusal)))
        return render(request, "desk/mappings.html", {"page": shown}, status=422)
    except IntakeError as refusal:
        shown = _page(request, slug, Problem(request.POST.get("act", ""), refusal.sentence(_language())))
        return render(request, "desk/mappings.html", {"page": shown}, status=422)
    messages.success(request, _("The draft is made: look at what was recognised."))
    return redirect("desk:mapping", slug=slug, number=made.number)


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="mappings")
def mapping_roll_back(request: HttpRequest, slug: str) -> HttpResponse:
    to = request.POST.get("to", "")
    at = int(to) if to.isascii() and to.isdigit() and len(to) <= 9 else -1
    try:
        roll_back_mapping(slug, at, by=person(request), reason=request.POST.get("reason", ""))
    except BadDecision as refusal:
        shown = _page(request, slug, Problem("roll-back", str(refusal)))
        return render(request, "desk/mappings.html", {"page": shown}, status=422)
    messages.success(request, _("Version %(n)s is in force again.") % {"n": number(at)})
    return redirect("desk:mappings", slug=slug)


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def mapping_file(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The version as a mapping file, which the command and another installation take."""
    mapping = find_mapping(slug, number)
    text = yaml.safe_dump({"source": slug, **mapping.content}, allow_unicode=True, sort_keys=False, width=110)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{number}.yaml"'
    return response


def find_mapping(slug: str, number: int) -> SourceMapping:
    """Raises MappingNotFound."""
    found = SourceMapping.objects.select_related("source", "proposed_by", "signed_by", "drafted_by")
    mapping = found.filter(source__slug=slug, number=number).first()
    if mapping is None:
        raise MappingNotFound
    return mapping


def _drafted(request: HttpRequest, slug: str) -> SourceMapping:
    act, by = request.POST.get("act", "file"), person(request)
    if act == "yaml":
        text = uploaded_text(request) or request.POST.get("yaml", "")
        return draft_mapping(slug, _read_yaml(text), by=by, sample=_latest_sample(slug))
    if act == "copy":
        of = request.POST.get("of", "")
        mapping = find_mapping(slug, int(of) if of.isascii() and of.isdigit() and len(of) <= 9 else -1)
        content = mapping_as_data(taken_now(read_mapping(mapping.content, kept=True)))
        return draft_mapping(slug, content, by=by, sample=mapping.sample, recognised=mapping.recognised)
    with opened_sample(request, slug, act) as (name, table):
        rows = sample_rows(table)
        guessed, clues = recognise(table.columns, rows, slug, past_mappings(slug))
        below = notes_below(table)
        for stated in (units_of(table, rows, below), *units_of_columns(table, guessed)):
            guessed = with_stated_units(guessed, stated)
        guessed = with_stated_term(guessed, rows, lines_beside(table, below))
        guessed = draft_as_before(slug, guessed, rows)
        sample = sample_of(table, name)
    recognised = {column: clue.as_dict() for column, clue in clues.items()}
    return draft_mapping(slug, mapping_as_data(guessed), by=by, sample=sample, recognised=recognised)


def _read_yaml(text: str) -> dict[str, Any]:
    if len(text) > YAML_MOST:
        raise BadDecision("yaml", _("The file is too large."))
    try:
        # An alias can unfold to more than any memory holds; no mapping needs one.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise BadDecision("yaml", _("Write out what stands behind an alias (*)."))
        content = read_yaml_text(text)
    except (yaml.YAMLError, RecursionError) as problem:
        raise BadDecision("yaml", _("This is not YAML: %(problem)s") % {"problem": problem}) from problem
    if not isinstance(content, dict):
        raise BadDecision("yaml", _("A mapping file has keys such as fields and features."))
    return {str(key): value for key, value in content.items()}


def _latest_sample(slug: str) -> dict[str, Any]:
    with_sample = SourceMapping.objects.filter(source__slug=slug).exclude(sample={}).order_by("-number")
    return with_sample.values_list("sample", flat=True).first() or {}


def _source(slug: str) -> Source:
    found = Source.objects.filter(slug=slug).defer("reference").first()
    if found is None:
        raise SourceNotFound
    return found


def _language() -> str:
    return "zh-hans" if is_chinese() else "en"


def _page(request: HttpRequest, slug: str, problem: Problem | None = None) -> MappingsPage:
    source, user = _source(slug), person(request)
    found = SourceMapping.objects.filter(source=source).select_related("drafted_by", "signed_by")
    back = way_back(source.pk) if user.role in SIGNERS else None
    drafts = user.role in DRAFTERS
    last = last_file(slug) if drafts else None
    return MappingsPage(
        title=str(source),
        source_url=reverse("desk:source", args=[slug]),
        versions=tuple(
            _version_row(slug, each, back)
            for each in found.defer("sample", "recognised").order_by("-number")[:VERSIONS]
        ),
        read_by=_read_by(slug),
        new_url=reverse("desk:mapping_new", args=[slug]) if drafts else "",
        last_file=last.name if last else "",
        yaml=request.POST.get("yaml", "") if problem else "",
        reason=request.POST.get("reason", "") if problem else "",
        problems=(problem,) if problem else (),
    )


def _read_by(slug: str) -> str:
    """What reads a file that comes now without a mapping of its own."""
    signed = in_force(slug)
    if signed is not None:
        return _("Version %(n)s reads what comes.") % {"n": number(signed.number)}
    files = Batch.objects.filter(source__slug=slug, kind=Way.FILE).select_related("mapping").order_by("-id")
    last = files.first()
    if last is None or last.mapping is None:
        return _("Nobody has signed a mapping: the columns of what comes are recognised by themselves.")
    if last.mapping.name == INFERRED:
        return _("Nobody has signed a mapping: the columns of the last file were recognised by themselves.")
    return _("Nobody has signed a mapping: the last file was read by %(name)s.") % {"name": last.mapping.name}


def _version_row(slug: str, mapping: SourceMapping, back: int | None) -> VersionRow:
    entries = [*mapping.content.get("fields", {}).values(), *mapping.content.get("features", {}).values()]
    goes_back = mapping.number == back and mapping.status == Status.RETIRED
    return VersionRow(
        number=str(mapping.number),
        url=reverse("desk:mapping", args=[slug, mapping.number]),
        state=state_of(mapping),
        by=mapping.drafted_by.display_name,
        signed_by=mapping.signed_by.display_name if mapping.signed_by else "",
        at=when(mapping.signed_at or mapping.drafted_at),
        columns=number(sum("column" in entry for entry in entries)),
        back_url=reverse("desk:mapping_roll_back", args=[slug]) if goes_back else "",
    )
