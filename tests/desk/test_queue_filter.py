"""What stands behind the address of the queue: read, applied, written again; and views that are kept."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlencode

import pytest
from django.utils import timezone
from django.utils.http import urlsafe_base64_decode
from pytest_django import DjangoAssertNumQueries

from cases import actions, placing, saved_views
from cases.desk_rules import rules_in_force, working_hours
from cases.errors import BadDecision, CaseNotFound
from cases.models import Case, SavedView, User
from cases.states import Role
from cases.team import queue_figures
from cases.working_time import soon_until
from desk.build.head import time_left
from desk.queue_filter import QueueFilter, neighbours
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("", "open"),
        ("mine", "mine"),
        ("nonsense", "open"),
        ("view=mine&product=consumer", "view=mine&product=consumer"),
        ("product=consumer&view=nonsense&sort=due&sla=never", "view=open&product=consumer&sort=due"),
        ("least=1,000&most=x&q= 张敏 ", "view=open&q=%E5%BC%A0%E6%95%8F&least=1%2C000"),
        ("view=view%3Dmine%26sla%3Dlate&region=CA", "view=mine&region=CA&sla=late"),
        ("&".join("a=b" for _each in range(50)), "open"),
        ("sort=best&after=xyz", "view=open"),
    ],
)
def test_a_filter_reads_what_it_knows_and_writes_itself_in_one_order(text: str, again: str) -> None:
    assert QueueFilter.read(text).text() in (again, again.removeprefix("view=") if again == "view=open" else again)


def test_a_nested_filter_keeps_its_place_only_where_asked() -> None:
    chosen = QueueFilter.read("view=open&after=xyz")
    assert (chosen.text(), chosen.text(place=True)) == ("open", "view=open&after=xyz")


def refs_on(page: str) -> list[str]:
    return re.findall(r'<tr data-ref="(CR-\d+)"', page)


def options_of(page: str, name: str) -> list[str]:
    listed = page.split(f'id="filter-{name}"')[1].split("</select>")[0]
    return re.findall(r'<option value="([^"]*)"', listed)


def test_the_lists_of_industry_and_region_hold_what_waits_and_what_is_chosen(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    food = make.queued_case("A-1", industry="catering", region="TX")
    make.queued_case("A-2", industry="retail", region="")
    client = signs_in(reviewer)
    page = client.get("/review?industry=catering&region=ZZ").content.decode()
    assert (options_of(page, "industry"), options_of(page, "region")) == (["", "catering", "retail"], ["", "TX", "ZZ"])
    assert '<option value="catering" selected>' in page
    assert refs_on(client.get("/review?industry=catering&region=TX").content.decode()) == [food.ref]
    assert "全部行业" in signs_in(reviewer, "zh-hans").get("/review").content.decode()


@pytest.fixture
def waiting(ground: Policy, supervisor: User) -> list[Case]:
    """A small loan, a large one of another region, one that rests; all wait."""
    small = make.queued_case("A-1", amount=Decimal(5_000))
    large = make.queued_case("A-2", amount=Decimal(9_000), region="TX")
    resting = make.queued_case("A-3")
    until = timezone.now() + timedelta(days=1)
    assert placing.rest_cases([resting.pk], by=supervisor, until=until, reason="waits for the branch")[0].refusal == ""
    return [small, large, resting]


def test_the_queue_shows_what_is_asked_for(waiting: list[Case], reviewer: User, signs_in: SignsIn) -> None:
    small, large, resting = (case.ref for case in waiting)
    client = signs_in(reviewer)
    for asked, found in (
        ({}, [small, large]), ({"least": "6,000"}, [large]), ({"most": "6000"}, [small]), ({"region": "TX"}, [large]),
        ({"product": "credit_card"}, []), ({"sla": "late"}, []), ({"view": "resting"}, [resting]),
        ({"q": "A-2"}, [large]), ({"q": "张敏", "most": "6000"}, [small]),
        ({"view": "view=open&most=6000"}, [small]),
    ):  # fmt: skip
        assert sorted(refs_on(client.get("/review?" + urlencode(asked)).content.decode())) == sorted(found), asked
    due = client.get("/review?sort=due").content.decode()
    assert refs_on(due) == [small, large]
    assert "/review/" + small + "?view=view%3Dopen%26sort%3Ddue" in due


def test_the_filter_the_board_and_the_case_agree_on_what_is_due_soon(
    waiting: list[Case], reviewer: User, signs_in: SignsIn
) -> None:
    hours = working_hours()
    bound, a_while = soon_until(timezone.now(), hours), timedelta(minutes=10)
    for case, due_at in zip(waiting, (bound - a_while, bound + a_while, bound + a_while), strict=True):
        Case.objects.filter(pk=case.pk).update(due_at=due_at)
    soon, later, _resting = map(make.reread, waiting)
    assert refs_on(signs_in(reviewer).get("/review?sla=soon").content.decode()) == [soon.ref]
    assert queue_figures(rules_in_force())["consumer"].soon == 1
    assert [time_left(case, lambda: hours).level for case in (soon, later)] == ["soon", "ok"]


def test_the_next_page_of_what_is_due_first_begins_behind_the_last_row(
    waiting: list[Case], reviewer: User, signs_in: SignsIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.views.queue.ROWS", 1)
    small, large, _resting = (case.ref for case in waiting)
    client = signs_in(reviewer)
    page = client.get("/review?sort=due").content.decode()
    behind = re.search(r'<a href="([^"]+)" rel="next">', page)
    assert behind is not None
    assert refs_on(page) == [small]
    assert refs_on(client.get(unescape(behind[1])).content.decode()) == [large]


def test_the_place_of_the_next_page_tells_the_key_of_a_row_alone_and_holds_when_the_row_has_left_the_queue(
    waiting: list[Case], reviewer: User, signs_in: SignsIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.views.queue.ROWS", 1)
    first, second = sorted(waiting[:2], key=lambda case: (case.queue_tier, case.queue_rank, case.pk))
    client = signs_in(reviewer)
    behind = re.search(r'<a href="([^"]+)" rel="next">', client.get("/review").content.decode())
    assert behind is not None
    (cursor,) = parse_qs(unescape(behind[1]).partition("?")[2])["after"]
    # The rank, which follows from the PD, could be read from a place that held what rows are sorted by.
    assert urlsafe_base64_decode(cursor.split(":")[0]) == f"[{first.pk},[]]".encode()
    actions.claim_case(first.pk, by=reviewer)
    assert refs_on(client.get(unescape(behind[1])).content.decode()) == [second.ref]


def test_neighbours_are_those_of_the_filter(waiting: list[Case], reviewer: User) -> None:
    small, large, _resting = waiting
    ordered = sorted((small, large), key=lambda case: (case.queue_tier, case.queue_rank, case.pk))
    assert neighbours(ordered[0], "open", reviewer) == (None, ordered[1])
    assert neighbours(large, "view=open&most=6000", reviewer)[1] in (None, small)
    assert neighbours(small, "view=open&most=6000", reviewer) == (None, None)


def test_a_view_is_kept_shared_opened_first_and_removed(
    waiting: list[Case], reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    small, large, _resting = waiting
    client = signs_in(reviewer)
    form = {"view": "view=open&least=6000", "name": " Large  ones ", "is_default": "on", "is_shared": "on"}
    assert client.post("/review/views", form)["Location"] == "/review?view=open&least=6000"
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.query, view.is_default, view.is_shared) == (
        reviewer, "Large ones", "view=open&least=6000", True, True,
    )  # fmt: skip
    page = client.get("/review").content.decode()
    assert refs_on(page) == [large.ref]
    assert re.search(r'aria-current="page">Large ones\s+<span class="count"[^>]*>1</span>', page)
    others = signs_in(supervisor).get("/review").content.decode()
    assert sorted(refs_on(others)) == sorted([small.ref, large.ref])
    assert 'title="reviewer">Large ones<span class="visually-hidden"> (reviewer)</span>' in others
    assert signs_in(supervisor).post("/review/views", {"saved": view.pk, "act": "remove"}).status_code == 404
    refused = client.post("/review/views", {**form, "name": ""})
    assert (refused.status_code, "Give the view a name" in refused.content.decode()) == (422, True)
    assert client.post("/review/views", {**form, "saved": view.pk, "act": "remove"}).status_code == 302
    assert SavedView.objects.count() == 0


@pytest.mark.django_db
def test_views_have_an_order_one_default_and_a_limit(reviewer: User) -> None:
    first, second = (
        saved_views.save_view(name, by=reviewer, query="open", is_default=True) for name in ("first", "second")
    )
    saved_views.put_view_first(second.pk, by=reviewer)
    assert list(SavedView.objects.values_list("name", "is_default")) == [("second", True), ("first", False)]
    for number in range(18):
        saved_views.save_view(f"view {number}", by=reviewer, query="mine")
    with pytest.raises(BadDecision, match=r"^You keep 20 views already"):
        saved_views.save_view("one more", by=reviewer, query="mine")
    saved_views.save_view("first", by=reviewer, query="grey")
    assert SavedView.objects.get(pk=first.pk).query == "grey"
    stranger = make.user("stranger", Role.REVIEWER)
    for act in (saved_views.put_view_first, saved_views.remove_view):
        with pytest.raises(CaseNotFound):
            act(first.pk, by=stranger)


def test_views_of_what_is_due_soon_read_the_rules_of_the_desk_once(
    waiting: list[Case], reviewer: User, signs_in: SignsIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("one", "two", "three", "four"):
        saved_views.save_view(name, by=reviewer, query=f"view=open&sla=soon&q={name}")
    client = signs_in(reviewer)
    with django_assert_max_num_queries(12):
        assert client.get("/review?sla=soon").status_code == 200


def test_an_auditor_keeps_views_for_themselves_and_puts_none_among_the_tabs_of_others(
    auditor: User, reviewer: User, ground: Policy, signs_in: SignsIn
) -> None:
    client, form = signs_in(auditor), {"view": "view=open&least=6000", "name": "Large"}
    page = client.get("/review").content.decode()
    assert ('name="is_default"' in page, 'name="is_shared"' in page) == (True, False)
    assert client.post("/review/views", {**form, "is_shared": "on"}).status_code == 403
    assert SavedView.objects.count() == 0
    assert client.post("/review/views", form).status_code == 302
    # One that was shared before is not shown to others any more.
    SavedView.objects.update(is_shared=True)
    assert ">Large" in client.get("/review").content.decode()
    assert ">Large" not in signs_in(reviewer).get("/review").content.decode()
