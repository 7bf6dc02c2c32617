"""Stating who looks at cases: hours, most cases and products of a person, and the days on which they are away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision, CaseMoved, CaseNotFound
from cases.models import User
from cases.states import Role
from routing.life import require_role
from routing.models import Absence, Duty, Policy
from routing.staff import LOOKERS
from scoring.models import ModelVersion

STATERS: Final = (Role.SUPERVISOR, Role.ADMIN)
MOST_HOURS: Final = Decimal(24)
MOST_CASES: Final = 10_000
LONGEST_REASON: Final = 200


def state_duty(
    person_id: int, *, by: User, hours_a_day: Decimal, most_cases_a_day: int | None, products: Sequence[str]
) -> Duty:
    """State how much a person looks at from now on. No products means all; no most cases as many as the hours hold.

    Raises:
        NotAllowed: `by` is neither supervisor nor admin. BadDecision names the field at fault: `person`,
            `hours_a_day`, `most_cases_a_day` or `products`.
    """
    require_role(by, STATERS)
    if not hours_a_day.is_finite() or not 0 <= hours_a_day <= MOST_HOURS:
        raise BadDecision("hours_a_day", _("The hours of a day lie between 0 and 24."))
    if most_cases_a_day is not None and not 0 <= most_cases_a_day <= MOST_CASES:
        raise BadDecision("most_cases_a_day", _("The most cases of a day lie between 0 and 10,000."))
    with transaction.atomic(durable=True):
        person = _lock_person(person_id)
        stated = Duty.objects.filter(person=person).first()
        # What was stated before stays possible, even where its product is routed no more.
        if set(products) - known_products() - set(stated.products if stated else ()):
            raise BadDecision("products", _("Choose among the products that are known here."))
        duty, _made = Duty.objects.update_or_create(
            person=person,
            defaults={
                "hours_a_day": hours_a_day.quantize(Decimal("0.01")),
                "most_cases_a_day": most_cases_a_day,
                "products": sorted(set(products)),
                "stated_by": by,
            },
        )
        return duty


def state_absence(person_id: int, *, by: User, first_day: date, last_day: date, reason: str) -> Absence:
    """State that a person is away on these days, both included.

    Raises:
        NotAllowed: `by` is neither supervisor nor admin. BadDecision names the field at fault: `person`, `first_day`
            (over already, or the person is away then), `last_day` or `reason`.
    """
    require_role(by, STATERS)
    reason = reason.strip()
    if first_day < timezone.localdate():
        raise BadDecision("first_day", _("An absence begins today or later: days that are over do not change."))
    if last_day < first_day:
        raise BadDecision("last_day", _("An absence cannot end before it begins."))
    if len(reason) > LONGEST_REASON:
        raise BadDecision("reason", _("Keep the reason to 200 characters or fewer."))
    with transaction.atomic(durable=True):
        # Two at once for one person: the second waits here and sees what the first one stated. The exclusion
        # constraint is the second wall.
        person = _lock_person(person_id)
        if Absence.objects.filter(person=person, first_day__lte=last_day, last_day__gte=first_day).exists():
            raise BadDecision("first_day", _("The person is away on some of these days already."))
        return Absence.objects.create(
            person=person, first_day=first_day, last_day=last_day, reason=reason, stated_by=by
        )


def end_absence(absence_id: int, *, by: User) -> None:
    """The person is back today: one that runs ends yesterday, one that has not begun (or began today) is taken back.

    Raises:
        NotAllowed: `by` is neither supervisor nor admin. CaseNotFound: no such absence. CaseMoved: it is over.
    """
    require_role(by, STATERS)
    today = timezone.localdate()
    with transaction.atomic(durable=True):
        absence = Absence.objects.select_for_update().filter(pk=absence_id).first()
        if absence is None:
            raise CaseNotFound(_("There is no such absence any more."))
        if absence.last_day < today:
            raise CaseMoved(_("This absence is over: days that are over do not change."))
        if absence.first_day >= today:
            absence.delete()
            return
        absence.last_day, absence.stated_by = today - timedelta(days=1), by
        absence.save(update_fields=["last_day", "stated_by"])


def known_products() -> set[str]:
    """The products that some policy or model was made for."""
    found = Policy.objects.order_by().values_list("product").union(ModelVersion.objects.values_list("product"))
    return {product for (product,) in found}


def _lock_person(person_id: int) -> User:
    """The person, locked until the end of the transaction. Raises BadDecision unless they look at cases."""
    person: User | None = User.objects.select_for_update(no_key=True).filter(pk=person_id, is_active=True).first()
    if person is None:
        raise BadDecision("person", _("Choose a person who works here."))
    if person.role not in LOOKERS:
        raise BadDecision("person", _("Only reviewers and supervisors look at cases."))
    return person
