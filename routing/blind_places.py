"""Places of blind cases made anew: of those that waited before their place and due time said nothing of the score.

From the routing on they do not (`routing/opinion_first.py`, `routing/ranks.py`). Cases that an older version of this
system put in order kept the place that their PD gave them, and the due time of the row that their PD met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet

from cases.bulk import update_rows
from cases.desk_rules import working_hours
from cases.models import Case
from cases.states import State
from cases.working_time import add_working_hours
from routing.actions import terms_of
from routing.case_facts import facts_of
from routing.models import Policy, Route
from routing.opinion_first import blind_tier
from routing.policy import route as route_by
from routing.record import RouteRecord, records_of

BATCH: Final = 500
FIELDS: Final = ("id", "queue_tier", "queue_rank", "due_at")


def waiting_blind() -> QuerySet[Route]:
    """Routes of the blind cases that wait as they were routed, each by a policy; by the key of the case.

    A case that a person sent back, passed on or opened again has a place that tells nothing of its PD.
    """
    waiting = Route.objects.filter(case__state=State.QUEUED, case__opinion_first=True, policy__isnull=False)
    return waiting.filter(case__version=F("case_version") + 1).order_by("case_id")


def place_anew(behind: int = 0) -> tuple[int, int, int]:
    """Place the next batch behind the case of that key. Returns the key of its last case (0 when there is none), how
    many were looked at and how many stood elsewhere.

    The rows are locked meanwhile and those that somebody holds left out: whoever claims one takes it from where it is.
    """
    with transaction.atomic(durable=True):
        routes = (
            waiting_blind().filter(case_id__gt=behind).select_related("case__applicant", "policy", "assessment__model")
        )
        batch = list(routes.select_for_update(of=("case",), skip_locked=True)[:BATCH])
        if not batch:
            return 0, 0, 0
        by_policy: dict[Policy, list[Route]] = defaultdict(list)
        for each in batch:
            by_policy[each.policy].append(each)  # type: ignore[index]
        moved = sum(_place(policy, routed) for policy, routed in by_policy.items())
    return batch[-1].case_id, len(batch), moved


def _place(policy: Policy, routes: Sequence[Route]) -> int:
    """Place cases that one policy routed by what a reader knows who has not seen the score."""
    terms, cases = terms_of(policy), [each.case for each in routes]
    assessed = {each.case_id: each.assessment for each in routes if each.assessment}
    facts = facts_of(terms, cases, assessed, secret=policy.audit_secret, budget_left=0.0)
    records, desk = records_of(terms, facts, route_by(terms, facts)), working_hours()
    places = [
        (case.pk, *_blind_place(route, record), add_working_hours(case.queued_at, record.blind_hours, desk))
        for case, route, record in zip(cases, routes, records, strict=True)
        if case.queued_at
    ]
    now = {case.pk: (case.pk, case.queue_tier, case.queue_rank, case.due_at) for case in cases}
    return update_rows(Case, FIELDS, [place for place in places if now[place[0]] != place])


def _blind_place(route: Route, record: RouteRecord) -> tuple[int, float]:
    """The tier by why people see it, as it was told then; the rank by its amount."""
    tier = record.tier if route.tier is None else route.tier
    return blind_tier(tier, [reason["code"] for reason in route.reasons]), record.blind_rank
