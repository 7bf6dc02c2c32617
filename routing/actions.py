"""Routing scored cases by the policy in force."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cases.bulk import copy_rows
from cases.desk_rules import rules_in_force, working_hours
from cases.draws import draws
from cases.models import Case
from cases.move import Move, move_cases
from cases.states import DecidedBy, Kind, State
from cases.working_time import add_working_hours
from routing.breaking import hold_back, place_of
from routing.case_facts import NOT_READ, facts_of, latest_assessments
from routing.concentration import route_in_order
from routing.day import lock_day
from routing.exploring import lock_budget, spend
from routing.models import Policy, Route
from routing.opinion_first import OPINION, OpinionRules, blind_tier, opinion_causes
from routing.record import BREAKER_OPEN, RouteRecord, held_back, records_of, to_people
from routing.terms import Terms
from scoring.models import Assessment, Breaker

log = logging.getLogger(__name__)

WITHOUT_POLICY_HOURS: Final = 24.0
STEP_OF_WAY: Final = {"approve": "approve_by_machine", "decline": "decline_by_machine", "review": "send_to_people"}
# Of the case alone: when it is due, and its place where the score is hidden.
NOT_OF_THE_ROUTE: Final = ("sla_hours", "blind_rank", "blind_hours")
RECORD_FIELDS: Final = tuple(field.name for field in fields(RouteRecord) if field.name not in NOT_OF_THE_ROUTE)
ROUTE_FIELDS: Final = ("case", "case_version", "policy", "assessment", *RECORD_FIELDS)


def active_policy(product: str) -> Policy | None:
    return Policy.objects.filter(product=product, status=Policy.Status.ACTIVE).first()


def terms_of(policy: Policy) -> Terms:
    """What the version says. Raises as `Terms.from_dict`."""
    return Terms.from_dict(policy.terms)


def route_scored_cases() -> int:
    """Route one chunk of scored cases. Returns how many were moved on.

    The rows are locked while the arithmetic of the policy runs (microseconds a case, no I/O): two workers get
    different rows, and none is routed on figures that changed meanwhile.
    """
    with transaction.atomic(durable=True):
        waiting = Case.objects.filter(state=State.SCORED).defer(*NOT_READ)
        waiting = waiting.select_related("applicant").order_by("pk")
        cases = list(waiting.select_for_update(of=("self",), skip_locked=True)[: settings.MACHINE_CHUNK])
        assessments = latest_assessments(cases)
        by_product = defaultdict(list)
        for case in cases:
            by_product[case.product].append(case)
        # In one order, so that two workers never wait for each other's days and budgets in a ring.
        return sum(_route_product(product, by_product[product], assessments) for product in sorted(by_product))


def _route_product(product: str, cases: Sequence[Case], assessments: Mapping[int, Assessment]) -> int:
    policy = active_policy(product)
    if policy is None:
        records = [to_people("no_policy", sla_hours=WITHOUT_POLICY_HOURS)] * len(cases)
        return len(_write(None, cases, records, assessments))
    try:
        # A savepoint: what fails half way leaves the locks of the cases and nothing else.
        with transaction.atomic():
            return _route_by(policy, cases, assessments)
    except Exception as error:
        if len(cases) > 1:
            # Each for itself: a case that the policy cannot be applied to costs the others nothing.
            return sum(_route_product(product, [case], assessments) for case in cases)
        # A policy that cannot be applied decides nothing: people get the case, with the reason.
        log.exception("%s could not be applied to %s", policy, cases[0].ref)
        failed = to_people("routing_failed", sla_hours=WITHOUT_POLICY_HOURS, problem=repr(error)[:200])
        return len(_write(policy, cases, [failed], assessments))


def _route_by(policy: Policy, cases: Sequence[Case], assessments: Mapping[int, Assessment]) -> int:
    terms = terms_of(policy)
    day = lock_day(policy.product, terms.capacity)
    budget = lock_budget(policy) if terms.exploration else None
    facts = facts_of(
        terms,
        cases,
        assessments,
        secret=policy.audit_secret,
        places_left=day.places_left if day else None,
        budget_left=float(budget.budget - budget.spent) if budget else None,
    )
    facts, routed = route_in_order(terms, facts, cases)
    records = records_of(terms, facts, routed)
    held = hold_back(policy.pk, cases, assessments, [record.way == "approve" for record in records])
    records = [_held(record, held.get(place)) for place, record in enumerate(records)]
    moved = _write(policy, cases, records, assessments)
    # The rows are locked, so all were moved: places and budget count what really happened.
    if day:
        beyond = routed.looked.beyond
        given = sum(record.way == "review" for record, past in zip(records, beyond, strict=True) if not past)
        day.take(given=given, beyond=int(beyond.sum()))
    granted = [case.amount for case, record in zip(cases, records, strict=True) if record.is_exploration]
    if budget and granted:
        spend(budget, sum(granted, Decimal(0)))
    return len(moved)


def _held(record: RouteRecord, breaker: Breaker | None) -> RouteRecord:
    if breaker is None:
        return record
    reason = {"code": BREAKER_OPEN, "params": {"segment": place_of(breaker), "breaker": breaker.pk}}
    return held_back(record, reason, sla_hours=WITHOUT_POLICY_HOURS)


def _write(
    policy: Policy | None,
    cases: Sequence[Case],
    records: Sequence[RouteRecord],
    assessments: Mapping[int, Assessment],
) -> list[int]:
    now = timezone.now()
    causes, share = _opinion_causes(policy, cases, records, assessments)
    seen = [(case.pk in causes, record) for case, record in zip(cases, records, strict=True) if record.way == "review"]
    due = _due_by_hours(now, {record.blind_hours if is_blind else record.sla_hours for is_blind, record in seen})
    moves: dict[str, list[Move]] = {step: [] for step in STEP_OF_WAY.values()}
    routes: dict[int, tuple[Any, ...]] = {}
    for case, record in zip(cases, records, strict=True):
        told: dict[str, Any] = {
            "way": record.way,
            "policy": str(policy) if policy else "",
            "policy_sha256": policy.sha256 if policy else "",
            "reasons": record.reasons,
        }
        if record.is_audit:
            told["audit_probability"] = record.audit_probability
        if record.is_exploration:
            told["exploration_probability"] = record.exploration_probability
        if case.pk in causes:
            told["opinion_first"] = {"because": causes[case.pk], "share": share}
        # Whoever wrote the policy signs nothing that it routed, whatever their role will be by then.
        changes = _changes(record, now, due, due_at=case.due_at, opinion_first=case.pk in causes)
        changes["tuned_by"] = policy.drafted_by_id if policy else None
        moves[STEP_OF_WAY[record.way]].append(Move(case.pk, case.version, changes=changes, facts=told))
        assessment = assessments.get(case.pk)
        routes[case.pk] = (
            case.pk,
            case.version,
            policy.pk if policy else None,
            assessment.pk if assessment else None,
            *(getattr(record, name) for name in RECORD_FIELDS),
        )
    moved = [key for step, each in moves.items() for key in move_cases(step, each)]
    copy_rows(Route, ROUTE_FIELDS, [routes[key] for key in moved])
    return moved


def _due_by_hours(now: datetime, asked: Collection[float]) -> dict[float, datetime]:
    """When cases are due that have so many working hours: few different ones in a chunk, each worked out once."""
    if not asked:
        return {}
    desk = working_hours()
    return {hours: add_working_hours(now, hours, desk) for hours in asked}


def _opinion_causes(
    policy: Policy | None,
    cases: Sequence[Case],
    records: Sequence[RouteRecord],
    assessments: Mapping[int, Assessment],
) -> tuple[dict[int, list[str]], float]:
    """Of the cases that people will see, those that ask for an opinion first, and why; and the share that is drawn.

    The draw is keyed by the policy, as that of the audit; a case that no policy judged has no advice to hide.
    """
    seen = [(case, record) for case, record in zip(cases, records, strict=True) if record.way == "review"]
    if policy is None or not seen:
        return {}, 0.0
    desk = rules_in_force()
    rules = OpinionRules(desk.opinion_share, desk.opinion_on_high_amounts, desk.opinion_on_grey_band)
    drawn = draws(policy.audit_secret, OPINION, [f"{case.source}/{case.external_ref}" for case, _record in seen])
    causes = {
        case.pk: opinion_causes(
            rules,
            is_scored=case.pk in assessments,
            is_application=case.kind == Kind.APPLICATION,
            reasons=[reason["code"] for reason in record.reasons],
            drawn=float(mine),
        )
        for (case, record), mine in zip(seen, drawn, strict=True)
    }
    return {key: found for key, found in causes.items() if found}, desk.opinion_share


def _changes(
    record: RouteRecord,
    now: datetime,
    due: Mapping[float, datetime],
    *,
    due_at: datetime | None,
    opinion_first: bool,
) -> dict[str, Any]:
    said = {"advice": record.advice, "why": record.reasons, "signing": record.signing}
    if record.way == "review":
        codes = [reason["code"] for reason in record.reasons]
        return said | {
            "queue_tier": blind_tier(record.tier, codes) if opinion_first else record.tier,
            "queue_rank": record.blind_rank if opinion_first else record.rank,
            "queued_at": now,
            # A case that is scored again is due when it was.
            "due_at": due_at or due[record.blind_hours if opinion_first else record.sla_hours],
            "opinion_first": opinion_first,
        }
    return said | {"outcome": record.way, "decided_by": DecidedBy.MACHINE.value, "decided_at": now}
