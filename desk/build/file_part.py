"""The part of a case's page about its file: documents, comments, related cases, the ways to similar ones and print."""

from __future__ import annotations

from django.urls import reverse

from cases.models import User
from cases.states import Kind
from desk.build.documents import documents_card
from desk.build.related import related_card
from desk.build.talk import comments_card
from desk.dossier import Dossier
from desk.pages.case_file import FilePart


def file_part(dossier: Dossier, user: User) -> FilePart:
    case, file = dossier.case, dossier.file
    is_compared = dossier.assessment is not None and case.kind == Kind.APPLICATION
    return FilePart(
        documents=documents_card(case, file, user),
        comments=comments_card(case, file, user),
        related=related_card(case, file, user),
        similar_url=reverse("desk:similar", args=[case.ref]) if is_compared else "",
        print_url=reverse("desk:print_file", args=[case.ref]),
    )
