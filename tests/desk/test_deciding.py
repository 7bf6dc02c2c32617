"""Deciding, asking, releasing, signing: what is saved, what comes next, and what is refused with nothing changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cases import actions
from cases.claimable import claimable_by
from cases.models import Case, Claim, Conflict, Review, Signature, User
from cases.states import State
from cases.takeover import take_over_case
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/review/CR-1?view=open"}


def decide(client: Client, case: Case, decision: str, *, htmx: bool = False, **more: Any) -> Any:
    form = {"decision": decision, "version": case.version, "view": "open", "note": "", **more}
    return client.post(f"/review/{case.ref}/decide", form, headers=HTMX if htmx else {})


def untouched(case: Case) -> bool:
    now = make.reread(case)
    return (now.state, now.version, Review.objects.count()) == (case.state, case.version, 0)


def test_after_a_decision_the_next_case_is_claimed_and_shown(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    make.cases(2)
    make.run_machine()
    held = actions.claim_next(by=reviewer)
    following = Case.objects.in_queue_order().get()
    answer = decide(signs_in(reviewer), held, "approve", htmx=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["HX-Push-Url"] == f"/review/{following.ref}?view=open"
    assert f'data-ref="{following.ref}"' in page
    assert f"{held.ref}: Approve." in page
    assert "<html" not in page
    assert Claim.objects.get(ended_at__isnull=True).case == following


def test_without_a_next_case_the_queue_is_shown_with_what_happened(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    client = signs_in(reviewer)
    answer = decide(client, held, "approve", htmx=True)
    assert answer["HX-Redirect"] == "/review?view=open"
    page = client.get("/review").content.decode()
    assert f"{held.ref}: Approve, sent for sign-off. Nothing waits for you right now." in page
    second = make.claimed_case(reviewer, "A-2")
    assert decide(client, second, "approve")["Location"] == "/review?view=open"


def test_what_may_be_taken_back_is_offered_to_its_maker_alone_and_not_to_a_forger(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    client = signs_in(reviewer)
    decide(client, held, "approve")
    offered = f'action="/review/{held.ref}/take-back"'
    assert offered in client.get("/review").content.decode()
    kept = client.cookies["undo"].value
    client.cookies["undo"] = kept.replace("awaiting_signoff", "approved")
    assert offered not in client.get("/review").content.decode()
    other = signs_in(supervisor)
    other.cookies["undo"] = kept
    assert offered not in other.get("/review").content.decode()


@pytest.mark.parametrize(
    ("decision", "more", "field", "sentence"),
    [
        ("", {}, "decision", "Choose a decision."),
        ("watch", {}, "decision", "Choose a decision."),
        ("decline", {"note": "Ten characters and more."}, "reason_codes", "Choose at least one reason."),
        ("decline", {"reason_codes": ["high_debt"], "note": "short"}, "note", "Say why in the note"),
        ("approve", {"reason_codes": ["high_debt"]}, "reason_codes", "These reasons do not fit the decision."),
        ("approve", {"reason_codes": ["other"], "note": "brief"}, "note", "Say why in the note"),
        ("ask", {"note": "what?"}, "note", "Say in the note what is needed"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_an_incomplete_form_comes_back_with_what_was_typed(
    decision: str,
    more: dict[str, Any],
    field: str,
    sentence: str,
    htmx: bool,
    ground: Policy,
    reviewer: User,
    signs_in: SignsIn,
) -> None:
    held = make.claimed_case(reviewer)
    answer = decide(signs_in(reviewer), held, decision, htmx=htmx, **more)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert ("<html" in page) is not htmx
    assert str(more.get("note", "")) in page
    for code in more.get("reason_codes", ()):
        assert f'value="{code}"' in page
    if decision in ("approve", "decline", "ask"):
        assert f'value="{decision}"' in page
        assert " checked>" in page
    assert untouched(held)


def test_a_form_of_an_older_version_is_refused(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    held = make.claimed_case(reviewer)
    for version in (held.version - 1, "", "abc", "²"):
        answer = decide(signs_in(reviewer), held, "approve", version=version)
        assert answer.status_code == 409
        assert "The case has changed since you opened it." in answer.content.decode()
    assert untouched(held)


def test_who_still_holds_a_case_that_changed_reads_what_changed_and_goes_on_from_there(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    answer = decide(
        signs_in(reviewer), held, "approve", version=held.version - 1, note="Typed before it changed.", htmx=True
    )
    page = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (409, "#case", "outerHTML")
    assert "<li>claimed · reviewer · " in page
    assert "Typed before it changed." in page
    assert f'name="version" value="{held.version}"' in page
    assert untouched(held)


@pytest.mark.parametrize("htmx", [True, False])
def test_who_lost_a_case_reads_who_has_it_and_keeps_what_was_typed(
    htmx: bool, ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    taken = take_over_case(held.pk, by=supervisor, reason="The reviewer is ill this week.")
    answer = decide(signs_in(reviewer), held, "approve", note="Typed before it was lost.", htmx=htmx)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "You do not hold this case any more." in page
    assert "<li>released · supervisor · " in page
    assert "<li>claimed · supervisor · " in page
    assert f'href="/review/{held.ref}?view=open"' in page
    # With htmx the form itself stays where it is, under the toast.
    assert ("Typed before it was lost." in page) is not htmx
    assert untouched(taken)


def test_a_double_post_decides_once(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    held = make.claimed_case(reviewer)
    client = signs_in(reviewer)
    assert [decide(client, held, "approve").status_code for _post in range(3)] == [302, 409, 409]
    assert Review.objects.count() == 1


def test_a_case_of_somebody_else_can_be_read_and_not_decided(
    ground: Policy, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    client = signs_in(second_reviewer)
    page = client.get(f"/review/{held.ref}").content.decode()
    assert "reviewer is reviewing this case." in page
    assert "data-decision" not in page
    assert decide(client, held, "approve").status_code == 409
    assert client.post(f"/review/{held.ref}/claim").status_code == 409
    assert client.post(f"/review/{held.ref}/release").status_code == 409
    answer = client.post(f"/review/{held.ref}/extend")
    assert (answer.status_code, answer.json()["sentence"][:30]) == (409, "You do not hold this case any ")
    assert untouched(held)


def test_a_claim_is_extended_and_released(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    held = make.claimed_case(reviewer)
    client = signs_in(reviewer)
    assert 895 <= client.post(f"/review/{held.ref}/extend").json()["seconds_left"] <= 900
    assert client.post(f"/review/{held.ref}/release", {"view": "key"})["Location"] == "/review?view=key"
    assert f"{held.ref} is back in the queue." in client.get("/review").content.decode()
    assert make.reread(held).state == State.QUEUED
    assert client.post(f"/review/{held.ref}/claim")["Location"] == f"/review/{held.ref}?view=open"


def test_what_was_asked_for_arrives_and_a_case_is_withdrawn(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    client = signs_in(reviewer)
    assert decide(client, held, "ask", note="Please send three pay slips.").status_code == 302
    assert make.reread(held).state == State.WAITING_INFO
    assert client.post(f"/review/{held.ref}/information").status_code == 302
    assert make.reread(held).state == State.QUEUED
    boss = signs_in(supervisor)
    assert boss.post(f"/review/{held.ref}/withdraw", {"reason": "short"}).status_code == 422
    assert make.reread(held).state == State.QUEUED
    answer = boss.post(f"/review/{held.ref}/withdraw", {"reason": "The customer took another loan."})
    assert answer.status_code == 302
    page = boss.get(f"/review/{held.ref}").content.decode()
    assert f"{held.ref} is withdrawn." in page
    assert "The lender has withdrawn this case." in page


def test_a_monitoring_case_is_resolved_with_an_action(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    held = make.claimed_case(reviewer, kind="monitoring", key_customer=False)
    client = signs_in(reviewer)
    page = client.get(f"/review/{held.ref}").content.decode()
    assert 'value="restructure"' in page
    assert 'name="decision" value="approve"' not in page
    assert decide(client, held, "watch").status_code == 302
    ended = make.reread(held)
    assert (ended.state, ended.outcome) == (State.RESOLVED, "watch")
    assert "Watch" in client.get(f"/review/{held.ref}").content.decode()


def sign(client: Client, case: Case, act: str, *, reason: str = "", version: int | None = None) -> Any:
    form = {"act": act, "reason": reason, "version": case.version if version is None else version}
    return client.post(f"/signoff/{case.ref}/sign", form)


def test_a_decision_is_signed_and_leaves_the_list(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case, review = make.awaiting_case(reviewer)
    client = signs_in(supervisor)
    page = client.get(f"/signoff/{case.ref}").content.decode()
    for words in ("Key customer: always reviewed by a person", "Stable and verified income", "a note for the test"):
        assert words in page
    assert sign(client, case, "confirm")["Location"] == "/signoff"
    page = client.get("/signoff").content.decode()
    assert f"{case.ref} is signed." in page
    assert "Nothing to sign" in page
    assert Signature.objects.get().review == review
    page = client.get(f"/signoff/{case.ref}", follow=True).content.decode()
    assert "signed by supervisor" in page
    assert '<span class="strong">Approved</span>' in page


def test_a_decision_sent_back_needs_a_reason_and_returns_to_its_reviewer(
    ground: Policy, reviewer: User, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case, _review = make.awaiting_case(reviewer)
    client = signs_in(supervisor)
    refused = sign(client, case, "send_back", reason="why")
    assert refused.status_code == 422
    assert 'value="why"' in refused.content.decode()
    assert sign(client, case, "perhaps").status_code == 422
    assert (make.reread(case).state, Signature.objects.count()) == (State.AWAITING_SIGNOFF, 0)
    assert sign(client, case, "send_back", reason="Please add the pay slips.")["Location"] == "/signoff"
    back = make.reread(case)
    assert (back.state, back.reserved_for) == (State.QUEUED, reviewer)
    assert "This case waits for reviewer." in signs_in(second_reviewer).get(f"/review/{case.ref}").content.decode()
    assert signs_in(second_reviewer).post(f"/review/{case.ref}/claim").status_code == 403
    assert "Please add the pay slips." in signs_in(reviewer).get(f"/review/{case.ref}").content.decode()


def test_nobody_signs_an_own_decision_or_an_older_one(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    own, _review = make.awaiting_case(supervisor, "S-1")
    other, _review = make.awaiting_case(reviewer, "S-2")
    client = signs_in(supervisor)
    page = client.get(f"/signoff/{own.ref}").content.decode()
    assert "A second person must sign: nobody signs a case they decided or entered themselves." in page
    assert "Sign: Approve" not in page
    assert sign(client, own, "confirm").status_code == 403
    assert sign(client, other, "confirm", version=other.version - 1).status_code == 409
    assert Signature.objects.count() == 0
    assert {make.reread(case).state for case in (own, other)} == {State.AWAITING_SIGNOFF}


@pytest.mark.parametrize("is_blind", [False, True], ids=["open", "blind"])
def test_whoever_holds_a_case_states_a_conflict_of_interest_on_it_and_is_told_what_follows(
    is_blind: bool, ground: Policy, admin: User, reviewer: User, signs_in: SignsIn
) -> None:
    make.desk_rules(admin, opinion_share=float(is_blind))
    held = make.claimed_case(reviewer, key_customer=False)
    client, url = signs_in(reviewer), f"/review/{held.ref}/recuse"
    page = client.get(f"/review/{held.ref}").content.decode()
    assert ('id="opinion"' in page, f'hx-get="{url}?view=open" hx-target="#panel"' in page) == (is_blind, True)
    form = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "No case of this applicant is offered to you, and you neither decide nor sign one" in form
    refused = client.post(url, {"version": held.version, "note": "cousin"})
    assert (refused.status_code, 'id="pass-note-problem"' in refused.content.decode()) == (422, True)
    assert Conflict.objects.count() == 0
    reviewer.goes_on = False
    reviewer.save()
    assert client.post(url, {"version": held.version, "note": "the applicant is my cousin"}).status_code == 302
    conflict = Conflict.objects.get()
    assert (conflict.person, conflict.applicant_id, conflict.reason) == (
        reviewer, held.applicant_id, "the applicant is my cousin",
    )  # fmt: skip
    case = make.reread(held)
    assert (case.state, case.claims.filter(ended_at=None).count(), list(claimable_by(reviewer))) == ("queued", 0, [])
