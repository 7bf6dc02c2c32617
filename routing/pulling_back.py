"""What the machine decided since the first sign of an open breaker: listed, asked back, and opened again by another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cases import rules
from cases.errors import CaseError, NotAllowed
from cases.models import Case, Reopening, User
from cases.reopening import answer_reopening, ask_reopening
from cases.states import DecidedBy, Role, State
from routing.breaker_life import LACKING, find_breaker
from routing.models import Route
from scoring.models import Assessment, Breaker, BreakerStep
from scoring.segments import filter_of

# One go: a case each is a transaction of its own, so that one that cannot be asked back costs the others nothing.
MOST: Final = 500
ANSWERS: Final = (Role.SUPERVISOR,)
DECIDED: Final = (State.APPROVED, State.DECLINED)


@dataclass(frozen=True)
class PulledBack:
    """How many were asked back or opened again, and how many were refused and by what."""

    done: int
    refused: dict[str, int]


def affected(breaker: Breaker) -> QuerySet[Case]:
    """Cases of the segment that the machine decided by the model since the first sign, and that stand as decided."""
    of_segment = {f"case__{name}": value for name, value in filter_of(breaker.segment).items()}
    routes = Route.objects.filter(
        way__in=(Route.Way.APPROVE, Route.Way.DECLINE),
        assessment__model=breaker.model_id,
        at__gte=breaker.since,
        **of_segment,
    )
    # Those of one chunk were scored at the same moment: the ones before the first sign are not among them.
    first = Assessment.objects.filter(case=breaker.first_case, model=breaker.model_id, at=breaker.since).order_by("pk")
    routes = routes.filter(assessment__gte=Coalesce(Subquery(first.values("pk")[:1]), 0))
    routes = routes.filter(at__lte=breaker.closed_at) if breaker.closed_at else routes
    decided: QuerySet[Case] = Case.objects.filter(state__in=DECIDED, decided_by=DecidedBy.MACHINE)
    found: QuerySet[Case] = decided.filter(pk__in=routes.values("case")).order_by("pk")
    return found


def asked_back(breaker: Breaker) -> QuerySet[Reopening]:
    """Requests to open affected cases again that wait for an answer."""
    waiting = Reopening.objects.filter(verdict=Reopening.Verdict.OPEN, case__in=affected(breaker))
    return waiting.select_related("case", "asked_by").order_by("pk")


def pull_back(breaker_id: int, *, by: User, reason: str, approved_only: bool = True) -> PulledBack:
    """Ask for the affected decisions to be opened again: those approved, or all. At most MOST in one go.

    What was released may be with the applicant already, so nothing moves until a second person has looked: each is a
    request like any other (`cases/reopening.py`), and another supervisor answers.

    Raises:
        NotAllowed: no supervisor. CaseNotFound. BadDecision: no reason.
    """
    if by.role not in ANSWERS:
        raise NotAllowed
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    breaker = find_breaker(breaker_id)
    open_one = Reopening.objects.filter(case=OuterRef("pk"), verdict=Reopening.Verdict.OPEN)
    wanted = affected(breaker).filter(~Exists(open_one))
    wanted = wanted.filter(state=State.APPROVED) if approved_only else wanted
    keys = wanted.values_list("pk", flat=True)[:MOST]
    found = _each(list(keys), lambda key: ask_reopening(key, by=by, reason=why))
    return _told(breaker, BreakerStep.Name.PULL_BACK, found, by=by, note=why)


def open_pulled_back(breaker_id: int, *, by: User) -> PulledBack:
    """Open every affected case again that somebody else asked back: they wait on top of the queue as if not decided.

    Raises:
        NotAllowed: no supervisor. CaseNotFound.
    """
    if by.role not in ANSWERS:
        raise NotAllowed
    breaker = find_breaker(breaker_id)
    keys = asked_back(breaker).values_list("pk", flat=True)[:MOST]
    yes = Reopening.Verdict.APPROVE
    found = _each(list(keys), lambda key: answer_reopening(key, by=by, verdict=yes, note=""))
    return _told(breaker, BreakerStep.Name.ANSWER, found, by=by, note="")


def _each(keys: Sequence[int], act: Callable[[int], object]) -> PulledBack:
    done, refused = 0, Counter[str]()
    for key in keys:
        try:
            act(key)
            done += 1
        except CaseError as refusal:
            refused[refusal.code] += 1
    return PulledBack(done, dict(refused))


def _told(breaker: Breaker, name: str, found: PulledBack, *, by: User, note: str) -> PulledBack:
    with transaction.atomic(durable=True):
        facts = {"done": found.done, "refused": found.refused}
        BreakerStep.objects.create(breaker=breaker, name=name, actor=by, note=note, facts=facts)
    return found
