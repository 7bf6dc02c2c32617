"""Stating duty and absences: who may, what is refused and where, and that days that are over stay as they were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from cases.errors import BadDecision, CaseMoved, CaseNotFound, NotAllowed
from cases.models import User
from cases.states import Role
from routing.capacity import Capacity
from routing.day import lock_day, places_on
from routing.duty import end_absence, state_absence, state_duty
from routing.models import Absence, DayLoad, Duty, Policy
from routing.staff import people_on, people_on_days
from tests import make
from tests.together import at_once

HALF_AN_HOUR = Capacity(hours_a_day=8, minutes_a_look=30, fallback="wait")


def day(offset: int = 0) -> date:
    return timezone.localdate() + timedelta(days=offset)


def on_duty(person: User, by: User, **changes: Any) -> Duty:
    stated: dict[str, Any] = {"hours_a_day": Decimal(6), "most_cases_a_day": None, "products": []}
    return state_duty(person.pk, by=by, **{**stated, **changes})


def away(person: User, by: User, first: int = 0, last: int = 0, reason: str = "") -> Absence:
    return state_absence(person.pk, by=by, first_day=day(first), last_day=day(last), reason=reason)


def test_duty_is_stated_and_stated_anew(policy: Policy, reviewer: User, supervisor: User, admin: User) -> None:
    on_duty(reviewer, supervisor, most_cases_a_day=20)
    on_duty(reviewer, admin, hours_a_day=Decimal("4.5"), products=["consumer"])
    duty = Duty.objects.get()
    assert (duty.person, duty.hours_a_day, duty.most_cases_a_day) == (reviewer, Decimal("4.50"), None)
    assert (duty.products, duty.stated_by) == (["consumer"], admin)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_only_supervisors_and_admins_state_anything(role: Role, reviewer: User, supervisor: User) -> None:
    absence, person = away(reviewer, supervisor, 1, 2), make.user("somebody", role)
    calls: list[Callable[[], object]] = [
        partial(on_duty, reviewer, person),
        partial(away, reviewer, person, 5, 6),
        partial(end_absence, absence.pk, by=person),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call()
    assert (Duty.objects.count(), list(Absence.objects.all())) == (0, [absence])


@pytest.mark.parametrize(
    ("change", "field", "en", "zh"),
    [
        ({"hours_a_day": Decimal("24.01")}, "hours_a_day", "between 0 and 24", "0 到 24"),
        ({"hours_a_day": Decimal(-1)}, "hours_a_day", "between 0 and 24", "0 到 24"),
        ({"hours_a_day": Decimal("NaN")}, "hours_a_day", "between 0 and 24", "0 到 24"),
        ({"most_cases_a_day": -1}, "most_cases_a_day", "between 0 and 10,000", "0 到 10,000"),
        ({"most_cases_a_day": 10_001}, "most_cases_a_day", "between 0 and 10,000", "0 到 10,000"),
        ({"products": ["consumer", "mortgage"]}, "products", "known here", "已有的产品"),
    ],
)
def test_a_refused_duty_names_its_field_in_both_languages(
    change: dict[str, Any], field: str, en: str, zh: str, policy: Policy, reviewer: User, supervisor: User
) -> None:
    for language, words in (("en", en), ("zh-hans", zh)):
        with translation.override(language), pytest.raises(BadDecision, match=words) as refusal:
            on_duty(reviewer, supervisor, **change)
        assert refusal.value.field == field
    assert Duty.objects.count() == 0


def test_only_who_works_here_and_looks_at_cases_has_duty(reviewer: User, supervisor: User, auditor: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    for person, words in ((auditor, "Only reviewers and supervisors"), (reviewer, "Choose a person who works here")):
        for call in (on_duty, away):
            with translation.override("en"), pytest.raises(BadDecision, match=words) as refusal:
                call(person, supervisor)
            assert refusal.value.field == "person"
    assert (Duty.objects.count(), Absence.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("first", "last", "reason", "field"),
    [(-1, 3, "", "first_day"), (2, 1, "", "last_day"), (1, 1, "x" * 201, "reason")],
)
def test_a_refused_absence_names_its_field(
    first: int, last: int, reason: str, field: str, reviewer: User, supervisor: User
) -> None:
    with pytest.raises(BadDecision) as refusal:
        away(reviewer, supervisor, first, last, reason)
    assert refusal.value.field == field
    assert Absence.objects.count() == 0


def test_absences_of_one_person_never_overlap(reviewer: User, second_reviewer: User, supervisor: User) -> None:
    stated = away(reviewer, supervisor, 2, 4, " holiday ")
    assert stated.reason == "holiday"
    for first, last in ((2, 4), (0, 2), (4, 9), (3, 3), (0, 9)):
        with pytest.raises(BadDecision) as refusal:
            away(reviewer, supervisor, first, last)
        assert refusal.value.field == "first_day"
        with pytest.raises(IntegrityError, match="absence_never_overlaps"), transaction.atomic():
            Absence.objects.create(person=reviewer, first_day=day(first), last_day=day(last), stated_by=supervisor)
    away(reviewer, supervisor, 0, 1)
    away(reviewer, supervisor, 5, 5)
    away(second_reviewer, supervisor, 2, 4)
    assert Absence.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_of_two_who_state_the_same_days_at_once_one_is_told(reviewer: User, supervisor: User, admin: User) -> None:
    first, second = at_once(*(partial(away, reviewer, by, 1, 3) for by in (supervisor, admin)))
    refused = [answer for answer in (first, second) if isinstance(answer, Exception)]
    assert [type(each) for each in refused] == [BadDecision]
    assert Absence.objects.count() == 1


def test_who_is_back_earlier_is_on_duty_today(reviewer: User, supervisor: User, admin: User) -> None:
    running = Absence.objects.create(person=reviewer, first_day=day(-3), last_day=day(3), stated_by=supervisor)
    on_duty(reviewer, supervisor)
    assert people_on(day()) == []
    end_absence(running.pk, by=admin)
    found = Absence.objects.get()
    assert (found.first_day, found.last_day, found.stated_by) == (day(-3), day(-1), admin)
    assert [each.person_id for each in people_on(day()) or ()] == [reviewer.pk]
    with pytest.raises(CaseMoved):
        end_absence(running.pk, by=admin)
    assert Absence.objects.get() == found


def test_what_has_not_begun_is_taken_back_and_what_is_over_stays(reviewer: User, supervisor: User) -> None:
    for first, last in ((0, 2), (3, 3)):
        end_absence(away(reviewer, supervisor, first, last).pk, by=supervisor)
    with pytest.raises(CaseNotFound):
        end_absence(0, by=supervisor)
    assert Absence.objects.count() == 0
    over = Absence.objects.create(person=reviewer, first_day=day(-3), last_day=day(-1), stated_by=supervisor)
    with pytest.raises(CaseMoved):
        end_absence(over.pk, by=supervisor)
    for change in ({"last_day": day(5)}, {"reason": "other"}):
        with pytest.raises(IntegrityError, match="keeps the days that are over"), transaction.atomic():
            Absence.objects.update(**change)
    with pytest.raises(IntegrityError, match="keeps the days that are over"), transaction.atomic():
        Absence.objects.all().delete()
    assert (Absence.objects.get().last_day, Absence.objects.get().reason) == (day(-1), "")


def test_places_are_those_of_the_people_on_duty(
    policy: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    assert people_on(day()) is None
    assert people_on_days([day()]) is None
    assert places_on("consumer", day(), HALF_AN_HOUR) == 16
    on_duty(reviewer, supervisor, hours_a_day=Decimal("1.9"))
    on_duty(second_reviewer, supervisor, hours_a_day=Decimal(3), most_cases_a_day=4)
    on_duty(supervisor, supervisor, hours_a_day=Decimal(2), most_cases_a_day=0)
    # Three looks of half an hour in 1.9 hours, four allowed of six, none allowed.
    assert places_on("consumer", day(), HALF_AN_HOUR) == 3 + 4 + 0
    away(second_reviewer, supervisor)
    assert places_on("consumer", day(), HALF_AN_HOUR) == 3
    assert places_on("consumer", day(1), HALF_AN_HOUR) == 7
    User.objects.filter(pk=reviewer.pk).update(role=Role.AUDITOR)
    assert places_on("consumer", day(), HALF_AN_HOUR) == 0
    found = people_on_days([day(), day(1)])
    assert found == {day(): people_on(day()), day(1): people_on(day(1))}


def test_an_hour_is_not_promised_to_two_products(
    policy: Policy, admin: User, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    other = make.policy(admin, supervisor, product="small_business")
    assert (other.product, other.status) == ("small_business", "active")
    on_duty(reviewer, supervisor, hours_a_day=Decimal(4))
    on_duty(second_reviewer, supervisor, hours_a_day=Decimal(2), products=["small_business"])
    assert places_on("consumer", day(), HALF_AN_HOUR) == 4
    assert places_on("small_business", day(), HALF_AN_HOUR) == 4 + 4


def test_a_day_begins_with_what_waits_from_the_days_before(
    champion: object, policy: Policy, reviewer: User, supervisor: User
) -> None:
    on_duty(reviewer, supervisor, hours_a_day=Decimal(3))
    old = [make.queued_case(f"A-{number}") for number in range(2)]
    make.queued_case("A-2")
    type(old[0]).objects.filter(pk__in=[case.pk for case in old]).update(queued_at=timezone.now() - timedelta(days=1))
    with transaction.atomic():
        found = lock_day("consumer", HALF_AN_HOUR)
        assert found is not None
        assert (found.load.carried, found.places_left) == (2, 4)
        found.take(given=3, beyond=1)
    with transaction.atomic():
        again = lock_day("consumer", HALF_AN_HOUR)
        assert again is not None
        assert again.places_left == 1
        assert lock_day("consumer", None) is None
    assert DayLoad.objects.values_list("carried", "given", "beyond").get() == (2, 3, 1)
