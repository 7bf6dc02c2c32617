"""The quality rules in force, read by those who look after the desk and set by an administrator."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.states import Role
from desk.access import page, person
from desk.pages.quality import QualityPage, RulesPage, RulesRow, RulesVersionRow
from desk.pages.shared import Problem
from desk.words import number, when
from intake.models import RuleSet
from intake.rule_sets import set_rules, shipped_products, text_in_force

VERSIONS: Final = 20


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def quality(request: HttpRequest) -> HttpResponse:
    latest = RuleSet.objects.select_related("set_by").order_by("product", "source", "-number")
    rows = {(row.product, row.source): _row(row) for row in latest.distinct("product", "source")}
    shipped = {(each, ""): RulesRow(each, "", "", "", "", _url(each, "")) for each in shipped_products()}
    shown = QualityPage(
        rows=tuple(row for _key, row in sorted({**shipped, **rows}.items())), edit_url=reverse("desk:quality_rules")
    )
    return render(request, "desk/quality.html", {"page": shown})


def _row(row: RuleSet) -> RulesRow:
    by, at = row.set_by.display_name, when(row.set_at)
    return RulesRow(row.product, row.source, number(row.number), by, at, _url(row.product, row.source))


def _url(product: str, source: str) -> str:
    return f"{reverse('desk:quality_rules')}?{urlencode({'product': product, 'source': source})}"


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def quality_rules(request: HttpRequest) -> HttpResponse:
    product, source = (request.GET.get(name, "").replace("\x00", "")[:50] for name in ("product", "source"))
    shown = _page(request, product, source, text_in_force(product, source))
    return render(request, "desk/quality_rules.html", {"page": shown})


@page("POST", Role.ADMIN, of="quality_rules")
def quality_set(request: HttpRequest) -> HttpResponse:
    typed = {name: request.POST.get(name, "").strip() for name in ("product", "source")}
    text, reason = request.POST.get("text", ""), request.POST.get("reason", "")
    try:
        row = set_rules(typed["product"], typed["source"], text, by=person(request), reason=reason)
    except BadDecision as refusal:
        named = {name: value.replace("\x00", "")[:50] for name, value in typed.items()}
        shown = _page(request, named["product"], named["source"], text, Problem(refusal.field, str(refusal)))
        return render(request, "desk/quality_rules.html", {"page": shown}, status=422)
    messages.success(request, _("The new rules are in force for what comes from now on."))
    return redirect(_url(row.product, row.source))


def _page(request: HttpRequest, product: str, source: str, text: str, problem: Problem | None = None) -> RulesPage:
    versions = RuleSet.objects.filter(product=product, source=source).select_related("set_by").order_by("-number")
    return RulesPage(
        product=product,
        source=source,
        text=text,
        versions=tuple(
            RulesVersionRow(number(row.number), when(row.set_at), row.set_by.display_name, row.reason)
            for row in versions[:VERSIONS]
        ),
        list_url=reverse("desk:quality"),
        set_url=reverse("desk:quality_set") if person(request).role == Role.ADMIN else "",
        reason=request.POST.get("reason", "") if problem else "",
        problems=(problem,) if problem else (),
    )
