"""Closing a breaker: one person asks with a reason, the machine looks on for a while, another person signs."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import CaseError, CaseMoved, CaseNotFound, FourEyes, NotAllowed
from cases.models import User
from cases.states import Role
from routing.breaking import open_again, tell_office
from routing.watched_usual import own_counts, reference_of
from scoring.breaker_rules import rules_in_force
from scoring.models import Breaker, BreakerStep, ModelReference, Stream

CLOSES: Final = (Role.SUPERVISOR, Role.ADMIN)
LACKING: Final = _("Say what was found and mended, in ten characters or more.")


class TooEarly(CaseError):
    status = 409
    code = "breaker_too_early"
    title = _("Too early")
    sentence = _("The breaker opened a moment ago: look into it first.")


class TrialNotOver(CaseError):
    status = 409
    code = "breaker_trial"
    title = _("Still on trial")
    sentence = _("Too few cases have gone by without a sign: wait for more, or say in the rules that none are needed.")


def find_breaker(breaker_id: int) -> Breaker:
    """Raises CaseNotFound."""
    found = Breaker.objects.select_related("model", "asked_by", "closed_by").filter(pk=breaker_id).first()
    if found is None:
        raise CaseNotFound(_("There is no such breaker."))
    return found


def ask_closing(breaker_id: int, *, by: User, reason: str, new_usual: bool = False) -> Breaker:
    """Ask for an open breaker to be closed: half open, people still decide every case, and the machine watches anew.

    `new_usual`: what came since the first sign is how the segment looks from now on. Where it is too little to tell,
    the segment has no usual of its own any more, and learns one from the cases to come.

    Raises:
        NotAllowed: neither supervisor nor administrator. CaseNotFound. BadDecision: no reason.
        CaseMoved: not open, or somebody was faster. TooEarly: within the minutes it stays open at the least.
    """
    _require(by)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    in_force = rules_in_force()
    with transaction.atomic(durable=True):
        breaker = _lock(breaker_id, Breaker.State.OPEN)
        now = timezone.now()
        if now < breaker.opened_at + timedelta(minutes=in_force.dwell_minutes):
            raise TooEarly
        breaker.state, breaker.asked_by, breaker.asked_at, breaker.reason = Breaker.State.HALF_OPEN, by, now, why
        breaker.trial_seen = 0
        breaker.save(update_fields=["state", "asked_by", "asked_at", "reason", "trial_seen"])
        own = _own_since(breaker, in_force.own_cases) if new_usual else []
        Stream.objects.filter(model=breaker.model_id, segment=breaker.segment).update(
            evidence={}, cases=0, **({"own": own, "approvals": {}, "taught_by": []} if new_usual else {})
        )
        facts = {"new_usual": new_usual, "learnt": bool(own)}
        BreakerStep.objects.create(breaker=breaker, name=BreakerStep.Name.ASK, actor=by, note=why, facts=facts)
        tell_office(breaker, "breaker_closing", caused_by=by)
        return breaker


def _own_since(breaker: Breaker, rows: int) -> list[list[int]]:
    """What came since the first sign as the segment's own; [] where it is too little to learn from."""
    reference = reference_of(ModelReference.objects.values_list("pk", flat=True).get(model=breaker.model_id))
    return own_counts(breaker.model_id, breaker.segment, reference, rows, at__gte=breaker.since)


def answer_closing(breaker_id: int, *, by: User, closes: bool, note: str = "") -> Breaker:
    """Sign the closing, and the machine decides again; or refuse it with a note, and the breaker is open.

    Two people answer at once: the row is locked, so the second finds it answered. Signs that the machine finds at the
    same moment wait for the row as well, or were first.

    Raises:
        NotAllowed: neither supervisor nor administrator. CaseNotFound. FourEyes: `by` asked for it. CaseMoved: not half
            open any more. TrialNotOver: signed before enough cases went by. BadDecision: refused without a note.
    """
    _require(by)
    said = rules.checked_note(note, least=0 if closes else rules.NOTE_LEAST, lacking=LACKING, field="note")
    in_force = rules_in_force()
    with transaction.atomic(durable=True):
        breaker = _lock(breaker_id, Breaker.State.HALF_OPEN)
        if breaker.asked_by_id == by.pk:
            raise FourEyes(_("A second person must sign: nobody closes a breaker alone."))
        if not closes:
            open_again(breaker)
            BreakerStep.objects.create(breaker=breaker, name=BreakerStep.Name.REFUSE, actor=by, note=said)
            return breaker
        if breaker.trial_seen < in_force.trial_cases:
            raise TrialNotOver
        breaker.state, breaker.closed_by, breaker.closed_at = Breaker.State.CLOSED, by, timezone.now()
        breaker.save(update_fields=["state", "closed_by", "closed_at"])
        Stream.objects.filter(model=breaker.model_id, segment=breaker.segment).update(evidence={})
        BreakerStep.objects.create(breaker=breaker, name=BreakerStep.Name.CLOSE, actor=by, note=said)
        tell_office(breaker, "breaker_closed", caused_by=by)
        return breaker


def _require(by: User) -> None:
    if not by.is_active or by.role not in CLOSES:
        raise NotAllowed


def _lock(breaker_id: int, state: Breaker.State) -> Breaker:
    breaker = Breaker.objects.select_for_update(no_key=True, of=("self",)).select_related("model").filter(pk=breaker_id)
    found = breaker.first()
    if found is None:
        raise CaseNotFound(_("There is no such breaker."))
    if found.state != state:
        raise CaseMoved(_("Somebody was faster: the breaker is not where this step could be made."))
    return found
