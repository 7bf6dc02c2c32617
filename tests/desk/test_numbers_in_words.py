"""Numbers of persons in what people write on a case: masked on every page until the reader has names shown."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from cases import actions
from cases.comments import add_comment
from cases.documents import add_document
from cases.models import Case, User
from cases.passing_on import transfer_case
from cases.revealing import reveal_applicant
from routing.models import Policy
from tests import make
from tests.cases.files import PDF_FILE
from tests.desk.conftest import SignsIn

PHONE, IDENTITY = "13812345678", "11010519491231002X"
SAID = f"call {PHONE}, card {IDENTITY}"
SHOWN = "call 138****5678, card 110****002X"
PARTS = ("", "/print", "/documents")


def seen(client: Any, *paths: str) -> dict[str, str]:
    return {path: unescape(client.get(path, follow=True).content.decode()) for path in paths}


def telling(pages: dict[str, str]) -> list[str]:
    return [path for path, page in pages.items() if PHONE in page or IDENTITY in page]


def written_on(case: Case, first: User, second: User) -> Case:
    """A case that `first` wrote on in every way, gave to `second`, and that waits for a signature of theirs."""
    add_comment(case.pk, by=first, text=f"@{second.username} {SAID}")
    add_document(case.pk, by=first, name=f"slip_{PHONE}.pdf", content=PDF_FILE, note=SAID)
    held = actions.claim_case(case.pk, by=first)
    transfer_case(case.pk, by=first, to_id=second.pk, note=SAID, seen_version=held.version)
    return make.reread(case)


@pytest.mark.usefixtures("attachments")
def test_they_are_masked_on_every_page_and_shown_with_the_names(
    ground: Policy, reviewer: User, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case = written_on(make.queued_case("W-1", key_customer=True), reviewer, second_reviewer)
    own = [f"/review/{case.ref}{part}" for part in PARTS]
    theirs = signs_in(second_reviewer)
    pages = seen(theirs, "/review", "/notifications", *own)
    assert telling(pages) == []
    assert [path for path, page in pages.items() if SHOWN in page] == list(pages)
    assert "slip_138****5678.pdf" in pages[own[0]]

    held = actions.claim_case(case.pk, by=second_reviewer)
    form = {"decision": "approve", "version": held.version, "view": "open", "note": SAID}
    assert theirs.post(f"/review/{case.ref}/decide", form).status_code == 302
    signs = signs_in(supervisor)
    pages = seen(signs, "/signoff", f"/signoff/{case.ref}", f"/signoff/{case.ref}/signer", *own)
    assert telling(pages) == []
    assert SHOWN in pages[f"/signoff/{case.ref}"]
    # Masks are no change of what was signed, and what was typed comes back as it was.
    assert "The case has changed since the decision" not in pages[f"/signoff/{case.ref}"]
    awaiting = make.reread(case)
    act = {"act": "send_back", "reason": SAID, "version": awaiting.version}
    assert signs.post(f"/signoff/{case.ref}/sign", act).status_code == 302
    actions.claim_case(case.pk, by=second_reviewer)
    page = seen(theirs, own[0])[own[0]]
    note = page.split('id="note"')[1].split("</textarea>")[0]
    assert SAID in note
    assert telling({"rest": page.replace(note, "")}) == []

    reveal_applicant(case.pk, by=second_reviewer, why="contact")
    assert telling(seen(theirs, *own)) == own
    assert telling(seen(signs, *own)) == []
