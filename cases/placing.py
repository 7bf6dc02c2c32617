"""Routing acts on waiting cases, one or many: hand them to somebody, free them for all, let them rest for a while.

Each case is its own transaction and its own event, as if it had been placed alone: one that cannot be placed says why
and costs the others nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.claimable import Bar, bar_of
from cases.errors import BadDecision, CaseError, CaseMoved, NotAllowed, StaleCase
from cases.models import Case, User
from cases.move import lock_case, move_case
from cases.notices import notify
from cases.states import Role, State

LONGEST_REST: Final = timedelta(days=30)
MOST_PLACED: Final = 100
# What an act here may change, and what its event keeps under WAS, so that it can be taken back.
PLACE: Final = ("assigned_to_id", "assigned_at", "assigned_at_random", "reserved_for_id", "snoozed_until")
WAS: Final = "was"
BARRED: Final = {
    Bar.ENTERED: _("This person entered the case."),
    Bar.CONFLICT: _("This person has a conflict of interest with the applicant."),
    Bar.DECIDED: _("This person decided the case before."),
    Bar.CONFIRMED: _("This person signed a decision on the case or let it be opened again."),
}


@dataclass(frozen=True)
class Placed:
    """What became of one case: `refusal` is empty where it was placed, and `version` is then what it was left at."""

    case_id: int
    refusal: str = ""
    version: int = 0


def hand_over_cases(case_ids: Iterable[int], *, by: User, to: User, reason: str) -> list[Placed]:
    """Hand waiting cases to `to`, whoever they were handed to before.

    Raises:
        NotAllowed: not a supervisor. BadDecision: no reason, too many cases, or `to` does not look at cases; names the
            field. A case that `to` entered, decided or signed before or has a conflict of interest with is refused by
            itself.
    """
    _require_supervisor(by)
    if not rules.may_review(None, to):
        raise BadDecision("person", _("This person does not look at cases."))
    why = _reason(reason)

    def hand_over(case: Case) -> dict[str, Any]:
        bar = bar_of(case, to)
        if bar is not None:
            raise NotAllowed(BARRED[bar])
        return {"assigned_to": to, "assigned_at": timezone.now(), "assigned_at_random": False, "reserved_for": None}

    facts = {"to": to.pk, "to_name": to.display_name, "reason": why}
    return _each(case_ids, by=by, facts=facts, change=hand_over, tell=(to,))


def free_cases(case_ids: Iterable[int], *, by: User, reason: str) -> list[Placed]:
    """Let waiting cases be taken by whoever comes first, whoever they were handed to or kept for. Raises as
    `hand_over_cases`."""
    _require_supervisor(by)
    free = {"assigned_to": None, "assigned_at": None, "assigned_at_random": False, "reserved_for": None}
    return _each(case_ids, by=by, facts={"freed": True, "reason": _reason(reason)}, change=lambda case: free)


def rest_cases(case_ids: Iterable[int], *, by: User, until: datetime, reason: str) -> list[Placed]:
    """Let waiting cases rest: nobody is offered them before `until`, then they are back at their places.

    Raises:
        NotAllowed: not a supervisor. BadDecision: no reason, or a moment that is past or more than 30 days away.
    """
    _require_supervisor(by)
    why = _reason(reason)
    if not timezone.now() < until <= timezone.now() + LONGEST_REST:
        raise BadDecision("until", _("Choose a moment within the next 30 days."))
    facts = {"until": until.isoformat(), "reason": why}
    return _each(case_ids, by=by, facts=facts, change=lambda case: {"snoozed_until": until})


def put_back(seen: Mapping[int, int], *, by: User) -> list[Placed]:
    """Take one's own placing of cases back: each is where it was before. `seen` has the version it was left at.

    A case that was claimed or placed anew since then is refused by itself. Raises as `hand_over_cases`.
    """
    _require_supervisor(by)
    return [_one(key, lambda key: _put_back(key, seen[key], by)) for key in seen]


def _put_back(case_id: int, version: int, by: User) -> int:
    case = lock_case(case_id)
    if case.version != version:
        raise StaleCase
    placed = case.events.filter(seq=version, name="place", actor=by, facts__has_key=WAS).first()
    if placed is None:
        raise NotAllowed(_("You did not place the case."))
    was = dict(placed.facts[WAS])
    for moment in ("assigned_at", "snoozed_until"):
        was[moment] = datetime.fromisoformat(was[moment]) if was[moment] else None
    return move_case(case, "place", by=by, facts={"put_back": True}, **was).seq


def _require_supervisor(by: User) -> None:
    if not by.is_active or by.role != Role.SUPERVISOR:
        raise NotAllowed


def _reason(reason: str) -> str:
    lacking = _("Say why, in ten characters or more.")
    return rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")


def _each(
    case_ids: Iterable[int],
    *,
    by: User,
    facts: dict[str, Any],
    change: Callable[[Case], dict[str, Any]],
    tell: tuple[User, ...] = (),
) -> list[Placed]:
    keys = list(dict.fromkeys(case_ids))
    if not keys:
        raise BadDecision("refs", _("Choose at least one case."))
    if len(keys) > MOST_PLACED:
        raise BadDecision("refs", _("Choose 100 cases or fewer at a time."))

    def place(key: int) -> int:
        case = lock_case(key)
        # Whoever claims at the same moment holds the row: the loser of the two finds the case moved on.
        if case.state != State.QUEUED:
            raise CaseMoved
        was = {name: getattr(case, name) for name in PLACE}
        kept = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in was.items()}
        event = move_case(case, "place", by=by, facts={**facts, WAS: kept}, **change(case))
        notify(tell, "assigned", case, {}, caused_by=by)
        return event.seq

    return [_one(key, place) for key in keys]


def _one(case_id: int, step: Callable[[int], int]) -> Placed:
    try:
        with transaction.atomic(durable=True):
            return Placed(case_id, version=step(case_id))
    except CaseError as refusal:
        return Placed(case_id, str(refusal))
