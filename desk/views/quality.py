"""The quality rules in force, read by those who look after the desk and set by an administrator."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.errors import BadDecision, StaleCase
from cases.states import Role
from desk.access import page, person
from desk.build.rule_versions import version_part
from desk.pages.quality import QualityPage, RulesPage, RulesRow, RulesVersionRow
from desk.pages.shared import Problem
from desk.posted import number_of
from desk.words import number, when
from intake.gate.rule_sets import set_rules, shipped_products, text_in_force
from intake.models import RuleSet
from intake.sources.source_names import spelling_of

# So many versions can be opened: a case of long ago was held by one of them.
VERSIONS: Final = 200
# The field of the form by which somebody says that they write over what was set meanwhile.
STALE: Final = "over"


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def quality(request: HttpRequest) -> HttpResponse:
    named = RuleSet.objects.select_related("set_by").annotate(named=Lower("product"))
    latest = named.order_by("named", "source", "-number", "-id").distinct("named", "source")
    rows = {(row.named, row.source): _row(row, row.named) for row in latest}
    shipped = {(each, ""): RulesRow(each, "", "", "", "", _url(each, "")) for each in shipped_products()}
    shown = QualityPage(
        rows=tuple(row for _key, row in sorted({**shipped, **rows}.items())), edit_url=reverse("desk:quality_rules")
    )
    return render(request, "desk/quality.html", {"page": shown})


def _row(row: RuleSet, product: str) -> RulesRow:
    by, at = row.set_by.display_name, when(row.set_at)
    return RulesRow(product, row.source, number(row.number), by, at, _url(product, row.source))


def _url(product: str, source: str) -> str:
    return f"{reverse('desk:quality_rules')}?{urlencode({'product': product, 'source': source})}"


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def quality_rules(request: HttpRequest) -> HttpResponse:
    product, source = (request.GET.get(name, "").replace("\x00", "")[:50] for name in ("product", "source"))
    product, source = product.lower(), spelling_of(source) if source else ""
    version = number_of(request.GET["version"]) if "version" in request.GET else None
    if version is not None and not _versions(product, source).filter(number=version).exists():
        raise Http404
    shown = _page(request, product, source, text_in_force(product, source), version=version)
    return render(request, "desk/quality_rules.html", {"page": shown})


@page("POST", Role.ADMIN, of="quality_rules", keeps=("product", "source"))
def quality_set(request: HttpRequest) -> HttpResponse:
    typed = {name: request.POST.get(name, "").strip() for name in ("product", "source")}
    text, reason = request.POST.get("text", ""), request.POST.get("reason", "")
    seen = number_of(request.POST.get("over") or request.POST.get("seen", "0"))
    try:
        row = set_rules(typed["product"], typed["source"], text, by=person(request), reason=reason, seen=seen)
    except (BadDecision, StaleCase) as refusal:
        named = {name: value.replace("\x00", "")[:50] for name, value in typed.items()}
        field = refusal.field if isinstance(refusal, BadDecision) else STALE
        shown = _page(request, named["product"], named["source"], text, Problem(field, str(refusal)))
        status = 409 if isinstance(refusal, StaleCase) else 422
        return render(request, "desk/quality_rules.html", {"page": shown}, status=status)
    messages.success(request, _("The new rules are in force for what comes from now on."))
    return redirect(_url(row.product, row.source))


def _versions(product: str, source: str) -> QuerySet[RuleSet]:
    """The newest first, those too that were set when capitals made another product."""
    found = RuleSet.objects.filter(product__iexact=product, source=source)
    return found.select_related("set_by").order_by("-number", "-id")


def _page(
    request: HttpRequest,
    product: str,
    source: str,
    text: str,
    problem: Problem | None = None,
    *,
    version: int | None = None,
) -> RulesPage:
    """`version` is one that is opened. Where somebody else has set one meanwhile, it is theirs."""
    versions = _versions(product, source)
    last = versions.first()
    is_stale = problem is not None and problem.field == STALE and last is not None
    opened = last if is_stale else versions.filter(number=version).first() if version is not None else None
    before = versions.filter(number__lt=opened.number).first() if opened else None
    return RulesPage(
        product=product,
        source=source,
        text=text,
        versions=tuple(
            RulesVersionRow(
                number(row.number),
                when(row.set_at),
                row.set_by.display_name,
                row.reason,
                f"{_url(product, source)}&version={row.number}#version",
            )
            for row in versions[:VERSIONS]
        ),
        list_url=reverse("desk:quality"),
        set_url=reverse("desk:quality_set") if person(request).role == Role.ADMIN else "",
        reason=request.POST.get("reason", "") if problem else "",
        seen=request.POST.get("seen", "0")[:9] if problem else str(last.number if last else 0),
        newer=str(last.number) if last and is_stale else "",
        version=version_part(opened, before) if opened else None,
        problems=(problem,) if problem else (),
    )
