"""The guard of a version in force: it watches whether reality stays in the predicted band, tells, and may fall back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from cases.states import Kind
from routing.excursions import REVIEWS_A_DAY, Excursion, excursions, queue_excursions
from routing.life import (
    LEFT_ITS_BAND,
    Status,
    Step,
    in_force_since,
    last_entry,
    lock_version,
    put_in_force,
    readable_terms,
    simulation_of,
    tell,
)
from routing.models import Policy, PolicyStep, Route

log = logging.getLogger(__name__)

WINDOW: Final = timedelta(hours=24)


def check_policies() -> int:
    """Compare what every version in force did in the last 24 hours with what was predicted. Returns the alerts raised.

    Reads without a lock; only an excursion takes one.
    """
    in_force = Policy.objects.filter(status=Status.ACTIVE, simulation__predicted__approve_share__isnull=False)
    return sum(_check(policy) for policy in in_force.order_by("pk"))


def alerts(product: str) -> QuerySet[PolicyStep]:
    """Every alert of a product's versions, the latest first; `facts` are those of an Excursion and what was done."""
    found = PolicyStep.objects.filter(policy__product=product, name=Step.ALERT).select_related("policy")
    return found.order_by("-pk")


def _check(policy: Policy) -> int:
    terms = readable_terms(policy)
    since = in_force_since(policy)
    if terms is None or terms.guard is None or since is None:
        return 0
    start = timezone.now() - WINDOW
    whole_day, since = since <= start, max(since, start)
    counts = _counts(policy, since)
    if sum(counts.values()) < terms.guard.least_cases:
        return 0
    predicted, tolerance = simulation_of(policy)["predicted"], terms.guard.tolerance
    found = excursions(predicted, tolerance, counts)
    found += queue_excursions(predicted, tolerance, counts, whole_day=whole_day)
    return _alert(policy, found, since, fall_back=terms.guard.fall_back) if found else 0


def _counts(policy: Policy, since: datetime) -> dict[str, int]:
    """Applications routed under the version since then, by way. What is monitored is never decided by the machine."""
    routes = Route.objects.filter(policy=policy, at__gte=since, case__kind=Kind.APPLICATION)
    return dict(routes.values_list("way").annotate(count=Count("pk")).order_by("way"))


def _alert(policy: Policy, found: list[Excursion], since: datetime, *, fall_back: bool) -> int:
    with transaction.atomic(durable=True):
        locked = lock_version(policy.pk)
        # Another sweep, or a person's rollback, may have been faster; under the lock its steps are seen.
        if locked.status != Status.ACTIVE:
            return 0
        told = locked.steps.filter(name=Step.ALERT, at__gte=since).values_list("facts", flat=True)
        known = {(facts["measure"], facts["side"]) for facts in told}
        new = [each for each in found if (each.measure, each.side) not in known]
        if not new:
            return 0
        # How many cases arrive is nothing that another version would change.
        falls_back = fall_back and any(each.measure != REVIEWS_A_DAY for each in new)
        before = _version_before(locked) if falls_back else None
        for each in new:
            facts = {**each.to_dict(), "since": since.isoformat(), "falls_back_to": before.pk if before else None}
            tell(locked, Step.ALERT, by=None, facts=facts)
            log.warning("%s left its predicted band: %s", locked, facts)
        if before is not None:
            put_in_force(before, Step.ROLL_BACK, by=None, facts=_reason(new))
        return len(new)


def _reason(found: list[Excursion]) -> Mapping[str, Any]:
    return {"code": LEFT_ITS_BAND, "excursions": [each.to_dict() for each in found]}


def _version_before(policy: Policy) -> Policy | None:
    """The version that this one replaced, locked, if the machine may return to it.

    Only from a version that an approval put in force, and a version is approved into force once: so the machine falls
    back once a version at most, and never back and forth between two.
    """
    entered = last_entry(policy)
    if entered is None or entered.name != Step.ACTIVATE:
        return None
    before = Policy.objects.filter(pk=entered.facts["instead_of"], status=Status.RETIRED)
    return before.select_for_update(no_key=True).first()
