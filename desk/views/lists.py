"""All cases, and the files that were imported."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.models import Case
from cases.second_looks import without_looks_in_hand
from cases.states import DecidedBy, Kind, State
from desk.access import page, person
from desk.build.head import state_mark
from desk.build.veil import bare_case, read_own_opinions, veiled
from desk.keyset import after, cursor_of
from desk.pages import CaseRow, CasesPage, Filter, Option
from desk.search import matching
from desk.words import PRODUCTS, amount_cell, masked, number, percent, when, word
from intake.models import Source

ROWS: Final = 50
NEWEST: Final = ("-id",)


@page("GET")
def cases(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("q", "").strip()
    chosen = {name: request.GET.get(name, "") for name in ("state", "source", "product")}
    wanted = {name: value for name, value in chosen.items() if value}
    found = matching(Case.objects.visible_to(person(request)).filter(**wanted), search).select_related("applicant")
    user = person(request)
    found = without_looks_in_hand(found, user)
    rows = list(after(found.order_by(*NEWEST), NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    read_own_opinions(rows, user)
    kept = {**wanted, **({"q": search} if search else {})}
    url = reverse("desk:cases")
    more = f"{url}?{urlencode({**kept, 'after': cursor_of(rows[ROWS - 1], NEWEST)})}" if len(rows) > ROWS else ""
    shown = CasesPage(
        url=url,
        search=search,
        filters=(
            _filter("state", _("State"), [(state.value, str(state.label)) for state in State], chosen["state"]),
            _filter("source", _("Source"), [(slug, slug) for slug in _sources()], chosen["source"]),
            _filter(
                "product", _("Product"), [(code, str(words)) for code, words in PRODUCTS.items()], chosen["product"]
            ),
        ),
        rows=tuple(_case_row(bare_case(case) if veiled(case, user) else case) for case in rows[:ROWS]),
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        filtered=bool(kept),
        next_url=more,
        first_url=f"{url}?{urlencode(kept)}" if request.GET.get("after") else "",
    )
    return render(request, "desk/cases.html", {"page": shown})


def _sources() -> list[str]:
    return list(Source.objects.order_by("slug").values_list("slug", flat=True)[:200])


def _filter(name: str, words: str, options: list[tuple[str, str]], chosen: str) -> Filter:
    listed = [("", _("All")), *options]
    return Filter(name, words, tuple(Option(value, shown, value == chosen) for value, shown in listed))


def _case_row(case: Case) -> CaseRow:
    return CaseRow(
        ref=case.ref,
        url=reverse("desk:case", args=[case.ref]),
        external_ref=case.external_ref,
        source=case.source,
        applicant=masked(case.applicant.name or case.applicant.external_id),
        product=word(PRODUCTS, case.product),
        kind=str(Kind(case.kind).label) if case.kind != Kind.APPLICATION else "",
        amount=amount_cell(case.amount, case.currency),
        pd=percent(case.pd) if case.pd is not None else "",
        state=state_mark(case.state),
        decided_by=str(DecidedBy(case.decided_by).label) if case.decided_by else "",
        received_at=when(case.received_at),
    )
