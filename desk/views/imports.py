"""What was imported, what waits to be, files that are uploaded, and the rejected rows of each."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, Literal

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.csv_cells import safe_cell
from cases.errors import BadDecision
from cases.states import Role
from desk.access import page, person
from desk.build.facts import READS_IMPORTS
from desk.build.first_looks import look_mark
from desk.build.source_list import batch_name, batch_state, is_running, mapping_words
from desk.charts import Bar, share
from desk.keyset import after, cursor_of
from desk.pages import ImportRow, ImportsPage
from desk.pages.lists import IncomingRow, Progress
from desk.pages.shared import Problem, StateMark
from desk.posted import number_of
from desk.words import clock, is_chinese, number, when
from intake.actions import rejected_rows
from intake.gate.held import waiting_for_looks
from intake.mapped.fields import is_slug
from intake.models import Batch, IncomingFile, Source, Way
from intake.record.written_on import WRITTEN_ON
from intake.sources.source_names import known_spellings, plain_name
from intake.tabular.returned import REASONS, ROW, returned_columns
from intake.ways_in.incoming import UPLOADERS, store_upload
from intake.wording.mapping_sentences import MAPPING_SENTENCES
from intake.wording.stored_sentences import told

ROWS: Final = 50
INCOMING_SHOWN: Final = 100
SOURCES: Final = 500
# Seconds until the lists are read anew: while something is taken in, and else.
SOON: Final = "2"
LATER: Final = "20"
NEWEST: Final = ("-id",)


@page("GET", *READS_IMPORTS)
def imports(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/imports.html", {"page": _page(request)})


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="imports")
def upload(request: HttpRequest) -> HttpResponse:
    """Put the files into the watched folder; a worker takes them in."""
    files, source = request.FILES.getlist("file"), request.POST.get("source", "").strip()
    sent: list[str] = []
    problems = [] if files else [Problem("file", _("Choose a file that is not empty."))]
    for file in files:
        name = file.name or "file"
        try:
            store_upload(source, name, file.chunks(), by=person(request))
        except BadDecision as refusal:
            if refusal.field != "file":
                # It is the same for every file, so none was taken.
                problems = [Problem(refusal.field, str(refusal))]
                break
            problems.append(Problem("file", _("%(file)s: %(problem)s") % {"file": name, "problem": refusal}))
        else:
            sent.append(name)
    if problems:
        shown = _page(request, problems, source[:50], sent)
        return render(request, "desk/imports.html", {"page": shown}, status=422)
    told = ngettext("%(n)s file is on its way in.", "%(n)s files are on their way in.", len(sent)) % {"n": len(sent)}
    messages.success(request, told)
    return redirect("desk:imports")


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="imports")
def named_source(request: HttpRequest) -> HttpResponse:
    """Which source a name means that somebody is typing, and whether it would be a new one."""
    return HttpResponse(escape(_source_hint(request.POST.get("source", ""))))


def _source_hint(typed: str) -> str:
    name = plain_name(typed)
    if not name:
        return ""
    if not is_slug(name):
        return _("Name the source: letters, digits, hyphens.")
    known = known_spellings([name]).get(name)
    if known is None:
        return _("No source is called “%(name)s”: sending opens a new one.") % {"name": name}
    return _("This is the known source “%(name)s”.") % {"name": known}


def _page(
    request: HttpRequest, problems: Sequence[Problem] = (), source: str = "", sent: Sequence[str] = ()
) -> ImportsPage:
    came = IncomingFile.objects.filter(batch=OuterRef("pk"))
    files = Batch.objects.select_related("source", "started_by", "mapping").annotate(in_folder=Exists(came))
    files = files.order_by(*NEWEST)
    if "file" in request.GET:
        files = files.filter(pk=number_of(request.GET["file"]))
    rows = list(after(files, NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    # An archive that is done has led to its tables, which are told one by one.
    untaken = IncomingFile.objects.select_related("uploaded_by").filter(batch=None, members=0)
    waiting = list(untaken.order_by("-id")[:INCOMING_SHOWN])
    # What is being taken in is told of as a batch, and not once more as waiting.
    running = {(batch.source.slug, batch.sha256) for batch in rows if is_running(batch)}
    incoming = [file for file in waiting if (file.source, file.sha256) not in running]
    from_folder = {(file.source, file.sha256) for file in waiting}
    opened = set(Source.objects.filter(slug__in={file.source for file in incoming}).values_list("slug", flat=True))
    waits = any(not file.refusal or file.refusal["code"] == WRITTEN_ON for file in incoming)
    unlooked = waiting_for_looks()
    may_send = person(request).role in UPLOADERS
    return ImportsPage(
        rows=tuple(
            _import_row(
                file,
                in_folder=file.in_folder or (file.source.slug, file.sha256) in from_folder,
                waits_for_look=file.mapping is not None and (file.source.slug, file.mapping.number) in unlooked,
            )
            for file in rows[:ROWS]
        ),
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        next_url=f"?{urlencode({'after': cursor_of(rows[ROWS - 1], NEWEST)})}" if len(rows) > ROWS else "",
        incoming=tuple(_incoming_row(file, opened) for file in incoming),
        updated_at=clock(timezone.now()),
        seconds=SOON if waits or running else LATER,
        upload_url=reverse("desk:upload") if may_send else "",
        source=source,
        source_hint=_source_hint(source),
        sources=tuple(Source.objects.order_by("slug").values_list("slug", flat=True)[:SOURCES]) if may_send else (),
        sent=tuple(sent),
        problems=tuple(problems),
    )


def _incoming_row(file: IncomingFile, opened: Collection[str]) -> IncomingRow:
    refused = bool(file.refusal)
    is_mapped = refused and file.refusal["code"] in MAPPING_SENTENCES and file.source in opened
    return IncomingRow(
        name=file.name,
        source=file.source,
        at=when(file.seen_at),
        by=file.uploaded_by.display_name if file.uploaded_by else _("watched folder"),
        state=_incoming_state(file.refusal.get("code", "")),
        problem=str(file.refusal["zh" if is_chinese() else "en"]) if refused else "",
        mapping_url=reverse("desk:mappings", args=[file.source]) if is_mapped else "",
    )


def _incoming_state(refused_as: str) -> StateMark:
    if refused_as == WRITTEN_ON:
        return StateMark("queued", _("put back"))
    return StateMark("declined", _("refused")) if refused_as else StateMark("in_review", _("on its way in"))


def _import_row(file: Batch, *, in_folder: bool, waits_for_look: bool) -> ImportRow:
    return ImportRow(
        key=str(file.pk),
        file=batch_name(file),
        source=file.source.slug,
        mapping=mapping_words(file),
        by=_started_by(file, in_folder=in_folder),
        at=when(file.started_at),
        state=batch_state(file),
        rows=number(file.rows),
        accepted=number(file.accepted),
        duplicates=number(file.duplicates),
        rejected=number(file.rejected),
        held=number(file.held),
        bars=_parts(file),
        rejected_url=reverse("desk:rejected", args=[file.pk]) if file.rejected else "",
        progress=_progress(file) if is_running(file) else None,
        look=look_mark(file.source.slug) if waits_for_look else None,
    )


def _progress(file: Batch) -> Progress:
    done = {"n": number(file.rows)}
    if file.rows_expected is None:
        return Progress(_("%(n)s rows so far") % done, str(file.rows))
    top = max(file.rows, file.rows_expected)
    return Progress(_("%(n)s of about %(total)s rows") % {**done, "total": number(top)}, str(file.rows), str(top))


def _started_by(file: Batch, *, in_folder: bool) -> str:
    """ "" for what nobody started: messages, streams, topics, and databases that are asked by their schedule."""
    if file.started_by:
        return file.started_by.display_name
    if in_folder:
        return _("watched folder")
    return _("command line") if file.kind == Way.FILE else ""


def _parts(file: Batch) -> tuple[Bar, ...]:
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
    file = Batch.objects.select_related("mapping").filter(pk=file_id).first()
    if file is None:
        raise Http404
    response = StreamingHttpResponse(_rejected_lines(file), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{file.pk}.csv"'
    return response


def _rejected_lines(file: Batch) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    language: Literal["en", "zh"] = "zh" if is_chinese() else "en"
    columns = file.mapping.content.get("columns", []) if file.mapping else []
    names = returned_columns(columns, (name for row in rejected_rows(file) for name in row.raw))
    yield "\ufeff" + writer.writerow([*names, ROW, REASONS])
    for row in rejected_rows(file):
        reasons = "; ".join(f"{error['field']}: {told(error, language)}" for error in row.errors)
        cells = [safe_cell(row.raw.get(name, "")) for name in names]
        yield writer.writerow([*cells, safe_cell(row.message) or row.row_number, safe_cell(reasons)])
