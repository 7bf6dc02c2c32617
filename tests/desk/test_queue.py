"""The queue: its order, its views, its search, its pages, and starting on the next case."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from cases import actions
from cases.models import Case, User
from cases.states import Role, State
from desk import queue_filter
from desk.counts import capped_counts
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn

HTMX = {"HX-Request": "true"}


def refs_on(client: Client, path: str, **more: str) -> list[str]:
    page = client.get(path, headers=more).content.decode()
    return re.findall(r'<tr data-ref="(CR-\d+)"', page)


def test_rows_stand_in_the_order_of_the_queue_and_say_why(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    make.cases(5)
    make.queued_case("K-1")
    make.queued_case("L-1", key_customer=False, amount=Decimal("40000.00"))
    client = signs_in(reviewer)
    expected = [case.ref for case in Case.objects.in_queue_order()]
    assert refs_on(client, "/review") == expected
    page = client.get("/review").content.decode()
    assert "Key customer: always reviewed by a person" in page
    assert "Amount above the limit of $39,000" in page
    assert "Random audit of a case the machine would have decided" in page


def test_every_view_shows_and_counts_its_own(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    make.cases(3)
    key = make.queued_case("K-1")
    held = make.claimed_case(reviewer, "M-1")
    asked = actions.claim_next(by=reviewer)
    assert asked == held
    actions.ask_information(held.pk, by=reviewer, note="Please send three pay slips.", seen_version=held.version)
    mine = make.claimed_case(reviewer, "M-2")
    client = signs_in(reviewer)
    assert set(refs_on(client, "/review?view=mine")) == {held.ref, mine.ref}
    assert refs_on(client, "/review?view=waiting") == [held.ref]
    assert refs_on(client, "/review?view=key") == [key.ref]
    assert len(refs_on(client, "/review?view=audit")) == 3
    assert refs_on(client, "/review?view=nonsense") == refs_on(client, "/review")
    page = client.get("/review").content.decode()
    counts = dict(re.findall(r'view=(\w+)"[^>]*>[^<]*<span class="count" [^>]*>([\d,+]+)</span>', page))
    assert counts == {
        "open": "4",
        "mine": "2",
        "key": "1",
        "grey": "0",
        "doubt": "0",
        "audit": "3",
        "waiting": "1",
        "resting": "0",
    }


def test_many_places_are_counted_at_once_and_no_further_than_the_limit(
    reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.cases(3)
    places = {"some": Case.objects.all(), "none": Case.objects.filter(state=State.QUEUED)}
    assert capped_counts(places) == {"some": "3", "none": "0"}
    assert capped_counts({}) == {}
    monkeypatch.setattr("desk.counts.COUNT_LIMIT", 2)
    assert capped_counts(places) == {"some": "2+", "none": "0"}


def test_fifty_rows_a_page_and_no_row_twice(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    make.cases(120)
    make.run_machine()
    client, path, seen = signs_in(reviewer), "/review", []
    sizes = []
    while path:
        page = client.get(path).content.decode()
        rows = re.findall(r'<tr data-ref="(CR-\d+)"', page)
        sizes.append(len(rows))
        seen += rows
        following = re.search(r'href="([^"]*)" rel="next"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert sizes == [50, 50, 20]
    assert seen == [case.ref for case in Case.objects.in_queue_order()]
    assert len(refs_on(client, "/review?after=made-by-hand")) == 50


def test_a_search_finds_by_reference_and_by_name(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    wanted = make.queued_case("WANTED-7", applicant_name="鸿运餐饮")
    make.queued_case("OTHER-1")
    client = signs_in(reviewer)
    for words in (wanted.ref, wanted.ref.lower(), str(wanted.pk), "wanted-7", "鸿运餐饮", " applicant of WANTED-7 "):
        assert refs_on(client, f"/review?q={words}") == [wanted.ref], words
        assert refs_on(client, f"/cases?q={words}") == [wanted.ref], words
    # A part of two signs would let anybody find out a masked name piece by piece.
    for words in ("nobody", "运餐", "app"):
        assert refs_on(client, f"/review?q={words}") == [], words
    assert "No case matches" in client.get("/review?q=nobody").content.decode()
    assert refs_on(client, "/review?q=99999999999999999999") == []


def test_htmx_asks_for_the_rows_alone(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    made = make.queued_case()
    client = signs_in(reviewer)
    answer = client.get("/review", headers=HTMX).content.decode()
    assert answer.lstrip().startswith('<div id="queue-table"')
    assert "<html" not in answer
    assert refs_on(client, "/review", **HTMX) == [made.ref]


def test_starting_claims_the_first_and_comes_back_to_it(
    ground: Policy, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    make.cases(2)
    make.run_machine()
    first, second = Case.objects.in_queue_order()
    client = signs_in(reviewer)
    for _again in range(2):
        assert client.post("/review/start", {"view": "audit"})["Location"] == f"/review/{first.ref}?view=audit"
    assert signs_in(second_reviewer).post("/review/start")["Location"] == f"/review/{second.ref}?view=open"
    third = signs_in(make.user("third", Role.REVIEWER))
    assert third.post("/review/start", {"view": "audit"})["Location"] == "/review?view=audit"
    assert "Nothing is left for you in this view." in third.get("/review").content.decode()
    assert third.post("/review/start")["Location"] == "/review?view=open"
    assert "Nothing waits for you right now." in third.get("/review").content.decode()


def test_the_neighbours_of_a_case_are_those_of_its_view(ground: Policy, reviewer: User) -> None:
    make.cases(4)
    make.run_machine()
    rows = list(Case.objects.in_queue_order())
    found = [queue_filter.neighbours(case, "open", reviewer) for case in rows]
    assert found == [(None, rows[1]), (rows[0], rows[2]), (rows[1], rows[3]), (rows[2], None)]
    assert queue_filter.neighbours(make.case("N-1"), "open", reviewer) == (None, None)
    assert queue_filter.neighbours(rows[1], "key", reviewer) == (None, None)


def test_the_day_shows_what_was_decided_the_middle_time_and_the_agreement(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    make.cases(3)
    make.run_machine()
    client = signs_in(reviewer)
    assert "0 of 40" in client.get("/review").content.decode()
    for outcome in ("approve", "approve", "decline"):
        held = actions.claim_next(by=reviewer)
        codes = ["high_debt"] if outcome == "decline" else []
        actions.decide_case(
            held.pk, by=reviewer, outcome=outcome, reason_codes=codes, note="Looked at the file.",
            seen_version=held.version,
        )  # fmt: skip
    page = client.get("/review").content.decode()
    assert "3 of 40" in page
    assert "median 0 s" in page
    assert "agreed with the advice 67%" in page


def test_a_search_that_finds_nothing_in_the_queue_offers_the_same_among_all_cases(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    closed = make.case("GONE-1", applicant_name="远航 & 贸易")
    client = signs_in(reviewer)
    page = client.get("/review", {"q": "远航 & 贸易", "product": "consumer"}).content.decode()
    url = "/cases?q=%E8%BF%9C%E8%88%AA+%26+%E8%B4%B8%E6%98%93"
    assert f'href="{url}">Look for “远航 &amp; 贸易” among all cases</a>' in page
    assert closed.ref in client.get(url).content.decode()
    assert "among all cases" not in client.get("/review").content.decode()
    waiting = make.queued_case("HERE-1")
    assert "among all cases" not in client.get("/review", {"q": waiting.ref}).content.decode()
