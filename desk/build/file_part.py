"""The part of a case's page about its file: documents, comments, related cases, the ways to similar ones and print."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from cases.models import User
from cases.states import Kind, Role
from desk.build.documents import documents_card
from desk.build.related import related_card
from desk.build.talk import comments_card
from desk.dossier import Dossier
from desk.pages.case_file import FilePart

READS_LABELS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)


def file_part(dossier: Dossier, user: User) -> FilePart:
    case, file = dossier.case, dossier.file
    reads_labels = bool(case.decided_by) and user.role in READS_LABELS
    is_compared = dossier.assessment is not None and case.kind == Kind.APPLICATION
    return FilePart(
        documents=documents_card(case, file, user),
        comments=comments_card(case, file, user),
        related=related_card(case, file, user),
        similar_url=reverse("desk:similar", args=[case.ref]) if is_compared else "",
        print_url=reverse("desk:print_file", args=[case.ref]),
        labels_url=f"{reverse('desk:learning_labels')}?case={case.ref}" if reads_labels else "",
    )
