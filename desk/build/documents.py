"""The documents of a case as rows, and the form that adds more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import rules
from cases.attachments import ContentAltered, read_content
from cases.documents import MEGABYTE
from cases.file_kinds import ENDINGS, SHOWN_TYPES
from cases.models import Case, User
from cases.states import State
from desk.case_file import CaseFile, Filed
from desk.pages import Problem
from desk.pages.case_file import DocumentRow, DocumentsCard
from desk.words import WITHHELD, number, when

KINDS: Final[dict[str, Promise | str]] = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.ms-excel": "Excel 97",
    "application/msword": "Word 97",
    "text/csv": "CSV",
    "text/plain": gettext_lazy("Text"),
}
SHORT_HASH: Final = 12
KILOBYTE: Final = 1024
WAITS: Final = (State.NEEDS_DATA, State.QUEUED, State.IN_REVIEW, State.WAITING_INFO, State.AWAITING_SIGNOFF)


def document_rows(case: Case, file: CaseFile, *, checked: bool = False) -> tuple[DocumentRow, ...]:
    """All documents; `checked` reads each and compares its content with the hash it was added under."""
    return tuple(_row(case, filed, _check(filed) if checked else None) for filed in file.documents)


def documents_card(
    case: Case,
    file: CaseFile,
    user: User,
    *,
    checked: bool = False,
    problems: Sequence[Problem] = (),
    note: str = "",
) -> DocumentsCard:
    url = reverse("desk:documents", args=[case.ref])
    may_add = rules.may_attach(case, user) and case.state in WAITS
    most = {"n": settings.DOCUMENTS_AT_ONCE, "most": settings.DOCUMENT_BYTES // MEGABYTE}
    return DocumentsCard(
        rows=document_rows(case, file, checked=checked),
        url=url,
        check_url=f"{url}?check=1" if file.documents else "",
        add_url=reverse("desk:add_documents", args=[case.ref]) if may_add else "",
        version=case.version,
        accept=",".join(ENDINGS),
        limits=_("PDF, images, Excel, Word, CSV or text; at most %(n)s files of %(most)s MB") % most,
        warning=_warning(case) if may_add else "",
        note=note,
        problems=tuple(problems),
    )


def size_words(size: int) -> str:
    """`812 B`, `14 KB`, `3.2 MB`."""
    if size < KILOBYTE:
        return f"{size} B"
    return f"{number(size / KILOBYTE)} KB" if size < MEGABYTE else f"{number(size / MEGABYTE, 1)} MB"


def _warning(case: Case) -> str:
    if case.state != State.AWAITING_SIGNOFF:
        return ""
    return _("A decision waits for its signature. It does not know a new document: adding one voids it.")


def _check(filed: Filed) -> bool:
    try:
        return len(read_content(filed.sha256)) == filed.size
    except ContentAltered:
        return False


def _note(filed: Filed) -> str:
    if filed.withheld:
        return str(WITHHELD)
    return f"“{filed.note}”" if filed.note else ""


def _row(case: Case, filed: Filed, is_whole: bool | None) -> DocumentRow:
    url = reverse("desk:document", args=[case.ref, filed.pk])
    said = {None: "", True: _("unchanged"), False: _("altered or gone")}
    return DocumentRow(
        name=filed.name,
        kind=str(KINDS.get(filed.media_type, filed.media_type)),
        size=size_words(filed.size),
        hash=filed.sha256,
        short_hash=filed.sha256[:SHORT_HASH],
        by=filed.by,
        at=when(filed.at),
        url=url if filed.media_type in SHOWN_TYPES else f"{url}?save=1",
        save_url=f"{url}?save=1",
        note=_note(filed),
        check=said[is_whole],
        altered=is_whole is False,
    )
