"""Undo on the pages: offered until the release, back to the same case with its form filled, and refused in words."""

from __future__ import annotations

from typing import Any

from django.test import Client

from cases.models import Case, Claim, Phrase, Skip, User
from cases.states import State
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/review/CR-1?view=open"}
NOTE = "The debts take half of the income."


def decide(client: Client, case: Case, **more: Any) -> str:
    form = {
        "decision": "decline", "version": case.version, "view": "open", "reason_codes": ["high_debt"], "note": NOTE,
    }  # fmt: skip
    answer = client.post(f"/review/{case.ref}/decide", {**form, **more}, headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_decision_is_offered_to_be_taken_back_and_its_form_comes_back_filled(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer, key_customer=False)
    following = make.queued_case("A-2", key_customer=False)
    client = signs_in(reviewer)
    page = decide(client, held)
    assert f"{held.ref}: Declined, released in" in page
    assert f'action="/review/{held.ref}/take-back"' in page
    assert f'name="following" value="{following.ref}"' in page
    # It outlives a reload, and another page.
    for path in (f"/review/{following.ref}", "/review"):
        assert f'action="/review/{held.ref}/take-back"' in client.get(path).content.decode()
    taken = make.reread(following)
    form = {
        "version": held.version + 1, "view": "key", "following": following.ref, "following_version": taken.version,
    }  # fmt: skip
    answer = client.post(f"/review/{held.ref}/take-back", form, headers=HTMX)
    page = answer.content.decode()
    assert (answer.status_code, answer["HX-Push-Url"]) == (200, f"/review/{held.ref}?view=key")
    assert f"The decision on {held.ref} is taken back." in page
    assert "take-back" not in page
    assert NOTE in page
    assert page.count(" checked>") == 2
    assert (make.reread(held).state, make.reread(following).state) == (State.IN_REVIEW, State.QUEUED)
    assert Claim.objects.get(ended_at=None).case == held


def test_a_decision_is_taken_back_where_the_next_case_asks_for_ones_own_view_first(
    ground: Policy, reviewer: User, admin: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer, key_customer=False)
    make.desk_rules(admin, opinion_share=1.0)
    following = make.queued_case("A-2", key_customer=False)
    assert following.opinion_first
    client = signs_in(reviewer)
    pages = (decide(client, held), client.get(f"/review/{following.ref}").content.decode())
    for page in pages:
        assert f"/review/{following.ref}/opinion" in page
        assert (page.count(f'action="/review/{held.ref}/take-back"'), page.count('data-key="KeyZ"')) == (1, 1)


def test_too_late_is_said_and_nothing_is_offered_any_more(
    ground: Policy, reviewer: User, supervisor: User, admin: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer, key_customer=False)
    client = signs_in(reviewer)
    form = {"decision": "decline", "version": held.version, "reason_codes": ["high_debt"], "note": NOTE}
    assert client.post(f"/review/{held.ref}/decide", form)["Location"] == "/review?view=open"
    assert "take-back" in client.get("/review").content.decode()
    stranger = signs_in(supervisor).post(f"/review/{held.ref}/take-back", {"version": held.version + 1})
    assert (stranger.status_code, make.reread(held).state) == (403, State.DECLINED)
    stale = client.post(f"/review/{held.ref}/take-back", {"version": held.version})
    assert stale.status_code == 409
    assert "take-back" not in client.get("/review").content.decode()
    make.released_at_once(admin)
    second = make.claimed_case(reviewer, "A-2", key_customer=False)
    client.post(f"/review/{second.ref}/decide", {**form, "version": second.version})
    assert "take-back" not in client.get("/review").content.decode()
    late = client.post(f"/review/{second.ref}/take-back", {"version": second.version + 1})
    assert late.status_code == 409
    assert "The decision is released and can no longer be taken back." in late.content.decode()


def test_who_stays_on_the_case_sees_it_decided(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    held = make.claimed_case(reviewer, key_customer=False)
    waiting = make.queued_case("A-2", key_customer=False)
    client = signs_in(reviewer)
    answer = client.post("/preferences/goes-on", {"goes_on": "no", "next": f"/review/{held.ref}"})
    assert answer["Location"] == f"/review/{held.ref}"
    assert "then: stay on the case" in client.get(f"/review/{held.ref}").content.decode()
    page = decide(client, held)
    assert f'data-ref="{held.ref}"' in page
    assert '<span class="strong">Declined</span>' in page
    assert "can be taken back until" in page
    assert make.reread(waiting).state == State.QUEUED
    switched = client.post("/preferences/goes-on", {"goes_on": "yes"}, headers=HTMX)
    assert "then: next case" in switched.content.decode()


def test_what_follows_each_choice_is_said_before_it_is_made(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer, key_customer=False, signing=make.signing(approve=1))
    client = signs_in(reviewer)
    page = client.get(f"/review/{held.ref}").content.decode()
    assert 'data-sign-off="approve"' in page
    assert 'data-next="approve"' not in page
    assert "released after 30 s, with the reasons that the applicant may be told" in page
    assert 'data-next="ask"' in page
    signers = client.get(f"/review/{held.ref}/signers", headers=HTMX).content.decode()
    assert f'<option value="{supervisor.pk}">supervisor</option>' in signers
    assert "<html" not in signers
    assert f'<option value="{supervisor.pk}">' in client.get(f"/review/{held.ref}/signers").content.decode()
    page = decide(client, held, signer=supervisor.pk) if make.queued_case("A-2") else ""
    assert f"{held.ref}: Decline, sent for sign-off." in page
    assert "sent for sign-off, free to take back for" in page


def test_a_case_is_passed_on_by_forms_that_work_without_a_script(
    ground: Policy, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    client = signs_in(reviewer)
    sent: list[tuple[str, dict[str, Any]]] = [
        ("escalate", {"note": NOTE}),
        ("transfer", {"note": NOTE, "to": second_reviewer.pk}),
        ("snooze", {"note": NOTE}),
        ("skip", {"why": "language"}),
    ]
    for number, (way, form) in enumerate(sent):
        held = make.claimed_case(reviewer, f"A-{number}", key_customer=False)
        url = f"/review/{held.ref}/{way}"
        page = client.get(url).content.decode()
        assert f'action="{url}"' in page
        assert "<dialog class" not in page.split("<main")[1].split("</main")[0]
        panel = client.get(url, headers=HTMX).content.decode()
        assert panel.strip().startswith("<dialog")
        until = {"until": page.split('name="until" value="')[1][:16]} if way == "snooze" else {}
        refused = client.post(url, {"version": held.version, "note": "so", "why": "other", **until}, headers=HTMX)
        assert (refused.status_code, make.reread(held).state) == (422, State.IN_REVIEW), way
        assert ">so</textarea>" in refused.content.decode()
        stale = client.post(url, {**form, **until, "version": held.version - 1}, headers=HTMX)
        assert (stale.status_code, stale["HX-Retarget"]) == (409, "#panel")
        assert "<li>claimed · reviewer · " in stale.content.decode()
        assert client.post(url, {**form, **until, "version": held.version}).status_code == 302
        assert make.reread(held).version > held.version
    assert Skip.objects.get().why == "language"


def test_phrases_are_added_and_removed_on_their_page(
    ground: Policy, reviewer: User, admin: User, signs_in: SignsIn
) -> None:
    client = signs_in(reviewer)
    assert client.post("/phrases/add", {"words": ""}).status_code == 422
    assert client.post("/phrases/add", {"words": "Income is verified."}).status_code == 302
    signs_in(admin).post("/phrases/add", {"words": "For all."})
    page = client.get("/phrases").content.decode()
    assert page.count("/remove") == 1
    menu = client.get("/phrases", headers=HTMX).content.decode()
    assert "<html" not in menu
    assert [part.split("<")[0] for part in menu.split("data-phrase>")[1:]] == ["Income is verified.", "For all."]
    mine = Phrase.objects.get(owner=reviewer)
    assert client.post(f"/phrases/{mine.pk}/remove").status_code == 302
    assert [phrase.words for phrase in Phrase.objects.all()] == ["For all."]
