"""Second thoughts: whoever decided takes the decision back before it is released, and holds the case again."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.claiming import end_claim, lease_from_now
from cases.errors import CaseError, CaseMoved, CaseNotFound, NotAllowed, StaleCase
from cases.locks import hold
from cases.models import Case, CaseEvent, Claim, User
from cases.move import lock_case, move_case
from cases.standing import is_released
from cases.states import State

DECISIONS: Final = frozenset({"approve", "decline", "resolve", "ask_signature", "ask_information"})
SIGNED: Final = _("Somebody has signed the decision meanwhile: it cannot be taken back alone any more.")
# What may have followed a decision, and how that is told; anything else has just changed the case.
FOLLOWED: Final[dict[str, Promise]] = {
    "countersign": SIGNED,
    "sign_approval": SIGNED,
    "sign_decline": SIGNED,
    "sign_resolution": SIGNED,
    "revise": SIGNED,
    "send_back": _("The decision was sent back to you already: claim the case again."),
    "receive_information": _("What you asked for has arrived already: claim the case again."),
    "take_back": _("The decision is taken back already."),
}


class DecisionReleased(CaseError):
    code = "released"
    title = _("Released already")
    sentence = _("The decision is released and can no longer be taken back. Ask for the case to be opened again.")


class GoingOn(NamedTuple):
    """The case that its reviewer was given for going on after a decision, at the version it was claimed with."""

    case_id: int
    version: int


def take_back(case_id: int, *, by: User, seen_version: int, following: GoingOn | None = None) -> Case:
    """Take one's own decision back: the case is in one's hands again, under a fresh lease, as if not decided.

    `seen_version` is the version the decision left the case at. `following` goes back to its place in the queue, if
    it was not touched. Against the release, a signature or the answer at the same moment: the row is locked before the
    clock and the version are looked at, so one of them is too late and is told so.

    Raises:
        DecisionReleased: too late. NotAllowed: somebody else decided. CaseMoved, StaleCase: something followed it.
    """
    with transaction.atomic(durable=True):
        # As in claim_next: claims of one person are made one after the other.
        hold(f"claims of {by.pk}")
        locked = _lock_both(case_id, following)
        case = locked[case_id]
        decision = _decision(case, by=by, seen_version=seen_version)
        _check_nothing_followed(case, seen_version)
        if case.released_at is None or is_released(case):
            raise DecisionReleased
        if following is not None and following.case_id in locked:
            _give_back(locked[following.case_id], following, by=by, since=decision)
        lease_until = lease_from_now()
        facts = {"taken_back": decision.name, "lease_until": lease_until.isoformat()}
        undone = {"outcome": "", "decided_by": "", "decided_at": None, "released_at": None}
        kept_for = decision.facts.get("kept_for")
        move_case(case, "take_back", by=by, facts=facts, **undone, reserved_for_id=kept_for)
        Claim.objects.create(case=case, holder=by, lease_until=lease_until)
        return case


def _lock_both(case_id: int, following: GoingOn | None) -> dict[int, Case]:
    """Both cases in the order of their keys, so that two people never wait for each other. The second may be gone."""
    locked = {}
    for key in sorted({case_id, *([following.case_id] if following else [])}):
        try:
            locked[key] = lock_case(key)
        except CaseNotFound:
            if key == case_id:
                raise
    return locked


def _decision(case: Case, *, by: User, seen_version: int) -> CaseEvent:
    decision: CaseEvent | None = case.events.filter(seq=seen_version, name__in=DECISIONS).first()
    if decision is None:
        raise StaleCase
    if decision.actor_id != by.pk:
        raise NotAllowed(_("Only whoever decided can take the decision back."))
    return decision


def _check_nothing_followed(case: Case, seen_version: int) -> None:
    if case.version == seen_version:
        return
    name = case.events.values_list("name", flat=True).get(seq=seen_version + 1)
    if name in FOLLOWED:
        raise CaseMoved(FOLLOWED[name])
    raise StaleCase


def _give_back(case: Case, following: GoingOn, *, by: User, since: CaseEvent) -> None:
    """Only what going on has brought: a case that one held before the decision stays in one's hands."""
    if case.version != following.version or case.state != State.IN_REVIEW:
        return
    claim = Claim.objects.filter(case=case, holder=by, ended_at__isnull=True, claimed_at__gte=since.at).first()
    if claim is not None:
        end_claim(claim)
        move_case(case, "release", by=by, facts={"by_lease": False})
