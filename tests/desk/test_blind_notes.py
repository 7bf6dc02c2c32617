"""What colleagues wrote on a blind case is kept back until the reader has spoken: it may tell what the model says."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from cases import actions
from cases.comments import add_comment
from cases.documents import add_document
from cases.models import Case, SecondLook, User
from cases.opinions import record_opinion
from cases.passing_on import escalate_case, skip_case, transfer_case
from cases.second_looks import record_second_look, take_second_look
from cases.states import State
from cases.takeover import take_over_case
from routing.models import Policy
from routing.second_looks import draw_second_looks
from tests import make
from tests.cases.files import PDF_FILE
from tests.desk.conftest import SignsIn

pytestmark = pytest.mark.usefixtures("attachments")

SECRET = "the model says 14.3 percent"
BEFORE = "phoned the branch on Monday"
KEPT = {"en": "There is a note; it is shown after your own opinion.", "zh-hans": "有一条备注，待您作出独立判断后显示。"}
PAGES = ("/review", "/cases", "/notifications")
PARTS = ("", "/print", "/documents", "/similar")


@pytest.fixture
def blind_desk(ground: Policy, admin: User) -> Policy:
    make.desk_rules(admin, opinion_share=1.0)
    return ground


def seen(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def all_pages(client: Any, case: Case) -> dict[str, str]:
    return {path: seen(client, path) for path in (*PAGES, *(f"/review/{case.ref}{part}" for part in PARTS))}


def tells(pages: dict[str, str], text: str) -> list[str]:
    return [path for path, page in pages.items() if text in page]


def talked_about(first: User, second: User) -> Case:
    """A blind case that `first` commented before it was scored, held, saw with the model, and gave to `second`; at
    every step they wrote something."""
    case = make.case("A-1", key_customer=False)
    add_comment(case.pk, by=first, text=BEFORE)
    make.run_machine()
    held = actions.claim_case(case.pk, by=first)
    record_opinion(held.pk, by=first, lean="unsure", band=2, seen_version=held.version)
    add_comment(case.pk, by=first, text=f"@{second.username} comment: {SECRET}")
    add_document(case.pk, by=first, name="slip.pdf", content=PDF_FILE, note=f"document: {SECRET}")
    held = make.reread(case)
    skip_case(case.pk, by=first, why="other", note=f"skipped: {SECRET}", seen_version=held.version)
    held = actions.claim_case(case.pk, by=first)
    note = f"transferred: {SECRET}"
    transfer_case(case.pk, by=first, to_id=second.pk, note=note, seen_version=held.version)
    return make.reread(case)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_a_colleague_wrote_is_on_no_page_until_the_reader_has_spoken(
    language: str, blind_desk: Policy, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    case = talked_about(reviewer, second_reviewer)
    client, page = signs_in(second_reviewer, language), f"/review/{case.ref}"
    waiting = all_pages(client, case)
    assert tells(waiting, SECRET) == []
    assert tells(waiting, BEFORE) == [page, f"{page}/print"]
    # Comment and its line in the timeline, the document and its, and the two moves.
    assert {path: text.count(KEPT[language]) for path, text in waiting.items() if KEPT[language] in text} == {
        page: 6,
        f"{page}/print": 6,
        f"{page}/documents": 1,
    }
    held = actions.claim_case(case.pk, by=second_reviewer)
    own = {"text": "my own words on it"}
    part = client.post(f"{page}/comments", own, headers={"HX-Request": "true"}).content.decode()
    assert (SECRET in part, KEPT[language] in part, own["text"] in part) == (False, True, True)
    assert client.post(f"{page}/decide", {"decision": "approve", "version": "1"}).status_code == 409
    assert tells(all_pages(client, case), SECRET) == []
    assert tells(all_pages(client, case), own["text"]) == [page, f"{page}/print"]
    record_opinion(held.pk, by=second_reviewer, lean="approve", band=1, seen_version=make.reread(case).version)
    open_now = all_pages(client, case)
    for said in ("comment", "document", "skipped", "transferred"):
        assert f"{page}/print" in tells(open_now, f"{said}: {SECRET}"), said
    assert tells(open_now, f"comment: {SECRET}") == ["/notifications", page, f"{page}/print"]
    assert tells(open_now, KEPT[language]) == []


def test_a_stale_page_of_a_blind_case_tells_what_happened_without_the_notes(
    blind_desk: Policy, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    case = make.queued_case("A-1", key_customer=False)
    held = actions.claim_case(case.pk, by=second_reviewer)
    add_document(case.pk, by=reviewer, name="slip.pdf", content=PDF_FILE, note=SECRET)
    posted = {"lean": "approve", "band": "1", "version": str(held.version)}
    answer = signs_in(second_reviewer).post(f"/review/{case.ref}/opinion", posted)
    assert (answer.status_code, SECRET in answer.content.decode()) == (409, False)


def test_why_a_case_was_escalated_or_taken_over_waits_for_the_opinion_too(
    blind_desk: Policy, reviewer: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    case = make.queued_case("A-1", key_customer=False)
    held = actions.claim_case(case.pk, by=reviewer)
    escalate_case(case.pk, by=reviewer, note=f"escalated: {SECRET}", seen_version=held.version)
    boss = signs_in(supervisor)
    waiting = all_pages(boss, case)
    assert tells(waiting, SECRET) == []
    words = "Escalated by reviewer; the note is shown after your own opinion"
    page = f"/review/{case.ref}"
    assert tells(waiting, words) == ["/review", page, f"{page}/documents", f"{page}/similar"]
    # Who only reads sees all.
    assert f"Escalated by reviewer: escalated: {SECRET}" in seen(signs_in(auditor), f"/review/{case.ref}")
    held = actions.claim_case(case.pk, by=supervisor)
    record_opinion(held.pk, by=supervisor, lean="approve", band=1, seen_version=held.version)
    assert SECRET in seen(boss, f"/review/{case.ref}")
    other = make.queued_case("A-2", key_customer=False)
    actions.claim_case(other.pk, by=reviewer)
    take_over_case(other.pk, by=supervisor, reason=f"taken: {SECRET}")
    told = seen(signs_in(reviewer), "/notifications")
    assert "supervisor took this case over from you; the reason is shown after your own opinion" in told
    assert SECRET not in told
    # Their own reason they may read, and the model's part no more than before.
    assert f"taken: {SECRET}" in seen(boss, f"/review/{other.ref}")
    assert 'id="opinion"' in seen(boss, f"/review/{other.ref}")


def test_why_a_decision_was_sent_back_waits_for_the_opinion_of_whoever_has_none(
    blind_desk: Policy, reviewer: User, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    record_opinion(held.pk, by=reviewer, lean="approve", band=1, seen_version=held.version)
    make.decide(make.reread(held), reviewer)
    case = make.reread(held)
    actions.sign_case(case.pk, by=supervisor, verdict="send_back", note=SECRET, seen_version=case.version)
    page = f"/review/{case.ref}"
    told = all_pages(signs_in(second_reviewer), case)
    assert tells(told, SECRET) == []
    assert page in tells(told, "Sent back by supervisor; the reason is shown after your own opinion")
    assert f"Sent back by supervisor: {SECRET}" in seen(signs_in(reviewer), page)


def test_a_second_look_shows_a_document_without_the_note_of_a_colleague_until_it_is_answered(
    ground: Policy, released_at_once: object, admin: User, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    make.desk_rules(admin, second_look_share=1.0)
    case = make.claimed_case(reviewer, key_customer=False)
    add_document(case.pk, by=reviewer, name="slip.pdf", content=PDF_FILE, note=SECRET)
    make.decide(make.reread(case), reviewer)
    assert make.reread(case).state == State.APPROVED
    draw_second_looks()
    look = take_second_look(by=second_reviewer)
    client = signs_in(second_reviewer)
    page = seen(client, f"/second-looks/{look.pk}")
    assert ("slip.pdf" in page, SECRET in page, KEPT["en"] in page) == (True, False, True)
    record_second_look(look.pk, by=second_reviewer, outcome="approve", band=1, reason_codes=[], note="")
    assert SECRET in seen(client, f"/second-looks/{look.pk}")
    assert SecondLook.objects.get().done_at is not None
