"""The file of a case: documents, comments, cases like it, and all of it in print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.vary import vary_on_headers

from cases import comments
from cases.attachments import read_content
from cases.documents import add_document, check_size
from cases.errors import CaseError, CaseNotFound, NotAllowed
from cases.file_kinds import SHOWN_TYPES, plain_name
from cases.models import Case, Document, User
from cases.revealing import reveal_applicant
from cases.states import Role
from desk.access import case_for, page, person
from desk.build.documents import documents_card
from desk.build.head import case_head
from desk.build.print import print_page
from desk.build.similar import similar_cases
from desk.build.talk import comments_card, told_words
from desk.build.veil import shown_dossier
from desk.case_file import read_case_file
from desk.dossier import Dossier, open_head
from desk.pages import Problem
from desk.pages.case_file import DocumentsPage, SimilarPage
from desk.queue_filter import known_view
from desk.views.doors import next_of

# What is shown may not do anything: no script, no form, no frame around it, no origin of its own.
SEALED: Final = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@page("GET")
def documents(request: HttpRequest, ref: str) -> HttpResponse:
    """The documents alone; with `check` each content is read and compared with its hash."""
    shown = _documents_page(request, case_for(request, ref), checked="check" in request.GET)
    return render(request, "desk/documents.html", {"page": shown})


def _documents_page(
    request: HttpRequest, case: Case, *, checked: bool = False, problems: tuple[Problem, ...] = ()
) -> DocumentsPage:
    user, dossier = person(request), shown_dossier(case, person(request))
    note = request.POST.get("note", "") if problems else ""
    card = documents_card(case, dossier.file, user, checked=checked, problems=problems, note=note)
    return DocumentsPage(case_head(dossier, user), card)


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="documents")
def add_documents(request: HttpRequest, ref: str) -> HttpResponse:
    """Each file is a document of its own: what can be taken is, and what cannot is told."""
    case, files = case_for(request, ref), request.FILES.getlist("files")
    problems = _chosen(files)
    done = 0
    for file in files if not problems else ():
        try:
            _add(case, file, person(request), request)
            done += 1
        except NotAllowed:
            raise
        except CaseError as refusal:
            problems.append(Problem("files", str(refusal)))
    if done:
        words = ngettext("%(n)s document is in the file.", "%(n)s documents are in the file.", done)
        messages.success(request, words % {"n": done})
    if problems:
        shown = _documents_page(request, case_for(request, ref), problems=tuple(problems))
        return render(request, "desk/documents.html", {"page": shown}, status=422)
    return redirect(_back_to(request, case, "documents"))


def _back_to(request: HttpRequest, case: Case, part: str) -> str:
    """The address of a part of the case's page, in the view of the queue it was opened from."""
    view = request.POST.get("view") or request.GET.get("view")
    query = f"?{urlencode({'view': known_view(view)})}" if view else ""
    return f"{reverse('desk:case', args=[case.ref])}{query}#{part}"


def _chosen(files: Sequence[UploadedFile[Any]]) -> list[Problem]:
    if not files:
        return [Problem("files", _("Choose a file first."))]
    if len(files) > settings.DOCUMENTS_AT_ONCE:
        return [Problem("files", _("Add at most %(n)s files at once.") % {"n": settings.DOCUMENTS_AT_ONCE})]
    return []


def _add(case: Case, file: UploadedFile[Any], user: User, request: HttpRequest) -> None:
    name = plain_name(file.name or "")
    # Before it is read into memory.
    check_size(file.size or 0, name)
    add_document(
        case.pk,
        by=user,
        name=name,
        content=file.read(),
        note=request.POST.get("note", ""),
        voids_decision="voids_decision" in request.POST,
    )


@page("GET")
def document(request: HttpRequest, ref: str, document_id: int) -> HttpResponse:
    """One document: shown where a browser can do so safely, else saved; its type is what was found in it."""
    found = Document.objects.filter(case=case_for(request, ref, during_a_look=True), pk=document_id).first()
    if found is None:
        raise CaseNotFound(_("This case has no such document."))
    is_saved = "save" in request.GET or found.media_type not in SHOWN_TYPES
    response = HttpResponse(read_content(found.sha256), content_type=found.media_type)
    response["Content-Disposition"] = content_disposition_header(is_saved, found.name) or "attachment"
    response["Content-Security-Policy"] = SEALED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@page("POST", Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN, of="case")
def comment(request: HttpRequest, ref: str) -> HttpResponse:
    case, user = case_for(request, ref), person(request)
    _said, told = comments.add_comment(case.pk, by=user, text=request.POST.get("text", ""))
    if request.htmx:  # type: ignore[attr-defined]
        card = comments_card(case, shown_dossier(case, user).file, user, told=told)
        return render(request, "components/comments.html", {"card": card})
    messages.success(request, f"{_('Your comment is in the file.')} {told_words(told)}")
    return redirect(_back_to(request, case, "comments"))


@page("GET")
@vary_on_headers("HX-Request")
def similar(request: HttpRequest, ref: str) -> HttpResponse:
    """Cases like this one and what became of them: a part of the case's page, or a page for who has no script."""
    case = case_for(request, ref)
    is_part: bool = request.htmx  # type: ignore[attr-defined]
    # The head of the page tells who had names shown, which is read with the file.
    dossier = shown_dossier(case, person(request), opened=open_head if is_part else _open_head_and_file)
    found = similar_cases(dossier)
    if is_part:
        return render(request, "components/similar.html", {"similar": found})
    shown = SimilarPage(case_head(dossier, person(request)), found)
    return render(request, "desk/similar.html", {"page": shown})


def _open_head_and_file(case: Case) -> Dossier:
    return replace(open_head(case), file=read_case_file(case))


@page("POST", of="case")
def reveal(request: HttpRequest, ref: str) -> HttpResponse:
    """Have name and numbers shown on the pages of this case, for a while and for a purpose that is kept."""
    found = case_for(request, ref)
    reveal_applicant(found.pk, by=person(request), why=request.POST.get("why", ""))
    return redirect(next_of(request) or reverse("desk:case", args=[found.ref]))


@page("GET")
def print_file(request: HttpRequest, ref: str) -> HttpResponse:
    """Everything of the file in one document, made to be printed."""
    case = case_for(request, ref)
    shown = print_page(shown_dossier(case, person(request)), person(request))
    return render(request, "desk/print.html", {"page": shown})
