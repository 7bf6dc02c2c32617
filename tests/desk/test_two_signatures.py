"""Two signatures on the pages: how far a decision is signed, who must still sign, and who will be asked to."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases import actions
from cases.models import Case, Signature, User
from cases.states import Role
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.test_case_page import foot, text_of
from tests.desk.test_deciding import sign

TWO = make.signing(approve=2, decline=1)


@pytest.fixture
def second_supervisor(db: None) -> User:
    return make.user("second_supervisor", Role.SUPERVISOR, authority=100_000)


@pytest.fixture
def countersigned(ground: Policy, reviewer: User, supervisor: User) -> Case:
    """A case of which `supervisor` gave the first of two signatures."""
    case, _review = make.awaiting_case(reviewer, signing=TWO)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="seen and agreed", seen_version=case.version)
    return make.reread(case)


def shown(client: Client, path: str) -> str:
    return text_of(client.get(path).content.decode())


def test_the_first_signature_is_thanked_for_and_the_case_leaves_this_list_only(
    ground: Policy, reviewer: User, supervisor: User, second_supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    case, _review = make.awaiting_case(reviewer, signing=TWO)
    boss, other = signs_in(supervisor), signs_in(second_supervisor)
    row = "Key customer: always reviewed by a person · 2 by the policy"
    assert f"{row} 0 of 2 signed · 2 more persons must sign" in shown(boss, "/signoff")
    assert sign(boss, case, "confirm")["Location"] == "/signoff"
    mine = boss.get("/signoff").content.decode()
    assert f"{case.ref} is signed by you; one more person must sign." in mine
    assert "Nothing to sign" in mine
    for client in (other, signs_in(auditor)):
        assert f"{row} 1 of 2 signed · 1 more person must sign" in shown(client, "/signoff")
    assert sign(other, case, "confirm").status_code == 409
    assert sign(other, make.reread(case), "confirm")["Location"] == "/signoff"
    assert f"{case.ref} is signed." in shown(other, "/signoff")
    assert make.reread(case).state == "approved"


def test_the_page_says_who_signed_and_lets_the_next_one_sign(
    countersigned: Case, second_supervisor: User, signs_in: SignsIn
) -> None:
    page = shown(signs_in(second_supervisor), f"/signoff/{countersigned.ref}")
    assert "1 of 2 signed · 1 more person must sign signed by supervisor · 20" in page
    assert "“seen and agreed”" in page
    why = "Key customer: always reviewed by a person 2 by the policy row S2 of the policy"
    assert f"Why more than one signature is needed {why}" in page
    assert "Sign: Approve" in page


def test_who_signed_reads_on_and_cannot_sign_again(countersigned: Case, supervisor: User, signs_in: SignsIn) -> None:
    client = signs_in(supervisor)
    page = shown(client, f"/signoff/{countersigned.ref}")
    assert "You have signed this decision: another person must sign it too." in page
    assert "Sign: Approve" not in page
    for act in ("confirm", "send_back"):
        refused = sign(client, countersigned, act, reason="a reason of some length")
        assert refused.status_code == 403
        assert "You have signed this decision" in refused.content.decode()
    assert (make.reread(countersigned).version, Signature.objects.count()) == (countersigned.version, 1)


def test_the_foot_and_the_timeline_of_the_case_tell_the_same(
    countersigned: Case, reviewer: User, second_supervisor: User, signs_in: SignsIn
) -> None:
    page = signs_in(reviewer).get(f"/review/{countersigned.ref}").content.decode()
    assert "Why a signature is needed Key customer: always reviewed by a person · 2 by the policy Approve" in foot(page)
    assert "1 of 2 signed · 1 more person must sign signed by supervisor" in foot(page)
    assert "signed · supervisor 1 of 2 signed “seen and agreed”" in text_of(page)
    assert "sent for sign-off · reviewer Approve 2 signatures needed" in text_of(page)
    actions.sign_case(
        countersigned.pk, by=second_supervisor, verdict="confirm", note="", seen_version=countersigned.version
    )
    page = signs_in(reviewer).get(f"/review/{countersigned.ref}").content.decode()
    assert re.search(r"Approved .* signed by supervisor · .* signed by second_supervisor · ", foot(page))
    assert "must sign" not in foot(page)


def test_the_words_are_there_in_chinese_too(
    countersigned: Case, supervisor: User, second_supervisor: User, signs_in: SignsIn
) -> None:
    page = shown(signs_in(second_supervisor, "zh-hans"), f"/signoff/{countersigned.ref}")
    for words in ("策略要求 2 人", "已签批 1/2 · 还须 1 人签批", "supervisor 签批 · 20", "须 2 人签批"):
        assert words in page
    mine = shown(signs_in(supervisor, "zh-hans"), f"/signoff/{countersigned.ref}")
    assert "您已签批此决定，还须他人签批。" in mine


def test_before_deciding_each_choice_says_who_else_would_be_asked(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer, signing=TWO, key_customer=False, amount=make.new_case().amount * 10)
    page = signs_in(reviewer).get(f"/review/{held.ref}").content.decode()
    notes = dict(re.findall(r'data-sign-off="(\w+)">(.*?)</p>', page))
    above = "Amount above the reviewer's authority"
    assert {outcome: text_of(words).strip() for outcome, words in notes.items()} == {
        "approve": f"An approval needs the signatures of two others {above} 2 by the policy",
        "decline": "A decline needs a second signature 1 by the policy",
    }
    assert "unseen" not in page
    refused = signs_in(reviewer).post(
        f"/review/{held.ref}/decide", {"decision": "decline", "version": held.version, "note": ""}
    )
    assert refused.status_code == 422
    assert re.findall(r'callout-warn( unseen)?" data-sign-off="(\w+)"', refused.content.decode()) == [
        (" unseen", "approve"), ("", "decline"),
    ]  # fmt: skip


def test_who_may_decide_alone_is_told_of_nobody(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    held = make.claimed_case(reviewer, signing=make.signing(), key_customer=False)
    assert "data-sign-off" not in signs_in(reviewer).get(f"/review/{held.ref}").content.decode()


def test_the_list_takes_as_many_queries_however_many_have_signed(
    countersigned: Case,
    reviewer: User,
    second_supervisor: User,
    signs_in: SignsIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        make.awaiting_case(reviewer, f"N-{number}", signing=TWO)
    client = signs_in(second_supervisor)
    # One of them asks for the mappings that wait beside the cases.
    with django_assert_max_num_queries(11):
        assert client.get("/signoff").status_code == 200
    with django_assert_max_num_queries(12):
        client.get(f"/signoff/{countersigned.ref}")
