"""The sign-off on the pages: what waits for whom, what a decision stands on, and every act on it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases import actions
from cases.delegating import standing_delegations
from cases.models import AskedSigner, Case, Delegation, Opinion, Reopening, Review, Signature, User
from cases.office import OFFICE
from cases.reopening import ask_reopening
from cases.states import Role, State
from cases.takeover import take_over_case
from routing.models import Policy
from tests import make
from tests.cases.signing import attach, pen
from tests.desk.conftest import SignsIn
from tests.desk.test_case_page import foot, text_of
from tests.desk.test_deciding import sign

WHY = "the pay slips turned out to be forged"


@pytest.fixture
def second_supervisor(db: None) -> User:
    return make.user("second_supervisor", Role.SUPERVISOR, authority=100_000)


@pytest.fixture
def case(ground: Policy, reviewer: User) -> Case:
    return make.awaiting_case(reviewer)[0]


def shown(client: Client, path: str) -> str:
    return text_of(client.get(path).content.decode())


def fix(client: Client, case: Case, outcome: str, codes: list[str], note: str = "") -> Any:
    form = {"act": "fix", "outcome": outcome, "reason_codes": codes, "note": note, "version": make.reread(case).version}
    return client.post(f"/signoff/{case.ref}/sign", form)


def test_the_list_shows_no_own_case_and_first_what_was_asked_for_by_name(
    case: Case, reviewer: User, supervisor: User, second_supervisor: User, signs_in: SignsIn
) -> None:
    later, _review = make.awaiting_case(reviewer, "A-2")
    make.awaiting_case(supervisor, "A-3")
    make.awaiting_case(reviewer, "A-4", entered_by=supervisor)
    actions.ask_signer(
        later.pk, by=second_supervisor, signer_id=supervisor.pk, reason="you know the group", seen_version=later.version
    )
    page = signs_in(supervisor).get("/signoff").content.decode()
    assert re.findall(r'data-ref="(CR-\d+)"', page) == [later.ref, case.ref]
    assert "second_supervisor asks you: you know the group" in text_of(page)
    assert "0 of 1 signed" not in text_of(page)
    assert '<span class="count" id="waits-signoff_list" hx-swap-oob="true">2</span>' in page


def test_the_list_says_what_is_void_beyond_me_and_late(
    case: Case, reviewer: User, supervisor: User, signs_in: SignsIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, _review = make.awaiting_case(reviewer, "A-2", amount=Decimal(200_000))
    attach(case, reviewer)
    page = shown(signs_in(supervisor), "/signoff")
    assert "void changed since the decision: send it back" in page
    assert "Beyond your authority: add a signer who may sign it." in page
    monkeypatch.setattr("cases.expiring.working_seconds", lambda start, end, desk: 15.5 * 3600)
    assert "2 h 30 min" in shown(signs_in(supervisor), "/signoff")
    assert f"{large.ref}" in page


def test_the_page_shows_lean_packet_limits_and_that_nothing_has_changed(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    claim = held.claims.get()
    Opinion.objects.create(case=held, claim=claim, person=reviewer, lean="decline", band=4, seen_version=held.version)
    review = make.decide(held, reviewer)
    page = shown(signs_in(supervisor), f"/signoff/{held.ref}")
    assert "Before seeing the model Lean decline · 10 to 20 %" in page
    assert "Nothing has changed since the decision." in page
    assert f"Whole packet {review.packet_sha256}" in page
    assert "Authority of reviewer $25,000 $8,000" in page
    assert "Authority of supervisor $100,000 $8,000" in page
    chinese = shown(signs_in(supervisor, "zh-hans"), f"/signoff/{held.ref}")
    assert "查看模型前的判断 倾向拒绝 · 10 % 至 20 %" in chinese


def test_the_page_lists_the_documents_that_the_signature_binds_to(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    attach(held, reviewer, "payslip.pdf")
    case = make.reread(held)
    make.decide(case, reviewer)
    page = signs_in(supervisor).get(f"/signoff/{case.ref}").content.decode()
    card = page.split('id="documents"')[1].split("</section>")[0]
    document = case.documents.get()
    assert f'<a href="/review/{case.ref}/documents/{document.pk}' in card
    assert all(text in card for text in ("payslip.pdf", f"SHA-256 {document.sha256}", "documents?check=1"))
    assert 'type="file"' not in card


def test_a_changed_case_says_what_changed_and_can_only_be_sent_back(
    ground: Policy, reviewer: User, supervisor: User, second_supervisor: User, signs_in: SignsIn
) -> None:
    case, _review = make.awaiting_case(reviewer, signing=make.signing(approve=2))
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    attach(case, reviewer, "statement.pdf")
    client = signs_in(second_supervisor)
    page = shown(client, f"/signoff/{case.ref}")
    assert "Changed since the decision Document added: statement.pdf The signatures so far are void." in page
    assert "void signed by supervisor" in page
    assert "Sign: Approve" not in page
    assert "Fix and sign" not in foot(client.get(f"/signoff/{case.ref}").content.decode())
    refused = sign(client, make.reread(case), "confirm")
    assert refused.status_code == 409
    assert "Document added: statement.pdf" in refused.content.decode()
    # The way on is the sign-off, where it can be sent back.
    assert f'href="/signoff/{case.ref}">Look again</a>' in refused.content.decode()
    on_case = shown(signs_in(reviewer), f"/review/{case.ref}")
    assert "A document was added since the decision The signatures so far are void." in on_case
    assert "void signed by supervisor" in on_case
    back = sign(client, make.reread(case), "send_back", reason="look at the statement")
    assert back["Location"] == "/signoff"
    assert make.reread(case).state == State.QUEUED


def test_a_decision_sent_back_tells_why_and_comes_back_as_it_was_to_whoever_made_it(
    case: Case, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    decided = case.reviews.get()
    sign(signs_in(supervisor), case, "send_back", reason="look at the statement")
    client = signs_in(reviewer)
    assert "Sent back by supervisor: look at the statement" in shown(client, "/review")
    client.post(f"/review/{case.ref}/claim")
    page = client.get(f"/review/{case.ref}").content.decode()
    assert "Sent back by supervisor: look at the statement" in page.split('class="case-head"')[1].split("</header>")[0]
    bar = page.split('id="decision"')[1].split("</form>")[0]
    checked = re.findall(r'value="(\w+)"[^>]* checked>', bar)
    assert checked == [decided.outcome, *decided.reason_codes]
    assert f">{decided.note}</textarea>" in bar
    # Whoever takes it over decides for themselves.
    take_over_case(case.pk, by=supervisor, reason="the reviewer is ill")
    assert " checked>" not in signs_in(supervisor).get(f"/review/{case.ref}").content.decode().split('id="decision"')[1]


def test_reasons_are_put_right_and_signed_in_one_go(case: Case, supervisor: User, signs_in: SignsIn) -> None:
    client = signs_in(supervisor)
    page = client.get(f"/signoff/{case.ref}").content.decode()
    assert re.findall(r'name="outcome" value="(\w+)"( data-decided)?( checked)?', page) == [
        ("approve", " data-decided", " checked"), ("decline", "", ""),
    ]  # fmt: skip
    assert re.findall(r'name="reason_codes" value="(\w+)"[^>]* checked', page) == ["stable_income"]
    refused = fix(client, case, "approve", ["high_debt"], "the record speaks for it")
    typed = refused.content.decode()
    assert refused.status_code == 422
    assert "These reasons do not fit the decision." in typed
    assert ">the record speaks for it</textarea>" in typed
    assert "data-fix-panel open" in typed
    assert Signature.objects.count() == 0
    assert fix(client, case, "approve", ["good_record"], "the record speaks for it")["Location"] == "/signoff"
    assert Signature.objects.get().corrected_codes == ["good_record"]
    page = shown(client, f"/review/{case.ref}")
    assert "reasons put right: Good repayment record" in page
    assert "“the record speaks for it”" in page


def test_another_outcome_waits_for_another_person(
    case: Case, supervisor: User, second_supervisor: User, signs_in: SignsIn
) -> None:
    client = signs_in(supervisor)
    assert fix(client, case, "decline", ["high_debt"], "short").status_code == 422
    assert fix(client, case, "perhaps", ["high_debt"], "a longer note").status_code == 422
    assert Review.objects.count() == 1
    assert fix(client, case, "decline", ["high_debt"], "the debts take half")["Location"] == "/signoff"
    assert f"{case.ref} is decided otherwise by you; another person must sign it." in shown(client, "/signoff")
    page = shown(signs_in(second_supervisor), f"/signoff/{case.ref}")
    assert "Decided otherwise by a second person: a third must sign" in page
    assert "Sign: Decline" in page
    assert "decided otherwise by a signer · supervisor" in page


@pytest.mark.django_db(transaction=True)
def test_one_more_signer_is_asked_by_name_and_seen_on_the_case(
    case: Case, reviewer: User, supervisor: User, second_supervisor: User, signs_in: SignsIn
) -> None:
    client = signs_in(reviewer)
    page = client.get(f"/review/{case.ref}").content.decode()
    assert f'href="/signoff/{case.ref}/signer"' in page
    form = client.get(f"/signoff/{case.ref}/signer").content.decode()
    assert "second_supervisor, signs up to $100,000" in form
    posted = {"signer": str(second_supervisor.pk), "reason": "brief", "version": case.version}
    refused = client.post(f"/signoff/{case.ref}/signer/ask", posted)
    assert refused.status_code == 422
    assert f'value="{second_supervisor.pk}" selected' in refused.content.decode()
    assert client.post(f"/signoff/{case.ref}/signer/ask", {**posted, "signer": "x"}).status_code == 422
    assert AskedSigner.objects.count() == 0
    done = client.post(f"/signoff/{case.ref}/signer/ask", {**posted, "reason": "you know the group"})
    assert done["Location"] == f"/review/{case.ref}"
    on_case = shown(client, f"/review/{case.ref}")
    assert "second_supervisor is asked to sign." in on_case
    assert "second_supervisor must sign too, asked by reviewer “you know the group”" in on_case
    boss = signs_in(supervisor)
    assert "is signed by you; one more person must sign." in text_of(
        boss.post(
            f"/signoff/{case.ref}/sign", {"act": "confirm", "version": make.reread(case).version}, follow=True
        ).content.decode()
    )
    assert "1 of 2 signed · 1 more person must sign" in shown(client, f"/review/{case.ref}")
    assert sign(signs_in(second_supervisor), make.reread(case), "confirm")["Location"] == "/signoff"
    assert make.reread(case).state == State.APPROVED


def test_who_has_no_part_in_it_asks_nobody(case: Case, second_reviewer: User, signs_in: SignsIn) -> None:
    client = signs_in(second_reviewer)
    assert "/signer" not in client.get(f"/review/{case.ref}").content.decode()
    assert client.get(f"/signoff/{case.ref}/signer").status_code == 403
    posted = {"signer": "1", "reason": "you know the group", "version": case.version}
    assert client.post(f"/signoff/{case.ref}/signer/ask", posted).status_code == 403
    assert make.reread(case).version == case.version


def test_who_is_beyond_their_authority_may_ask_and_send_back(case: Case, signs_in: SignsIn) -> None:
    client = signs_in(make.user("junior", Role.SUPERVISOR, authority=100))
    page = foot(client.get(f"/signoff/{case.ref}").content.decode())
    assert "Beyond your authority: add a signer who may sign it." in page
    assert "Sign: Approve" not in page
    for words in ("Decide otherwise", "Add signer", "Send back"):
        assert words in page
    assert sign(client, case, "confirm").status_code == 403
    assert make.reread(case).version == case.version


def test_a_pen_is_given_seen_used_and_taken_back(
    case: Case, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    boss, holder = signs_in(supervisor), signs_in(second_reviewer)
    today = timezone.now().astimezone(OFFICE).date()
    assert holder.get("/signoff").status_code == 403
    form = {
        "holder": second_reviewer.pk,
        "first_day": today.isoformat(),
        "last_day": "",
        "reason": "on leave this week",
    }
    refused = boss.post("/signoff/delegations/give", form)
    assert refused.status_code == 422
    assert "Enter a day, such as 2026-11-28." in refused.content.decode()
    assert 'value="on leave this week"' in refused.content.decode()
    given = boss.post("/signoff/delegations/give", {**form, "last_day": (today + timedelta(days=6)).isoformat()})
    assert given["Location"] == "/signoff/delegations"
    assert "second_reviewer signs for you." in shown(boss, "/signoff/delegations")
    days = f"{today.isoformat()} to {(today + timedelta(days=6)).isoformat()}"
    seen = shown(holder, "/signoff/delegations")
    assert f"supervisor second_reviewer {days} on leave this week in force Lay it down" in seen
    assert "You sign on behalf of supervisor." in shown(holder, "/signoff")
    assert "You sign on behalf of supervisor, within their authority." in shown(holder, f"/signoff/{case.ref}")
    assert sign(holder, case, "confirm")["Location"] == "/signoff"
    assert Signature.objects.get().on_behalf_of == supervisor
    page = shown(boss, f"/review/{case.ref}")
    assert "signed by second_reviewer on behalf of supervisor" in page
    assert "approval signed · second_reviewer on behalf of supervisor" in page
    key = Delegation.objects.get().pk
    assert boss.post("/signoff/delegations/end", {"delegation": key})["Location"] == "/signoff/delegations"
    assert not standing_delegations()
    assert f"ended {today.isoformat()}" in shown(boss, "/signoff/delegations")
    assert holder.get("/signoff").status_code == 403


@pytest.mark.usefixtures("released_at_once")
def test_opening_again_is_asked_for_answered_and_told(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer, key_customer=False)
    make.decide(held, reviewer, outcome="decline")
    asker, boss = signs_in(reviewer), signs_in(supervisor)
    assert "Ask to open it again" in shown(asker, f"/review/{held.ref}")
    assert asker.post(f"/review/{held.ref}/reopening", {"reason": "brief"}).status_code == 422
    assert asker.post(f"/review/{held.ref}/reopening", {"reason": WHY})["Location"] == f"/review/{held.ref}?view=open"
    page = shown(asker, f"/review/{held.ref}")
    assert f"reviewer asked to open this case again (“{WHY}”). A supervisor must answer." in page
    assert f"asked to open it again · reviewer “{WHY}”" in page
    assert "Ask to open it again" not in page
    listed = shown(boss, "/signoff")
    assert "Asked to open again Another person than the one who asks must agree. Case" in listed
    key = Reopening.objects.get().pk
    refused = boss.post("/signoff/reopenings/answer", {"reopening": key, "verdict": "refuse", "note": "no"})
    assert refused.status_code == 422
    assert "Say why in the note, in ten characters or more." in refused.content.decode()
    assert boss.post("/signoff/reopenings/answer", {"reopening": "x", "verdict": "approve"}).status_code == 404
    opened = boss.post("/signoff/reopenings/answer", {"reopening": key, "verdict": "approve", "note": ""})
    assert opened["Location"] == "/signoff"
    assert f"{held.ref} is open again." in shown(boss, "/signoff")
    page = shown(asker, f"/review/{held.ref}")
    assert f"opened again · supervisor was: Decline asked for by reviewer “{WHY}”" in page
    assert f"Opened again: {WHY}" in shown(asker, "/review")


@pytest.mark.usefixtures("released_at_once")
def test_a_request_of_one_s_own_waits_for_another(ground: Policy, supervisor: User, signs_in: SignsIn) -> None:
    case = make.claimed_case(supervisor, key_customer=False)
    make.decide(case, supervisor, outcome="decline")
    asked = ask_reopening(case.pk, by=supervisor, reason=WHY)
    client = signs_in(supervisor)
    assert "asked by you: another person answers" in shown(client, "/signoff")
    answer = client.post("/signoff/reopenings/answer", {"reopening": asked.pk, "verdict": "approve"})
    assert answer.status_code == 403
    assert make.reread(case).state == State.DECLINED


@pytest.mark.usefixtures("released_at_once")
def test_list_and_page_take_as_many_queries_however_much_there_is(
    case: Case,
    reviewer: User,
    second_reviewer: User,
    supervisor: User,
    second_supervisor: User,
    signs_in: SignsIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    pen(supervisor, second_reviewer)
    for number in range(4):
        waiting, _review = make.awaiting_case(reviewer, f"N-{number}", signing=make.signing(approve=2))
        actions.sign_case(waiting.pk, by=second_supervisor, verdict="confirm", note="", seen_version=waiting.version)
        actions.ask_signer(
            waiting.pk, by=second_supervisor, signer_id=second_reviewer.pk, reason="you know the group",
            seen_version=waiting.version + 1,
        )  # fmt: skip
        closed = make.claimed_case(reviewer, f"C-{number}", key_customer=False)
        make.decide(closed, reviewer, outcome="decline")
        ask_reopening(closed.pk, by=reviewer, reason=WHY)
    for user in (supervisor, second_reviewer):
        client = signs_in(user)
        for path in ("/signoff", f"/signoff/{waiting.ref}", f"/review/{waiting.ref}", f"/review/{closed.ref}",
                     "/signoff/delegations"):  # fmt: skip
            with django_assert_max_num_queries(12, info=path):
                assert client.get(path).status_code == 200


def test_the_sign_off_of_an_applicant_whom_somebody_is_close_to_is_not_theirs(
    case: Case, supervisor: User, second_supervisor: User, signs_in: SignsIn
) -> None:
    client = signs_in(supervisor)
    assert f"/review/{case.ref}/conflict" in client.get(f"/review/{case.ref}").content.decode()
    stated = client.post(f"/review/{case.ref}/conflict", {"reason": "the applicant is my cousin"})
    assert (stated.status_code, make.reread(case).state) == (302, State.AWAITING_SIGNOFF)
    assert case.ref not in shown(client, "/signoff")
    assert case.ref in shown(signs_in(second_supervisor), "/signoff")
    page = shown(client, f"/signoff/{case.ref}")
    assert "A conflict of interest with this applicant is stated for you: somebody else decides." in page
    assert "Sign: Approve" not in page
    refused = sign(client, make.reread(case), "confirm")
    assert refused.status_code == 403
    assert (Signature.objects.count(), make.reread(case).state) == (0, State.AWAITING_SIGNOFF)
