"""The people of the capacity page: what was stated of each, what they have before them today, and the forms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.models import User
from desk.pages import AbsenceForm, AbsenceRow, DutyForm, PersonRow, Tick
from desk.words import PRODUCTS, number, word
from routing.assigning import USUAL_MINUTES, Desk
from routing.duty import known_products
from routing.models import Absence, Duty
from routing.staff import LOOKERS, OnDuty, present
from routing.workload import Workload, workloads

DAYS = 14
MOST_PEOPLE = 200


@dataclass(frozen=True)
class Staff:
    """Everybody who looks at cases with duty, absences and day so far; who is on duty on each of the last days;
    `gone` are those who work here no more."""

    people: tuple[User, ...]
    duties: Mapping[int, Duty]
    absences: tuple[Absence, ...]
    loads: Mapping[int, Workload]
    on_duty: Mapping[date, Sequence[OnDuty]]
    gone: tuple[User, ...] = ()

    @property
    def stated(self) -> bool:
        """Whether anybody's duty was stated; without it the hours that the policy states count."""
        return bool(self.duties)


def last_days() -> list[date]:
    """Today and the days before it, the latest first."""
    return [timezone.localdate() - timedelta(days=back) for back in range(DAYS)]


def read_staff(*, with_loads: bool = True) -> Staff:
    """Four statements; two without what each has done and has before them."""
    days = last_days()
    people = User.objects.filter(role__in=LOOKERS).select_related("duty")
    everybody = people.order_by("-is_active", "role", "last_name", "username")[:MOST_PEOPLE]
    shown = tuple(user for user in everybody if user.is_active)
    duties = {user.pk: user.duty for user in shown if hasattr(user, "duty")}
    for user in shown:
        if user.pk in duties:
            duties[user.pk].person = user
    absences = tuple(Absence.objects.filter(last_day__gte=days[-1]).order_by("first_day"))
    loads = workloads() if with_loads else {}
    gone = tuple(user for user in everybody if not user.is_active)
    return Staff(shown, duties, absences, loads, present(duties.values(), absences, days), gone)


def person_rows(staff: Staff, minutes_of: Mapping[str, float], *, may_change: bool) -> tuple[PersonRow, ...]:
    """One row a person."""
    today = timezone.localdate()
    on_duty = {each.person_id: each for each in staff.on_duty[today]}
    return tuple(_row(staff, user, on_duty.get(user.pk), minutes_of, may_change) for user in staff.people)


def _row(
    staff: Staff, user: User, on_duty: OnDuty | None, minutes_of: Mapping[str, float], may_change: bool
) -> PersonRow:
    duty, load = staff.duties.get(user.pk), staff.loads.get(user.pk, Workload())
    today = timezone.localdate()
    coming = [absence for absence in staff.absences if absence.person_id == user.pk and absence.last_day >= today]
    return PersonRow(
        name=user.display_name,
        role=user.get_role_display(),
        hours=_("%(n)s h") % {"n": _trimmed(duty)} if duty else "",
        most_cases=_most(duty),
        products=_products(duty),
        away=any(absence.first_day <= today for absence in coming),
        absences=tuple(_absence(absence) for absence in coming),
        assigned=number(load.assigned.total()),
        held=number(load.held.total()),
        decided=number(load.decided.total()),
        left=_left(on_duty, load, minutes_of),
        change_url=f"{reverse('desk:capacity')}?{urlencode({'person': user.pk})}" if may_change else "",
    )


def _trimmed(duty: Duty) -> str:
    return f"{duty.hours_a_day:f}".rstrip("0").rstrip(".")


def _most(duty: Duty | None) -> str:
    if duty is None:
        return ""
    return _("no limit") if duty.most_cases_a_day is None else number(duty.most_cases_a_day)


def _products(duty: Duty | None) -> str:
    if duty is None:
        return ""
    return ", ".join(word(PRODUCTS, product) for product in duty.products) or _("all products")


def _left(on_duty: OnDuty | None, load: Workload, minutes_of: Mapping[str, float]) -> str:
    """Looks that the day still holds, at the minutes of the person's slowest product."""
    if on_duty is None:
        return ""
    known = [minutes for product, minutes in minutes_of.items() if on_duty.knows(product)]
    return number(Desk.of(on_duty, load, minutes_of).person(max(known, default=USUAL_MINUTES)).places)


def _absence(absence: Absence) -> AbsenceRow:
    first, last = absence.first_day.isoformat(), absence.last_day.isoformat()
    return AbsenceRow(
        key=str(absence.pk),
        words=first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last},
        reason=absence.reason,
    )


def duty_form(duty: Duty | None, posted: Mapping[str, str], ticked: Collection[str] | None) -> DutyForm:
    """The form of a person's duty; after a refused post it holds what was typed."""
    stated = set(duty.products) if duty else set()
    chosen = stated if ticked is None else set(ticked)
    most = "" if duty is None or duty.most_cases_a_day is None else str(duty.most_cases_a_day)
    return DutyForm(
        action_url=reverse("desk:duty"),
        hours_a_day=posted.get("hours_a_day", _trimmed(duty) if duty else ""),
        most_cases_a_day=posted.get("most_cases_a_day", most),
        products=tuple(
            Tick(product, word(PRODUCTS, product), product in chosen) for product in sorted(known_products() | stated)
        ),
    )


def absence_form(posted: Mapping[str, str]) -> AbsenceForm:
    today = timezone.localdate().isoformat()
    return AbsenceForm(
        action_url=reverse("desk:absence"),
        first_day=posted.get("first_day", today),
        last_day=posted.get("last_day", today),
        reason=posted.get("reason", ""),
        earliest=today,
    )
