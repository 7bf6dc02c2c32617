"""The capacity page: who sees and changes what, what it counts, and what it says that capacity does not cover."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from cases import actions
from cases.models import Case, User
from desk.build.places import capacities, places_card, read_days
from desk.build.staff import last_days, read_staff
from routing.assigning import assign_waiting_cases
from routing.capacity import Capacity, Fallback
from routing.duty import state_absence, state_duty
from routing.models import Absence, DayLoad, Duty, Policy
from scoring.models import ModelVersion
from tests import make
from tests.desk.conftest import SignsIn


def half_hours(fallback: Fallback = "wait") -> Capacity:
    appetite = 0.05 if fallback == "approve" else 0.0
    return Capacity(hours_a_day=2, minutes_a_look=30, fallback=fallback, appetite=appetite, random_share=0.0)


def uncertain(admin: User, supervisor: User, fallback: Fallback = "wait") -> Policy:
    """A policy by which every clear case is uncertain: its PD of 1.7 % lies between the lines."""
    lines = {"approve_below": 0.001, "cut_off": 0.002, "decline_above": 1.0, "doubt_limit": 1.0}
    return make.policy(admin, supervisor, audit_share=0.0, capacity=half_hours(fallback), **lines)


def on_duty(person: User, by: User, hours: float = 2) -> Duty:
    return state_duty(person.pk, by=by, hours_a_day=Decimal(str(hours)), most_cases_a_day=None, products=[])


def words(client: Client, path: str) -> str:
    """The text of a page's content, its space folded."""
    page = client.get(path).content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def card(product: str = "consumer") -> Any:
    policies = list(Policy.objects.filter(status="active"))
    known = capacities(policies)
    with translation.override("en"):
        return places_card(product, known[product], read_staff(), read_days(), set(known))


def test_supervisors_and_admins_may_change_and_auditors_read(
    ground: Policy, reviewer: User, supervisor: User, admin: User, auditor: User, signs_in: SignsIn
) -> None:
    on_duty(reviewer, supervisor)
    state_absence(reviewer.pk, by=supervisor, first_day=timezone.localdate(), last_day=timezone.localdate(), reason="")
    for user in (supervisor, admin):
        page = signs_in(user).get(f"/capacity?person={reviewer.pk}").content.decode()
        assert f'href="/capacity?person={reviewer.pk}"' in page
        assert re.findall(r'action="(/capacity/\w+)"', page) == ["/capacity/duty", "/capacity/absence", "/capacity/end"]
    page = signs_in(auditor).get(f"/capacity?person={reviewer.pk}").content.decode()
    assert "/capacity/" not in page
    assert "?person=" not in page.split("<main", 1)[1].replace(f"/capacity?person={reviewer.pk}&", "")
    assert "away today" in page


def test_duty_is_stated_on_the_page_and_shown(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    client = signs_in(supervisor)
    form = {"person": reviewer.pk, "hours_a_day": " 6.5 ", "most_cases_a_day": "20", "products": ["consumer"]}
    answer = client.post("/capacity/duty", form)
    assert (answer.status_code, answer["Location"]) == (302, "/capacity")
    duty = Duty.objects.get()
    assert (duty.person, duty.hours_a_day, duty.most_cases_a_day) == (reviewer, Decimal("6.50"), 20)
    assert (duty.products, duty.stated_by) == (["consumer"], supervisor)
    shown = words(client, "/capacity")
    assert "reviewer Reviewer 6.5 h 20 Consumer loan -- 0 0 0 20 Change" in shown
    page = client.get(f"/capacity?person={reviewer.pk}").content.decode()
    assert 'name="hours_a_day" value="6.5"' in page
    assert 'value="consumer" checked' in page


@pytest.mark.parametrize(
    ("field", "typed", "en", "zh"),
    [
        ("hours_a_day", "six", "Enter a number of hours, such as 6 or 6.5.", "请填写小时数，例如 6 或 6.5。"),
        ("hours_a_day", "25", "The hours of a day lie between 0 and 24.", "每日小时数应在 0 到 24 之间。"),
        ("most_cases_a_day", "-1", "Enter a whole number, or leave it empty", "请填写整数；不限则留空。"),
        ("most_cases_a_day", "10001", "lie between 0 and 10,000.", "每日最多案件数应在 0 到 10,000 之间。"),
    ],
)
def test_a_refused_duty_says_why_at_its_field_and_keeps_what_was_typed(
    field: str, typed: str, en: str, zh: str, ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    for language, sentence in (("en", en), ("zh-hans", zh)):
        form = {"person": reviewer.pk, "hours_a_day": "6", "most_cases_a_day": "", field: typed}
        answer = signs_in(supervisor, language).post("/capacity/duty", form)
        page = answer.content.decode()
        assert answer.status_code == 422
        problem = re.search(rf'id="{field}-problem">([^<]*)<', page)
        assert problem is not None
        assert sentence in problem[1]
        assert f'name="{field}" value="{typed}"' in page
    assert Duty.objects.count() == 0


def test_absences_are_stated_and_ended_on_the_page(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    client, today = signs_in(supervisor), timezone.localdate()
    last = today + timedelta(days=2)
    form = {"person": reviewer.pk, "first_day": today.isoformat(), "last_day": last.isoformat(), "reason": "Holiday"}
    assert client.post("/capacity/absence", form)["Location"] == "/capacity"
    assert f"away today Reviewer not stated -- -- {today} to {last} Holiday End" in words(client, "/capacity")
    refused = client.post("/capacity/absence", form)
    assert refused.status_code == 422
    assert "The person is away on some of these days already." in refused.content.decode()
    for typed in ("", "2026-02-31", "tomorrow"):
        refused = client.post("/capacity/absence", {**form, "last_day": typed})
        assert refused.status_code == 422
        assert 'id="last_day-problem">Enter a day, such as 2026-11-28.' in refused.content.decode()
    assert Absence.objects.count() == 1
    assert client.post("/capacity/end", {"absence": Absence.objects.get().pk})["Location"] == "/capacity"
    assert Absence.objects.count() == 0
    assert client.post("/capacity/end", {"absence": "7"}).status_code == 404


def test_who_is_no_reviewer_is_refused_above_the_page(
    ground: Policy, auditor: User, supervisor: User, signs_in: SignsIn
) -> None:
    for person in (auditor.pk, "", "x"):
        answer = signs_in(supervisor).post("/capacity/duty", {"person": person, "hours_a_day": "6"})
        assert answer.status_code == 422
        assert 'id="form-problem"' in answer.content.decode()
    assert Duty.objects.count() == 0


def test_each_person_shows_what_they_have_before_them(
    ground: Policy, champion: ModelVersion, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    make.awaiting_case(reviewer, "D-1")
    make.claimed_case(reviewer, "H-1")
    for number in range(3):
        make.queued_case(f"Q-{number}")
    # Looks of ten minutes, as no capacity is stated: four in forty minutes, of which two are taken.
    state_duty(reviewer.pk, by=supervisor, hours_a_day=Decimal("0.67"), most_cases_a_day=None, products=[])
    assert assign_waiting_cases() == 2
    shown = words(signs_in(supervisor), "/capacity")
    assert "reviewer Reviewer 0.67 h no limit all products -- 2 1 1 0 Change" in shown
    assert "The policy in force counts no capacity: every uncertain case goes to people." in shown


@pytest.mark.parametrize(
    ("fallback", "fate", "en", "zh"),
    [
        ("wait", "waiting 3, declined 0, approved 0", "wait behind all others", "排在其他案件之后等待"),
        ("decline", "waiting 0, declined 3, approved 0", "are declined by the machine", "由系统拒绝"),
        ("approve", "waiting 3, declined 0, approved 0", "where the PD is below 5.0%", "违约概率低于 5.0%"),
    ],
)
def test_what_the_places_do_not_cover_is_said_with_what_becomes_of_it(
    fallback: Fallback,
    fate: str,
    en: str,
    zh: str,
    champion: ModelVersion,
    admin: User,
    reviewer: User,
    supervisor: User,
    signs_in: SignsIn,
) -> None:
    uncertain(admin, supervisor, fallback)
    on_duty(reviewer, supervisor, hours=1)
    make.cases(5)
    make.run_machine()
    page = words(signs_in(supervisor), "/capacity")
    assert "Given to people today: 2, of these by rule: 0." in page
    assert f"Beyond the places: 3 ({fate})." in page
    assert en in page
    assert zh in words(signs_in(supervisor, "zh-hans"), "/capacity")
    found = card()
    assert [(pair.words, pair.value) for pair in found.figures] == [
        ("Stated by the policy", "4"), ("By duty", "2"), ("Waiting when the day began", "0"), ("Taken today", "2"),
        ("Left", "0"), ("Beyond the places", "3"),
    ]  # fmt: skip
    assert found.short
    today = found.rows[0]
    assert (today.counts, today.looks, today.places, today.covered) == (("0", "2", "0", "3"), "5", "2", "40%")


def test_the_days_before_show_their_demand_against_their_places(
    champion: ModelVersion, admin: User, reviewer: User, supervisor: User
) -> None:
    uncertain(admin, supervisor)
    days = last_days()
    DayLoad.objects.create(product="consumer", day=days[3], given=4, beyond=6)
    make.queued_case("K-1")
    found = card()
    assert [row.day for row in found.rows] == [day.isoformat() for day in days]
    assert len(found.rows) == 14
    # Nobody's duty is stated: the hours of the policy count, two hours of half an hour each.
    assert (found.rows[0].counts, found.rows[0].covered) == (("1", "0", "0", "0"), "100%")
    assert (found.rows[3].counts, found.rows[3].looks, found.rows[3].places) == (("0", "0", "0", "6"), "6", "4")
    assert found.rows[3].covered == "67%"
    assert found.rows[5].covered == "--"
    # The longest day fills the drawing; the places of a day are marked on it, above a rim.
    assert [(bar.x, bar.width, bar.tone) for bar in found.rows[3].bars] == [
        ("0.00%", "100.00%", "warn"), ("66.07%", "1.80%", "rim"), ("66.67%", "0.60%", "ink"),
    ]  # fmt: skip
    assert found.needed.startswith("Needed on the days before: 0.2 h on average, 0.0 h on a busy day")
    on_duty(reviewer, supervisor, hours=1)
    Absence.objects.create(person=reviewer, first_day=days[3], last_day=days[3], stated_by=supervisor)
    assert [row.places for row in card().rows[:5]] == ["2", "2", "2", "0", "2"]


def test_without_a_policy_or_people_the_page_says_so(admin: User, signs_in: SignsIn) -> None:
    page = words(signs_in(admin), "/capacity")
    assert "Nobody looks at cases yet" in page
    assert "No policy is in force" in page


def test_queue_and_case_say_to_whom_a_case_is_assigned(
    ground: Policy, reviewer: User, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case = make.queued_case()
    on_duty(reviewer, supervisor)
    assert assign_waiting_cases() == 1
    for user, language, said in (
        (reviewer, "en", "assigned to you"),
        (reviewer, "zh-hans", "已分派给您"),
        (second_reviewer, "en", "assigned to reviewer"),
        (second_reviewer, "zh-hans", "已分派给reviewer"),
    ):
        client = signs_in(user, language)
        for path in ("/review", f"/review/{case.ref}"):
            assert said in words(client, path), (user, path)
    assert case.ref in words(signs_in(reviewer), "/review?view=mine")
    assert case.ref not in words(signs_in(second_reviewer), "/review?view=mine")
    Case.objects.filter(pk=case.pk).update(assigned_at=timezone.now() - timedelta(hours=5))
    assert "assigned to" not in words(signs_in(reviewer), "/review")
    actions.claim_case(case.pk, by=second_reviewer)
    assert "was assigned to somebody else" in words(signs_in(second_reviewer), f"/review/{case.ref}")
