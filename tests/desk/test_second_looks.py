"""Pages of second looks and disputes: nothing of the decision before the answer, no names before the judgement."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.urls import resolve

from cases.comments import add_comment
from cases.models import SecondLook, User
from cases.opinions import record_opinion
from cases.reopening import answer_reopening, ask_reopening
from cases.second_looks import adjudicate, record_second_look, take_second_look
from cases.states import Role
from desk.words import percent
from routing.models import Policy
from routing.second_looks import draw_second_looks
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.test_case_page import text_of

pytestmark = pytest.mark.usefixtures("released_at_once")
PAGES_OF_A_CASE = tuple(
    f"/review/CR-1{rest}" for rest in ("", "/signers", "/documents", "/print", "/similar", "/what-if")
)

NOTE = "a note for the test"  # of every decision that make.decide takes


@pytest.fixture
def look(ground: Policy, admin: User, reviewer: User) -> SecondLook:
    make.desk_rules(admin, second_look_share=1.0)
    reviewer.first_name, reviewer.last_name = "Wilhelmina", "Quick"
    reviewer.save()
    return make.second_look(reviewer)


def seen(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_looks_sees_the_file_and_nothing_of_the_decision_until_they_have_answered(
    language: str, look: SecondLook, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    client, case = signs_in(second_reviewer, language), make.reread(look.case)
    taken = client.post("/second-looks/take")
    assert taken.headers["Location"] == f"/second-looks/{look.pk}"
    page = seen(client, f"/second-looks/{look.pk}")
    figures = (percent(case.pd), percent(case.pd_low))
    secrets = (NOTE, "Quick", case.ref, *figures, "Approved", "已通过", "timeline", "model-title")
    assert [secret for secret in secrets if secret in page] == []
    # As a number of its own, also beside Chinese: a random token, or a key in an address, may hold the score's digits.
    assert not re.search(rf"(?<![0-9A-Za-z/]){round(case.points or 0)}(?![0-9A-Za-z])", page)
    assert "张*" in page
    assert "张敏" not in page
    # The page of the case would tell; so it leads here, until the look is answered.
    assert client.get(f"/review/{case.ref}").headers["Location"] == f"/second-looks/{look.pk}"
    assert client.get(f"/review/{case.ref}/what-if").status_code == 302
    assert case.ref not in seen(client, "/cases")
    url = f"/second-looks/{look.pk}/record"
    refused = client.post(url, {"outcome": "decline", "band": "4", "note": "half a view"})
    assert refused.status_code == 422
    assert "half a view" in refused.content.decode()
    answer = client.post(
        url, {"outcome": "decline", "band": "4", "reason_codes": "high_debt", "note": "Too much debt."}
    )
    assert answer.headers["Location"] == f"/second-looks/{look.pk}"
    result = {
        "en": "You say Decline, the decision was Approve. A third person settles it.",
        "zh-hans": "您的意见为“拒绝”，原决定为“通过”，将由第三人裁定。",
    }
    assert result[language] in seen(client, f"/second-looks/{look.pk}")
    assert client.get(f"/review/{case.ref}").status_code == 200
    assert case.ref in seen(client, "/cases")
    assert make.reread(case).version == case.version


def test_only_whoever_has_the_look_sees_it(
    look: SecondLook, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    take_second_look(by=second_reviewer)
    client = signs_in(supervisor)
    assert client.get(f"/second-looks/{look.pk}").status_code == 404
    assert client.post(f"/second-looks/{look.pk}/record", {"outcome": "approve", "band": "1"}).status_code == 404
    assert 'href="/second-looks">' in seen(client, "/second-looks").replace(
        '" aria-current="page" data-key="KeyG KeyB', ""
    )
    again = client.post("/second-looks/take", follow=True)
    assert "Nothing waits for you right now." in again.content.decode()


def test_no_address_of_the_case_tells_the_decision_to_whoever_looks(
    look: SecondLook, second_reviewer: User, signs_in: SignsIn
) -> None:
    take_second_look(by=second_reviewer)
    client, ref = signs_in(second_reviewer), look.case.ref
    names = {match.url_name for match in map(resolve, PAGES_OF_A_CASE)}
    assert len(names) == len(PAGES_OF_A_CASE)
    for page in PAGES_OF_A_CASE:
        answer = client.get(page.replace("CR-1", ref))
        assert (answer.status_code, answer["Location"]) == (302, f"/second-looks/{look.pk}"), page
    told = client.get(f"/review/{ref}/what-if", headers={"HX-Request": "true"})
    assert (told.status_code, "You judge this decision a second time" in told.content.decode()) == (403, True)
    assert ref not in client.get(f"/bulk?refs={ref}").content.decode().split("<main", 1)[1]


def test_a_dispute_shows_both_views_without_names_and_the_model_only_when_asked(
    look: SecondLook,
    reviewer: User,
    second_reviewer: User,
    supervisor: User,
    auditor: User,
    signs_in: SignsIn,
    django_assert_max_num_queries: Any,
) -> None:
    case = make.reread(look.case)
    take_second_look(by=second_reviewer)
    record_second_look(
        look.pk, by=second_reviewer, outcome="decline", band=4, reason_codes=["high_debt"], note="Too much debt."
    )
    client, url = signs_in(supervisor), f"/second-looks/disputes/{look.pk}"
    assert url in seen(client, "/second-looks/disputes")
    with django_assert_max_num_queries(12):
        page = seen(client, url)
    assert all(text in page for text in (NOTE, "Too much debt.", "High debt burden", "View 1", "View 2"))
    # Only who looked gave a band: shown, it would tell whose view it is.
    assert [
        text for text in ("10 to 20 %", "Quick", "second_reviewer", percent(case.pd), case.ref) if text in page
    ] == []
    part = client.get(f"{url}/model", headers={"HX-Request": "true"}).content.decode()
    assert percent(case.pd) in part
    assert "<html" not in part
    assert percent(case.pd) in seen(client, f"{url}/model")
    read = seen(signs_in(auditor), url)
    assert "You read this dispute; a supervisor settles it." in read
    assert "settle-title" not in read
    assert client.post(f"{url}/settle", {"outcome": "decline", "note": "short"}).status_code == 422
    done = client.post(f"{url}/settle", {"outcome": "decline", "note": "The debts decide it."}, follow=True)
    settled = done.content.decode()
    assert all(
        text in settled
        for text in ("Quick", "second_reviewer", "10 to 20 %", "The debts decide it.", "Propose to open it again")
    )
    assert url not in seen(client, "/second-looks/disputes")
    assert make.reread(case).state == "approved"


def test_the_bands_of_a_dispute_are_shown_where_both_gave_one(
    ground: Policy, admin: User, reviewer: User, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    make.desk_rules(admin, second_look_share=1.0, opinion_share=1.0)
    held = make.claimed_case(reviewer, key_customer=False)
    record_opinion(held.pk, by=reviewer, lean="approve", band=2, seen_version=held.version)
    make.decide(held, reviewer)
    draw_second_looks()
    look = take_second_look(by=second_reviewer)
    record_second_look(
        look.pk, by=second_reviewer, outcome="decline", band=4, reason_codes=["high_debt"], note="Too much debt."
    )
    page = seen(signs_in(supervisor), f"/second-looks/disputes/{look.pk}")
    assert ("2 to 5 %" in page, "10 to 20 %" in page) == (True, True)


def test_the_list_and_the_page_of_a_look_ask_the_database_seldom(
    look: SecondLook, second_reviewer: User, signs_in: SignsIn, django_assert_max_num_queries: Any
) -> None:
    client = signs_in(second_reviewer)
    assert '<span class="count" id="waits-looks" hx-swap-oob="true">1</span>' in seen(client, "/second-looks")
    take_second_look(by=second_reviewer)
    for path in ("/second-looks", f"/second-looks/{look.pk}"):
        with django_assert_max_num_queries(12):
            client.get(path)


def test_neither_a_case_of_the_same_applicant_nor_a_notification_tells_what_somebody_judges_a_second_time(
    look: SecondLook, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    case, client = make.reread(look.case), signs_in(second_reviewer)
    other = make.queued_case("B-1", applicant_ref=case.applicant.external_id)
    page = f"/review/{other.ref}"
    add_comment(case.pk, by=reviewer, text=f"@{second_reviewer.username} approved, as the model says")
    told = ("Approved in 1 other case", case.ref)
    assert [text in seen(client, page) for text in told] == [True, True]
    take_second_look(by=second_reviewer)
    for path in (page, f"{page}/print"):
        assert [text in seen(client, path) for text in told] == [False, False], path
    assert "as the model says" not in seen(client, "/notifications")
    assert case.ref in seen(signs_in(reviewer), page)
    record_second_look(look.pk, by=second_reviewer, outcome="approve", band=1, reason_codes=[], note="")
    assert [text in seen(client, page) for text in told] == [True, True]
    assert "as the model says" in seen(client, "/notifications")


def test_a_look_stands_on_the_case_and_in_print_once_it_is_over_and_no_case_is_judged_anew_with_it(
    look: SecondLook,
    reviewer: User,
    second_reviewer: User,
    supervisor: User,
    auditor: User,
    signs_in: SignsIn,
    django_assert_max_num_queries: Any,
) -> None:
    case = make.reread(look.case)
    pages = [f"/review/{case.ref}", f"/review/{case.ref}/print"]
    people = {user.username: signs_in(user) for user in (reviewer, supervisor, auditor)}
    view = "Decline · probability of default 10 to 20 % · High debt burden · differs from the decision"
    settled = "settled the two views; the decision itself stays as it is"
    told = (view, "“Too much debt.”", settled, "“The debts decide it.”")

    def said_to(name: str) -> list[bool]:
        return [text in text_of(seen(people[name], page)) for page in pages for text in told]

    take_second_look(by=second_reviewer)
    record_second_look(
        look.pk, by=second_reviewer, outcome="decline", band=4, reason_codes=["high_debt"], note="Too much debt."
    )
    # Whoever settles it may not know whose view is whose.
    assert [said_to(name) for name in people] == [[False] * 8] * 3
    adjudicate(look.pk, by=supervisor, outcome="decline", note="The debts decide it.")
    assert [said_to(name) for name in people] == [[True] * 8] * 3
    chinese = text_of(seen(signs_in(auditor, "zh-hans"), pages[1]))
    assert "拒绝 · 违约概率 10 % 至 20 % · 负债过高 · 与决定不一致" in chinese
    with django_assert_max_num_queries(12):
        seen(people["auditor"], pages[0])
    asked = ask_reopening(case.pk, by=reviewer, reason="the pay slips turned out to be forged")
    answer_reopening(asked.pk, by=supervisor, verdict="approve", note="")
    third = make.user("third", Role.REVIEWER)
    people["third"] = signs_in(third)
    assert (said_to("third"), said_to("auditor")) == ([False] * 8, [True] * 8)
