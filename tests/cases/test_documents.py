"""Documents of a case: kept once under their hash, one move each, told to whom they concern, and checked when read."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import Any

import pytest

from cases import actions
from cases.attachments import ContentAltered, ScannerAway, read_content
from cases.documents import add_document
from cases.errors import BadDocument, CaseError, CaseMoved, NotAllowed, StaleCase
from cases.models import Case, Document, Notification, User
from cases.states import State
from tests import make
from tests.cases.files import PDF_FILE, PNG
from tests.cases.history import everything, steps
from tests.together import at_once

HASH = hashlib.sha256(PDF_FILE).hexdigest()
KEPT = ("cases_case", "cases_caseevent", "cases_document", "cases_notification")


@pytest.fixture(autouse=True)
def attachments(tmp_path: Path, settings: Any) -> Path:
    """A folder of this test's own."""
    own = {**settings.STORAGES["attachments"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": own}
    return tmp_path


def add(case: Case, by: User, content: bytes = PDF_FILE, name: str = "slip.pdf", **more: Any) -> Document:
    return add_document(case.pk, by=by, name=name, content=content, **more)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_document_is_one_move_of_its_case_and_its_bytes_are_kept_once(
    champion: object, policy: object, reviewer: User, supervisor: User, attachments: Path
) -> None:
    held, other = make.claimed_case(reviewer, "D-1"), make.queued_case("D-2")
    document = add(held, supervisor, note=" pay slip of June ")
    case = make.reread(held)
    assert (case.state, case.version) == (State.IN_REVIEW, held.version + 1)
    assert steps(case)[-1] == "attach"
    told = {"name": "slip.pdf", "sha256": HASH, "size": len(PDF_FILE), "media_type": "application/pdf"}
    event = case.events.get(name="attach")
    assert event.facts == {"document": document.pk, **told, "note": "pay slip of June"}
    assert (document.case_version, document.added_by) == (case.version, supervisor)
    assert read_content(HASH) == PDF_FILE
    # Whoever holds the case is told, and nobody else; nobody is told of what they did themselves.
    assert [(note.person, note.code, note.params) for note in Notification.objects.all()] == [
        (reviewer, "document_added", {"name": "slip.pdf"})
    ]
    add(other, reviewer, name="same.pdf")
    add(held, reviewer, PNG, "scan.png")
    assert Notification.objects.count() == 1
    kept = files(attachments)
    assert sorted(path.name for path in kept) == sorted([HASH, hashlib.sha256(PNG).hexdigest()])
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o400}


def test_what_is_refused_changes_nothing(
    champion: object, policy: object, reviewer: User, auditor: User, settings: Any
) -> None:
    case, received = make.queued_case("D-1"), make.case("D-2")
    add(case, reviewer)
    settings.DOCUMENT_BYTES = 2**20
    before = everything(*KEPT)
    refusals: list[tuple[Case, User, dict[str, Any], type[CaseError], str]] = [
        (case, reviewer, {}, BadDocument, "has “slip.pdf” already"),
        (case, reviewer, {"content": b""}, BadDocument, "“slip.pdf” is empty"),
        (case, reviewer, {"content": bytes(2**20 + 1)}, BadDocument, "larger than 1 MB"),
        (case, reviewer, {"content": PNG}, BadDocument, "is not what its name says"),
        (case, reviewer, {"note": "n" * 201}, BadDocument, "200 characters"),
        (case, reviewer, {"content": PNG, "name": "a.png", "seen_version": case.version}, StaleCase, "changed"),
        (case, auditor, {"content": PNG, "name": "a.png"}, NotAllowed, "role"),
        (received, reviewer, {}, CaseMoved, "faster"),
    ]
    for target, by, given, refusal, sentence in refusals:
        with pytest.raises(refusal, match=sentence):
            add(target, by, **given)
        assert everything(*KEPT) == before


def test_a_decision_that_waits_for_its_signature_is_not_voided_unawares(
    champion: object, policy: object, reviewer: User, supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer)
    before = everything(*KEPT)
    with pytest.raises(BadDocument, match="Confirm that the new document voids it"):
        add(case, supervisor)
    assert everything(*KEPT) == before
    add(case, supervisor, voids_decision=True)
    assert make.reread(case).state == State.AWAITING_SIGNOFF
    # Whoever decided is told.
    assert [note.person for note in Notification.objects.all()] == [reviewer]


def test_a_decided_case_takes_no_document(champion: object, policy: object, reviewer: User) -> None:
    case = make.case()
    make.run_machine()
    assert make.reread(case).state == State.APPROVED
    with pytest.raises(CaseMoved):
        add(case, reviewer)
    assert not Document.objects.exists()


def test_a_file_that_was_changed_or_lost_is_not_shown(
    champion: object, policy: object, reviewer: User, attachments: Path
) -> None:
    add(make.queued_case(), reviewer)
    (path,) = files(attachments)
    path.chmod(0o600)
    path.write_bytes(PDF_FILE + b"more")
    with pytest.raises(ContentAltered, match="has changed or is gone"):
        read_content(HASH)
    path.unlink()
    with pytest.raises(ContentAltered):
        read_content(HASH)


def test_the_scanner_has_the_last_word(
    champion: object, policy: object, reviewer: User, settings: Any, attachments: Path
) -> None:
    case = make.queued_case()
    before = everything(*KEPT)
    settings.SCAN_COMMAND = ("sh", "-c", '! grep -q Catalog "$0"')
    with pytest.raises(BadDocument, match="scanner refuses “slip"):
        add(case, reviewer)
    settings.SCAN_COMMAND = ("/no/such/scanner",)
    with pytest.raises(ScannerAway) as away:
        add(case, reviewer)
    assert away.value.status == 503
    settings.SCAN_COMMAND, settings.SCAN_SECONDS = ("sh", "-c", "sleep 5"), 0.05
    with pytest.raises(ScannerAway):
        add(case, reviewer)
    assert (everything(*KEPT), files(attachments)) == (before, [])
    settings.SCAN_COMMAND, settings.SCAN_SECONDS = ("sh", "-c", '! grep -q Trojan "$0"'), 60
    assert add(case, reviewer).sha256 == HASH


@pytest.mark.django_db(transaction=True)
def test_two_people_who_add_the_same_file_at_once_add_it_once(
    champion: object, policy: object, reviewer: User, second_reviewer: User
) -> None:
    case = make.queued_case()
    answers = at_once(*(lambda by=by: add(case, by) for by in (reviewer, second_reviewer) * 2))
    assert sorted(type(answer).__name__ for answer in answers) == ["BadDocument"] * 3 + ["Document"]
    assert steps(make.reread(case)).count("attach") == 1
    assert read_content(HASH) == PDF_FILE


def test_who_decides_on_a_page_from_before_a_document_is_told_so(
    champion: object, policy: object, reviewer: User, supervisor: User
) -> None:
    held = make.claimed_case(reviewer)
    add(held, supervisor)
    with pytest.raises(StaleCase):
        actions.decide_case(
            held.pk, by=reviewer, outcome="approve", reason_codes=[], note="", seen_version=held.version
        )
