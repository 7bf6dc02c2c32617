"""Where the facts of one case come from."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases.states import Role
from desk.access import case_for, page, person
from desk.build.lineage import lineage_page
from desk.build.personal import sight_for


@page("GET")
def lineage(request: HttpRequest, ref: str) -> HttpResponse:
    case = case_for(request, ref)
    shown = lineage_page(case, sight_for(case, person(request)), may_see_source=person(request).role != Role.REVIEWER)
    return render(request, "desk/lineage.html", {"page": shown})
