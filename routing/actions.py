"""Routing scored cases by the policy in force, and publishing a policy."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.bulk import copy_rows
from cases.errors import CaseMoved, FourEyes, NotAllowed
from cases.locks import hold
from cases.models import Case, User
from cases.move import Move, move_cases
from cases.states import DecidedBy, Kind, Role, State
from routing.models import Policy, Route
from routing.policy import TIER_NOT_SCORED, Facts, Terms, Verdict, decide
from scoring.models import Assessment

log = logging.getLogger(__name__)

WITHOUT_POLICY_HOURS: Final = 24
STEP_OF_WAY: Final = {"approve": "approve_by_machine", "decline": "decline_by_machine", "review": "send_to_people"}
ROUTE_FIELDS: Final = (
    "case",
    "case_version",
    "policy",
    "assessment",
    "way",
    "advice",
    "reasons",
    "is_audit",
    "audit_probability",
    "rank",
)


def active_policy(product: str) -> Policy | None:
    return Policy.objects.filter(product=product, status=Policy.Status.ACTIVE).first()


def route_scored_cases() -> int:
    """Route one chunk of scored cases. Returns how many were moved on.

    The rows are locked while the arithmetic of the policy runs (microseconds a case, no I/O): two workers get
    different rows, and none is routed on figures that changed meanwhile.
    """
    with transaction.atomic(durable=True):
        # What the policy does not read stays in the database: it is most of the row.
        waiting = Case.objects.filter(state=State.SCORED).defer("features", "derived", "findings")
        waiting = waiting.select_related("applicant").order_by("pk")
        cases = list(waiting.select_for_update(of=("self",), skip_locked=True)[: settings.MACHINE_CHUNK])
        assessments = _latest_assessments(cases)
        by_product = defaultdict(list)
        for case in cases:
            by_product[case.product].append(case)
        return sum(_route_product(product, each, assessments) for product, each in by_product.items())


def _latest_assessments(cases: Sequence[Case]) -> dict[int, Assessment]:
    narrow = Assessment.objects.only("case_id", "pd", "doubt", "explanation_holds")
    found = narrow.filter(case__in=[case.pk for case in cases]).order_by("case_id", "-id")
    return {assessment.case_id: assessment for assessment in found.distinct("case_id")}


def _route_product(product: str, cases: Sequence[Case], assessments: Mapping[int, Assessment]) -> int:
    policy = active_policy(product)
    hours: float = WITHOUT_POLICY_HOURS
    if policy is None:
        verdicts = [to_people("no_policy") for _case in cases]
    else:
        try:
            terms = Terms.from_dict(policy.terms)
            verdicts = decide(terms, facts_of(cases, assessments), secret=policy.audit_secret)
            hours = terms.sla_hours
        except Exception as error:
            # A policy that cannot be applied decides nothing: people get the cases, with the reason.
            log.exception("%s could not be applied", policy)
            verdicts = [to_people("routing_failed", problem=repr(error)[:200]) for _case in cases]
    return _write(policy, cases, verdicts, assessments, due_at=timezone.now() + timedelta(hours=hours))


def to_people(code: str, **params: str) -> Verdict:
    """Where a case goes that no policy could judge."""
    return Verdict("review", "", TIER_NOT_SCORED, 0.0, False, 0.0, [{"code": code, "params": params}])


def facts_of(cases: Sequence[Case], assessments: Mapping[int, Assessment]) -> Facts:
    """The policy's view of cases. A case without an assessment has NaN for what the model would have said."""
    found = [assessments.get(case.pk) for case in cases]
    return Facts(
        key=[f"{case.source}/{case.external_ref}" for case in cases],
        pd=np.array([each.pd if each else np.nan for each in found]),
        doubt=np.array([each.doubt if each else np.nan for each in found]),
        amount=np.array([float(case.amount) for case in cases]),
        currency=[case.currency for case in cases],
        key_customer=np.array([case.applicant.key_customer for case in cases], dtype=np.bool_),
        monitoring=np.array([case.kind == Kind.MONITORING for case in cases], dtype=np.bool_),
        explained=np.array([each is not None and each.explanation_holds for each in found], dtype=np.bool_),
    )


def _write(
    policy: Policy | None,
    cases: Sequence[Case],
    verdicts: Sequence[Verdict],
    assessments: Mapping[int, Assessment],
    *,
    due_at: datetime,
) -> int:
    now = timezone.now()
    moves: dict[str, list[Move]] = {step: [] for step in STEP_OF_WAY.values()}
    routes: dict[int, tuple[Any, ...]] = {}
    for case, verdict in zip(cases, verdicts, strict=True):
        facts: dict[str, Any] = {
            "way": verdict.way,
            "policy": str(policy) if policy else "",
            "reasons": verdict.reasons,
        }
        if verdict.is_audit:
            facts["audit_probability"] = verdict.audit_probability
        moves[STEP_OF_WAY[verdict.way]].append(
            Move(case.pk, case.version, changes=_changes(verdict, now=now, due_at=due_at), facts=facts)
        )
        assessment = assessments.get(case.pk)
        routes[case.pk] = (
            case.pk,
            case.version,
            policy.pk if policy else None,
            assessment.pk if assessment else None,
            verdict.way,
            verdict.advice,
            verdict.reasons,
            verdict.is_audit,
            verdict.audit_probability,
            verdict.rank,
        )
    moved = [key for step, each in moves.items() for key in move_cases(step, each)]
    copy_rows(Route, ROUTE_FIELDS, [routes[key] for key in moved])
    return len(moved)


def _changes(verdict: Verdict, *, now: datetime, due_at: datetime) -> dict[str, Any]:
    if verdict.way == "review":
        return {
            "advice": verdict.advice,
            "why": verdict.reasons,
            "queue_tier": verdict.tier,
            "queue_rank": verdict.rank,
            "queued_at": now,
            "due_at": due_at,
        }
    return {
        "advice": verdict.advice,
        "why": verdict.reasons,
        "outcome": verdict.way,
        "decided_by": DecidedBy.MACHINE.value,
        "decided_at": now,
    }


def draft_policy(product: str, *, by: User, terms: Terms) -> Policy:
    """A new version, not in force. Raises NotAllowed unless `by` is an admin."""
    if by.role != Role.ADMIN:
        raise NotAllowed
    with transaction.atomic(durable=True):
        # Two drafts at once: the second counts the numbers when the first has taken its own.
        hold(f"policies of {product}")
        last = max(Policy.objects.filter(product=product).values_list("number", flat=True), default=0)
        return Policy.objects.create(
            product=product, number=last + 1, terms=terms.as_dict(), sha256=terms.sha256, drafted_by=by
        )


def publish_policy(policy_id: int, *, by: User) -> Policy:
    """Put a draft in force; the version before is retired.

    Raises:
        FourEyes: `by` drafted it. NotAllowed: neither supervisor nor admin. CaseMoved: it is no draft any more.
    """
    if by.role not in (Role.SUPERVISOR, Role.ADMIN):
        raise NotAllowed
    with transaction.atomic(durable=True):
        # Two publications at once: the second retires the first one's version.
        hold(f"policies of {Policy.objects.get(pk=policy_id).product}")
        policy = Policy.objects.select_for_update().get(pk=policy_id)
        if policy.status != Policy.Status.DRAFT:
            raise CaseMoved(_("This version is not a draft any more."))
        if policy.drafted_by_id == by.pk:
            raise FourEyes(_("A second person must publish: nobody publishes their own draft."))
        Policy.objects.filter(product=policy.product, status=Policy.Status.ACTIVE).update(status=Policy.Status.RETIRED)
        policy.status = Policy.Status.ACTIVE
        policy.published_by = by
        policy.published_at = timezone.now()
        policy.save(update_fields=["status", "published_by", "published_at"])
    return policy
