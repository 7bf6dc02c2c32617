"""All cases, and the files that were imported."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.csv_cells import safe_cell
from cases.models import Case
from cases.second_looks import without_looks_in_hand
from cases.states import DecidedBy, Kind, Role, State
from desk.access import page, person
from desk.build.facts import READS_IMPORTS
from desk.build.head import state_mark
from desk.build.veil import bare_case, read_own_opinions, veiled
from desk.charts import Bar, share
from desk.keyset import after, cursor_of
from desk.pages import CaseRow, CasesPage, Filter, ImportRow, ImportsPage, Option, StateMark
from desk.posted import number_of
from desk.search import matching
from desk.words import PRODUCTS, amount_cell, is_chinese, masked, number, percent, when, word
from intake.actions import rejected_rows
from intake.choose import INFERRED
from intake.models import ImportFile, Source
from intake.returned import REASONS, ROW, returned_columns

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


@page("GET", *READS_IMPORTS)
def imports(request: HttpRequest) -> HttpResponse:
    files = ImportFile.objects.select_related("source", "started_by").order_by(*NEWEST)
    if "file" in request.GET:
        files = files.filter(pk=number_of(request.GET["file"]))
    rows = list(after(files, NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    shown = ImportsPage(
        rows=tuple(_import_row(file) for file in rows[:ROWS]),
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        next_url=f"?{urlencode({'after': cursor_of(rows[ROWS - 1], NEWEST)})}" if len(rows) > ROWS else "",
    )
    return render(request, "desk/imports.html", {"page": shown})


def _import_row(file: ImportFile) -> ImportRow:
    finished = file.finished_at is not None
    return ImportRow(
        file=file.file_name,
        source=file.source.slug,
        mapping=_("recognised by itself") if file.mapping_name == INFERRED else file.mapping_name,
        by=file.started_by.display_name if file.started_by else _("command line"),
        at=when(file.started_at),
        state=StateMark("approved", _("complete")) if finished else StateMark("in_review", _("running or broken off")),
        rows=number(file.rows),
        accepted=number(file.accepted),
        duplicates=number(file.duplicates),
        rejected=number(file.rejected),
        bars=_parts(file),
        rejected_url=reverse("desk:rejected", args=[file.pk]) if file.rejected else "",
    )


def _parts(file: ImportFile) -> tuple[Bar, ...]:
    start, bars = 0, []
    for count, tone in ((file.accepted, "approve"), (file.duplicates, "mute"), (file.rejected, "decline")):
        bars.append(
            Bar(share(start / file.rows if file.rows else 0), share(count / file.rows if file.rows else 0), tone)
        )
        start += count
    return tuple(bars)


class _Echo:
    """A file that hands back what is written, so that the rows are streamed and never all in memory."""

    def write(self, text: str) -> str:
        return text


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def rejected(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """The rejected rows of a file as CSV with their reasons, to be mended and sent again."""
    file = ImportFile.objects.filter(pk=file_id).first()
    if file is None:
        raise Http404
    response = StreamingHttpResponse(_rejected_lines(file), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{file.pk}.csv"'
    return response


def _rejected_lines(file: ImportFile) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    language = "zh" if is_chinese() else "en"
    names = returned_columns(file.mapping.get("columns", []), (name for row in rejected_rows(file) for name in row.raw))
    yield "\ufeff" + writer.writerow([*names, ROW, REASONS])
    for row in rejected_rows(file):
        reasons = "; ".join(f"{error['field']}: {error[language]}" for error in row.errors)
        cells = [safe_cell(row.raw.get(name, "")) for name in names]
        yield writer.writerow([*cells, row.row_number, safe_cell(reasons)])
