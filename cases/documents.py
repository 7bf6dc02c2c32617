"""Adding a document to a case: checked, scanned, kept under its hash, and one move of the case that says so."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.attachments import scan_content, store_content
from cases.errors import BadDocument, NotAllowed
from cases.file_kinds import kind_of, plain_name
from cases.models import AskedSigner, Case, Claim, Document, Review, Signature, User
from cases.move import lock_case, move_case
from cases.notices import notify
from cases.states import State

NOTE_MOST: Final = 200
MEGABYTE: Final = 2**20


def add_document(
    case_id: int,
    *,
    by: User,
    name: str,
    content: bytes,
    note: str = "",
    seen_version: int | None = None,
    voids_decision: bool = False,
) -> Document:
    """Add a document to a case; the version moves, the state stays.

    A decision that waits for its signature does not know the new document and cannot be signed as it stands: whoever
    adds one then says that they know it (`voids_decision`).

    Raises:
        BadDocument: too large, empty, not a kind that is taken, refused by the scanner, there already, or it would
            void a decision. ScannerAway. CaseMoved: the case is with the machine or decided. NotAllowed. StaleCase:
            another version than `seen_version`.
    """
    if not rules.may_attach(None, by):
        raise NotAllowed
    name, note = plain_name(name), note.strip()
    check_size(len(content), name)
    if len(note) > NOTE_MOST:
        raise BadDocument(_("Keep the note of a document to 200 characters or fewer."))
    kind = kind_of(content, name)
    # Before the row is locked. If the case has moved meanwhile, bytes are left over that no case names.
    scan_content(content, name=name)
    sha256 = store_content(content)
    with transaction.atomic(durable=True):
        case = lock_case(case_id, seen_version=seen_version)
        if case.state == State.AWAITING_SIGNOFF and not voids_decision:
            raise BadDocument(_("A decision waits for its signature. Confirm that the new document voids it."))
        # Under the lock: two people who add the same file at once add it once.
        if Document.objects.filter(case=case, sha256=sha256).exists():
            raise BadDocument(str(_("The case has “%(name)s” already, with the same content.")) % {"name": name})
        told = {"name": name, "sha256": sha256, "size": len(content), "media_type": kind.media_type, "note": note}
        document = Document.objects.create(case=case, case_version=case.version + 1, added_by=by, **told)
        move_case(case, "attach", by=by, facts={"document": document.pk, **told})
        notify(concerned(case), "document_added", case, {"name": name}, caused_by=by)
        return document


def check_size(size: int, name: str) -> None:
    """Raises BadDocument for a file that is empty or larger than the lender allows."""
    if not size:
        raise BadDocument(str(_("“%(name)s” is empty.")) % {"name": name})
    if size > settings.DOCUMENT_BYTES:
        most = {"name": name, "most": settings.DOCUMENT_BYTES // MEGABYTE}
        raise BadDocument(str(_("“%(name)s” is larger than %(most)s MB.")) % most)


def concerned(case: Case) -> list[User]:
    """Who holds the case, and who made its latest decision or signed it or was asked to."""
    latest = Review.objects.filter(case=case).order_by("-id").values("pk")[:1]
    people = Claim.objects.filter(case=case, ended_at__isnull=True).values_list("holder", flat=True)
    people = people.union(
        Review.objects.filter(pk__in=latest).values_list("reviewer", flat=True),
        Signature.objects.filter(review__in=latest).values_list("signer", flat=True),
        AskedSigner.objects.filter(review__in=latest).values_list("signer", flat=True),
    )
    return list(User.objects.filter(pk__in=list(people)))
