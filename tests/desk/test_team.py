"""The team board and the rules of the desk as pages: who sees what, what is counted, and what moves."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases import actions
from cases.desk_rules import rules_in_force, set_desk_rules
from cases.models import Case, DeskRules, User
from cases.placing import hand_over_cases
from cases.states import Role
from cases.team import person_figures, queue_figures
from routing.duty import state_duty
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn


def words(client: Client, path: str) -> str:
    page = client.get(path).content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


@pytest.fixture
def other() -> User:
    return make.user("other", Role.REVIEWER)


def handed(case: Case, by: User, to: User) -> Case:
    assert hand_over_cases([case.pk], by=by, to=to, reason="for the test of it")[0].refusal == ""
    return make.reread(case)


def on_duty(person: User, by: User) -> None:
    state_duty(person.pk, by=by, hours_a_day=Decimal(8), most_cases_a_day=None, products=[])


def test_figures_count_what_people_did_and_have(
    ground: Policy, reviewer: User, supervisor: User, other: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.decide(make.claimed_case(reviewer, "A-1"), reviewer, outcome="approve")
    make.decide(make.claimed_case(reviewer, "A-2"), reviewer, outcome="decline")
    make.claimed_case(reviewer, "A-3")
    handed(make.queued_case("A-4"), supervisor, other)
    waiting = make.claimed_case(other, "A-5")
    actions.ask_information(waiting.pk, by=other, note="pay slips, please", seen_version=waiting.version)
    with django_assert_num_queries(3):
        found = person_figures(timezone.now() - timedelta(hours=1), DeskRules())
    mine, theirs = found[reviewer.pk], found[other.pk]
    assert (mine.decided, mine.advised, mine.to_approve, mine.to_decline, mine.too_fast) == (2, 2, 0, 1, 2)
    assert (mine.agreement, mine.held, mine.load) == (0.5, 1, 1)
    assert (theirs.decided, theirs.agreement, theirs.assigned, theirs.waiting, theirs.load) == (0, None, 1, 1, 1)
    queue = queue_figures(rules_in_force())["consumer"]
    assert (queue.waiting, queue.late, queue.resting, queue.ages) == (1, 0, 0, {"1": 1, "3": 0, "7": 0, "more": 0})


def test_the_board_shows_the_team_in_both_languages(
    ground: Policy, reviewer: User, supervisor: User, auditor: User, other: User, signs_in: SignsIn
) -> None:
    handed(make.queued_case("A-1"), supervisor, other)
    gone = make.user("gone", Role.REVIEWER)
    make.decide(make.claimed_case(gone, "A-2"), gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    seen = words(signs_in(auditor), "/team?days=1")
    assert "other Reviewer 1 1 handed to them 0 0" in seen
    # The rows add up to the figures of the team.
    assert "gone no longer here 0 0 1" in seen
    assert "Move cases" not in seen
    assert "移交" in words(signs_in(supervisor, "zh-hans"), "/team")
    assert signs_in(reviewer).get("/team").status_code == 403


def test_the_board_takes_twelve_queries(
    ground: Policy,
    supervisor: User,
    other: User,
    signs_in: SignsIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    on_duty(other, supervisor)
    handed(make.queued_case("A-1"), supervisor, other)
    client = signs_in(supervisor)
    with django_assert_max_num_queries(12):
        client.get("/team")


def test_a_supervisor_hands_over_and_evens_out(
    ground: Policy, reviewer: User, supervisor: User, other: User, signs_in: SignsIn
) -> None:
    for person in (reviewer, other):
        on_duty(person, supervisor)
    cases = [handed(make.queued_case(f"A-{number}"), supervisor, reviewer) for number in range(4)]
    client = signs_in(supervisor)
    assert "2 cases would move" in words(client, "/team")
    assert client.post("/team/even-out", {"reason": "evening out the days"}).status_code == 302
    counts = {person: Case.objects.filter(assigned_to=person).count() for person in (reviewer, other)}
    assert counts == {reviewer: 2, other: 2}
    refused = client.post("/team/hand-over", {"person": other.pk, "to": "", "reason": "no"})
    assert (refused.status_code, "Say why, in ten characters or more." in refused.content.decode()) == (422, True)
    assert client.post("/team/hand-over", {"person": other.pk, "to": "", "reason": "she went home"}).status_code == 302
    assert Case.objects.filter(assigned_to=None, pk__in=[case.pk for case in cases]).count() == 2


def test_conflicts_of_interest_stand_on_the_board_and_are_ended_there(
    ground: Policy, reviewer: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    case = make.queued_case("A-1")
    stated = signs_in(reviewer).post(f"/review/{case.ref}/conflict", {"reason": "my cousin works there"})
    assert (stated.status_code, stated["Location"]) == (302, "/review?view=open")
    assert "reviewer 张* “my cousin works there”" in words(signs_in(auditor), "/team")
    client = signs_in(supervisor)
    key = re.search(r'name="conflict" value="(\d+)"', client.get("/team").content.decode())
    assert key is not None
    assert client.post("/team/conflicts/end", {"conflict": key[1]})["Location"] == "/team"
    assert "my cousin works there" not in words(client, "/team")


def test_an_admin_sets_the_rules_and_everybody_reads_what_changed(
    admin: User, auditor: User, reviewer: User, signs_in: SignsIn
) -> None:
    client = signs_in(admin)
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', client.get("/desk-rules").content.decode()))
    form = {name: value for name, value in form.items() if name not in ("csrfmiddlewaretoken", "opinion_on_grey_band")}
    assert (form["bulk_amount"], form["opinion_share"], form["workday_start"]) == ("10000", "10", "09:00")
    refused = client.post("/desk-rules/set", {**form, "opinion_share": "ten", "reason": "after the meeting"})
    assert refused.status_code == 422
    assert 'id="opinion_share-problem">Enter a number.' in refused.content.decode()
    assert 'name="opinion_share" value="ten"' in refused.content.decode()
    answer = client.post("/desk-rules/set", {**form, "opinion_share": "12.5", "reason": "after the meeting"})
    assert answer.status_code == 302
    rules = rules_in_force()
    assert (rules.opinion_share, rules.opinion_on_grey_band, rules.daily_goal) == (0.125, False, 40)
    shown = words(signs_in(auditor), "/desk-rules")
    assert "share of cases with the opinion first: 10% → 12.5%" in shown
    assert "after the meeting" in shown
    assert "Set the rules" not in shown
    assert signs_in(reviewer).get("/desk-rules").status_code == 403
    assert signs_in(auditor).post("/desk-rules/set", form).status_code == 403


def test_chosen_cases_are_handed_over_and_decided_on_one_page(
    champion: object, admin: User, reviewer: User, supervisor: User, other: User, signs_in: SignsIn
) -> None:
    make.policy(admin, supervisor, **make.UNCERTAIN)
    set_desk_rules(by=admin, reason="for this test", changes={"bulk_currency": "USD", "opinion_share": 0.0})
    cases = [make.queued_case(f"A-{number}", key_customer=number == 2) for number in range(3)]
    path = "/bulk?" + "&".join(f"refs={case.ref}" for case in cases)
    client = signs_in(supervisor)
    assert "Place them" in words(client, path)
    for nothing in ("Decide them alike", "Can be approved", "Not with others, because", "It is of a key customer."):
        assert nothing not in words(client, path)
    supervisor.may_decide_in_bulk = True
    supervisor.save(update_fields=["may_decide_in_bulk"])
    shown = words(client, path)
    assert "Can be approved: 2 of 3 · Can be declined: 0 of 3" in shown
    assert "Not with others, because" in shown
    refs = re.findall(r'name="refs" value="([^"]+)"', client.get(path).content.decode())
    assert refs == [f"{case.ref}:{case.version}" for case in cases]
    refused = client.post("/bulk/act", {"refs": refs, "act": "hand_over", "reason": "for the test of it"})
    assert (refused.status_code, "Choose a person." in refused.content.decode()) == (422, True)
    said = client.post("/bulk/act", {"refs": refs, "act": "decide", "outcome": "approve"}).content.decode()
    assert "Approved: 2 cases." in said
    assert f">{cases[2].ref}</a> It is of a key customer." in said
    assert [make.reread(case).state for case in cases] == ["approved", "approved", "queued"]
    undone = client.post("/bulk/undo", {"refs": re.findall(r'name="refs" value="([^"]+)"', said)})
    assert "2 decisions are taken back." in undone.content.decode()
    assert [make.reread(case).state for case in cases] == ["queued", "queued", "queued"]
    assert supervisor.pk not in person_figures(timezone.now() - timedelta(hours=1), DeskRules())
    answer = client.post(
        "/bulk/act", {"refs": refs[2], "act": "hand_over", "to": other.pk, "reason": "for the test of it"}
    )
    assert "1 case is placed." in answer.content.decode()
    assert make.reread(cases[2]).assigned_to == other
    placed = re.findall(r'name="refs" value="([^"]+)"', answer.content.decode())
    undone = client.post("/bulk/undo", {"act": "place", "refs": placed})
    assert "1 case is back where it was." in undone.content.decode()
    assert make.reread(cases[2]).assigned_to is None
