"""Working through a view: start, going on and letting go give its cases in its order, and never one from outside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import actions
from cases.models import Case, Claim, User
from cases.states import Role
from desk.next_case import NothingInView, claim_in_view
from routing.duty import state_duty
from routing.models import Policy
from tests import make
from tests.cases.test_claims import waiting
from tests.desk.conftest import SignsIn
from tests.together import at_once

SMALL = "view=open&most=5000"
LEFT = "Nothing is left for you in this view."
HERE = f'{LEFT} <a href="/review?view=open">Open the whole queue</a>'


@pytest.fixture
def queue(ground: Policy) -> dict[str, Case]:
    """A key customer's large case, which is the best of the whole queue, and three of the audit sample, one small."""
    refs = ("K-1", "A-1", "A-2", "S-1")
    key = make.queued_case("K-1", amount=Decimal(9000))
    made = [make.case(ref) for ref in refs[1:3]] + [make.case("S-1", amount=Decimal(3000))]
    make.run_machine()
    return dict(zip(refs, map(make.reread, [key, *made]), strict=True))


def in_order(queue: dict[str, Case], *refs: str) -> list[Case]:
    return list(Case.objects.in_queue_order().filter(pk__in=[queue[ref].pk for ref in refs]))


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        ("open", ("K-1",)),
        ("key", ("K-1",)),
        ("audit", ("A-1", "A-2", "S-1")),
        (SMALL, ("S-1",)),
        ("view=open&product=consumer&most=5000", ("S-1",)),
        ("view=open&q=A-2", ("A-2",)),
    ],
)
def test_start_gives_the_best_case_of_the_view(
    view: str, wanted: Sequence[str], queue: dict[str, Case], reviewer: User, signs_in: SignsIn
) -> None:
    best = in_order(queue, *wanted)[0]
    answer = signs_in(reviewer).post("/review/start", {"view": view})
    assert answer["Location"] == f"/review/{best.ref}?{urlencode({'view': view})}"
    assert Claim.objects.get().case == best


def test_a_view_by_due_time_is_worked_through_by_due_time(queue: dict[str, Case], reviewer: User) -> None:
    last = in_order(queue, "A-1", "A-2", "S-1")[-1]
    Case.objects.filter(pk=last.pk).update(due_at=(last.due_at or last.applied_at) - timedelta(days=2))
    assert claim_in_view(reviewer, "view=audit&sort=due").pk == last.pk


@pytest.mark.parametrize("view", ["grey", "waiting", "resting", "view=open&product=mortgage", "view=open&q=nobody"])
def test_a_view_that_has_nothing_to_claim_says_so_and_leads_to_the_whole_queue(
    view: str, queue: dict[str, Case], reviewer: User, signs_in: SignsIn
) -> None:
    client = signs_in(reviewer)
    answer = client.post("/review/start", {"view": view})
    assert answer["Location"] == f"/review?{urlencode({'view': view})}"
    assert HERE in client.get(answer["Location"]).content.decode()
    assert Claim.objects.count() == 0
    chinese = signs_in(reviewer, "zh-hans")
    chinese.post("/review/start", {"view": view})
    page = chinese.get("/review").content.decode()
    assert "此视图中没有您可处理的案件了。" in page
    assert '<a href="/review?view=open">打开全部队列</a>' in page


def test_what_another_holds_is_no_case_of_mine_to_start(
    queue: dict[str, Case], reviewer: User, second_reviewer: User
) -> None:
    actions.claim_case(queue["S-1"].pk, by=second_reviewer)
    with pytest.raises(NothingInView):
        claim_in_view(reviewer, SMALL)


def test_the_case_one_holds_comes_first_whatever_the_view(queue: dict[str, Case], reviewer: User) -> None:
    held = actions.claim_case(queue["A-1"].pk, by=reviewer)
    assert claim_in_view(reviewer, "key").pk == held.pk


def decided(client: Any, held: Case, view: str, *, htmx: bool = False) -> Any:
    posted = {"version": held.version, "decision": "approve", "reason_codes": "stable_income", "view": view}
    return client.post(f"/review/{held.ref}/decide", posted, headers={"HX-Request": "true"} if htmx else {})


def test_a_decision_leads_to_the_next_case_of_the_view_and_after_the_last_to_the_list(
    queue: dict[str, Case], reviewer: User, signs_in: SignsIn
) -> None:
    client, (first, second, third) = signs_in(reviewer), in_order(queue, "A-1", "A-2", "S-1")
    held = actions.claim_case(first.pk, by=reviewer)
    assert decided(client, held, "audit", htmx=True)["HX-Push-Url"] == f"/review/{second.ref}?view=audit"
    answer = decided(client, make.reread(second), "audit")
    assert answer["Location"] == f"/review/{third.ref}?view=audit"
    answer = decided(client, make.reread(third), "audit")
    assert answer["Location"] == "/review?view=audit"
    assert f"{third.ref}: Approve. {HERE}" in client.get(answer["Location"]).content.decode()
    assert make.reread(queue["K-1"]).state == "queued"


def test_letting_go_leads_to_the_next_case_of_the_view(
    queue: dict[str, Case], reviewer: User, signs_in: SignsIn
) -> None:
    client, (first, second, third) = signs_in(reviewer), in_order(queue, "A-1", "A-2", "S-1")
    for case, following in ((first, f"/review/{second.ref}"), (second, f"/review/{third.ref}"), (third, "/review")):
        held = Claim.objects.filter(case=case, ended_at=None).first() or actions.claim_case(case.pk, by=reviewer)
        assert held is not None
        posted = {"version": make.reread(case).version, "why": "language", "note": "in a dialect", "view": "audit"}
        assert client.post(f"/review/{case.ref}/skip", posted)["Location"] == f"{following}?view=audit"
    assert f"{third.ref} is skipped. {HERE}" in client.get("/review").content.decode()


def test_a_claim_from_the_page_keeps_view_order_and_place(
    queue: dict[str, Case], reviewer: User, signs_in: SignsIn
) -> None:
    client, view = signs_in(reviewer), "view=key&sort=due"
    case, query = queue["K-1"], urlencode({"view": "view=key&sort=due"})
    page = client.get(f"/review/{case.ref}?{query}").content.decode()
    assert page.count(f'<input type="hidden" name="view" value="{view.replace("&", "&amp;")}">') >= 2
    answer = client.post(f"/review/{case.ref}/claim", {"view": view})
    assert answer["Location"] == f"/review/{case.ref}?view={quote_plus(view)}"


@pytest.mark.django_db(transaction=True)
def test_four_people_in_a_view_of_three_get_three_different_cases() -> None:
    people = [make.user(f"reviewer-{number}", Role.REVIEWER) for number in range(4)]
    waiting("L-1", amount=Decimal(9000))
    made = [waiting(f"S-{number}", amount=Decimal(3000)) for number in range(3)]
    answers = at_once(*(partial(claim_in_view, person, SMALL) for person in people))
    assert {answer for answer in answers if isinstance(answer, Case)} == set(made)
    assert [type(answer) for answer in answers if not isinstance(answer, Case)] == [NothingInView]


def test_a_claim_in_a_view_asks_the_database_seldom(queue: dict[str, Case], reviewer: User) -> None:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        claim_in_view(reviewer, "view=audit&sort=due&product=consumer&most=50000")
    # Without the marks of the transaction itself.
    assert len([each for each in seen.captured_queries if "SAVEPOINT" not in each["sql"]]) <= 12


def test_the_cap_of_a_day_binds_start_claim_and_going_on_and_is_said_in_both_languages(
    queue: dict[str, Case], reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    state_duty(reviewer.pk, by=supervisor, hours_a_day=Decimal(8), most_cases_a_day=1, products=[])
    client, first = signs_in(reviewer), in_order(queue, "A-1", "A-2", "S-1")[0]
    answer = decided(client, actions.claim_case(first.pk, by=reviewer), "audit")
    assert answer["Location"] == "/review?view=audit"
    full = "You have reached your number of cases for today: you can still take what was handed to you."
    assert f"{first.ref}: Approve. {full}" in client.get("/review").content.decode()
    assert client.post("/review/start", {"view": "audit"})["Location"] == "/review?view=audit"
    assert full in client.get("/review").content.decode()
    chinese = signs_in(reviewer, "zh-hans")
    refused = chinese.post(f"/review/{queue['K-1'].ref}/claim")
    assert refused.status_code == 409
    assert "您今日的案件数已达上限，仍可处理分配给您的案件。" in refused.content.decode()
    assert Claim.objects.filter(ended_at=None).count() == 0
