"""The first look at how the columns of a source are read: seen, confirmed, or read again by what was signed since."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.errors import BadDecision
from cases.states import Role
from desk.access import page, person
from desk.build.first_looks import NotTaken, readings_page
from desk.pages.shared import Problem
from desk.words import number
from intake.models import Source
from intake.signing.first_look import confirm_reading
from intake.sources.sources import SourceNotFound
from intake.ways_in.incoming import read_again


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def readings(request: HttpRequest, slug: str) -> HttpResponse:
    return _shown(request, slug, {}, status=200)


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="readings")
def reading_confirm(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """The columns are read rightly: what waited for the look goes on."""
    note, known_before = request.POST.get("note", ""), "known_before" in request.POST
    try:
        confirm_reading(slug, version, by=person(request), note=note, known_before=known_before)
    except BadDecision as refusal:
        posted = NotTaken(note, known_before, Problem(refusal.field, str(refusal)))
        return _shown(request, slug, {version: posted}, status=422)
    messages.success(request, _("You have looked at it: the cases that waited for that go on."))
    return redirect("desk:source", slug=slug)


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="readings")
def reading_again(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """The files are read again, by the mapping that is signed by now."""
    sent = read_again(slug, version, by=person(request))
    told = ngettext("%(n)s file is on its way in.", "%(n)s files are on their way in.", sent) % {"n": number(sent)}
    messages.success(request, told)
    return redirect("desk:imports")


def _shown(request: HttpRequest, slug: str, refused: Mapping[int, NotTaken], *, status: int) -> HttpResponse:
    source = Source.objects.filter(slug=slug).first()
    if source is None:
        raise SourceNotFound
    shown = readings_page(source, person(request), refused=refused)
    return render(request, "desk/readings.html", {"page": shown}, status=status)
