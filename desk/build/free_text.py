"""What people wrote on a case, with the numbers of persons in it masked for whoever has not had them shown.

As with the veil, pages are built from a dossier, so the numbers are taken out of that: notes, reasons and comments, and
the names of documents. Forms that are filled in again are made from what was read, and so hold what was typed.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from cases.models import Case, CaseEvent, Review, User
from cases.personal import masked_text, masked_texts
from desk.build.personal import has_shown
from desk.case_file import CaseFile, Filed, Looked, Said
from desk.dossier import Dossier


def without_numbers(dossier: Dossier, user: User) -> Dossier:
    """The dossier to be shown to `user` only; as it is for as long as they had names and numbers shown."""
    if has_shown(dossier, user):
        return dossier
    return replace(
        dossier,
        case=_case(dossier.case),
        reviews=tuple(_review(each) for each in dossier.reviews),
        events=tuple(_event(each) for each in dossier.events),
        file=_file(dossier.file),
        hides_numbers=True,
    )


def _case(case: Case) -> Case:
    shown = copy(case)
    shown.why = masked_texts(case.why)
    return shown


def _review(review: Review) -> Review:
    shown = copy(review)
    shown.note = masked_text(review.note)
    # Read along with the dossier, for this page alone.
    for signature in shown.signatures.all():
        signature.note = masked_text(signature.note)
    return shown


def _event(event: CaseEvent) -> CaseEvent:
    shown = copy(event)
    shown.facts = masked_texts(event.facts)
    return shown


def _file(file: CaseFile) -> CaseFile:
    return replace(
        file,
        documents=tuple(_filed(each) for each in file.documents),
        comments=tuple(_said(each) for each in file.comments),
        looks=tuple(_looked(each) for each in file.looks),
    )


def _filed(filed: Filed) -> Filed:
    return replace(filed, name=masked_text(filed.name), note=masked_text(filed.note))


def _said(said: Said) -> Said:
    return replace(said, text=masked_text(said.text))


def _looked(looked: Looked) -> Looked:
    return replace(looked, note=masked_text(looked.note), settled_note=masked_text(looked.settled_note))
