"""Opening a decided case again: one person asks with a reason, another says yes or no."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, CaseError, CaseMoved, CaseNotFound, ConflictOfInterest, FourEyes, NotAllowed
from cases.models import Case, Reopening, User
from cases.move import lock_case, move_case
from cases.notices import notify
from cases.returning import TOP_TIER
from cases.signers import kept_apart
from cases.states import DecidedBy, Role, State

DECIDED: Final = (State.APPROVED, State.DECLINED, State.RESOLVED)
USUAL_TIME: Final = timedelta(hours=24)


class NotReleased(CaseError):
    code = "not_released"
    title = _("Not released yet")
    sentence = _("The decision is not released yet: whoever made it can take it back.")


class AskedAlready(CaseError):
    code = "asked_already"
    title = _("Asked for already")
    sentence = _("Somebody has asked for this case to be opened again; it waits for an answer.")


def can_reopen(case: Case) -> bool:
    """Whether the case is decided here, for good: neither taken back yet, nor by the lender before this system."""
    released = case.released_at is None or case.released_at <= timezone.now()
    return case.state in DECIDED and case.decided_by != DecidedBy.LENDER and released


def open_requests() -> QuerySet[Reopening]:
    """Requests without an answer, the oldest first."""
    asked = Reopening.objects.filter(verdict=Reopening.Verdict.OPEN)
    return asked.select_related("case__applicant", "asked_by").order_by("id")


def ask_reopening(case_id: int, *, by: User, reason: str) -> Reopening:
    """Ask for a decided case to be opened again. The case itself does not move.

    Two people ask at once: the case is locked, so the second finds the first one's request.

    Raises:
        NotAllowed: reviews nothing. BadDecision: no `reason`. CaseMoved: not decided here. NotReleased: can still be
        taken back. AskedAlready: a request is open.
    """
    if not rules.may_review(None, by):
        raise NotAllowed
    lacking = _("Say why the case should be opened again, in ten characters or more.")
    reason = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        if case.state not in DECIDED or case.decided_by == DecidedBy.LENDER:
            raise CaseMoved
        if not can_reopen(case):
            raise NotReleased
        if case.reopenings.filter(verdict=Reopening.Verdict.OPEN).exists():
            raise AskedAlready
        asked = Reopening.objects.create(case=case, case_version=case.version, asked_by=by, reason=reason)
        supervisors = User.objects.filter(role=Role.SUPERVISOR, is_active=True)
        notify(supervisors, "reopening_asked", case, {"reason": reason}, caused_by=by)
        return asked


def answer_reopening(reopening_id: int, *, by: User, verdict: str, note: str) -> Reopening:
    """Open the case again, free for whoever takes it first, or leave it as it was decided, with the reason.

    Two supervisors answer at once: the case is locked before the request is read, so the second finds it answered.

    Raises:
        NotAllowed: not a supervisor. FourEyes: `by` asked. ConflictOfInterest: with the applicant. CaseNotFound: no
        such request. CaseMoved: answered already, or the case went on. BadDecision: unknown verdict, or refused
        without a note.
    """
    if not rules.may_reopen(None, by):
        raise NotAllowed
    if verdict not in (Reopening.Verdict.APPROVE, Reopening.Verdict.REFUSE):
        raise BadDecision("verdict", _("Open the case again or leave it as decided."))
    opens = verdict == Reopening.Verdict.APPROVE
    note = rules.checked_note(note, least=0 if opens else rules.NOTE_LEAST)
    found = Reopening.objects.filter(pk=reopening_id).values_list("case", flat=True).first()
    if found is None:
        raise CaseNotFound
    with transaction.atomic(durable=True):
        case = lock_case(found)
        asked = Reopening.objects.select_related("asked_by").get(pk=reopening_id)
        if asked.verdict != Reopening.Verdict.OPEN or case.version != asked.case_version:
            raise CaseMoved
        if asked.asked_by_id == by.pk:
            raise FourEyes(_("You asked for it yourself: another person must answer."))
        if by.pk in kept_apart(case):
            raise ConflictOfInterest
        asked.verdict, asked.note, asked.answered_by, asked.answered_at = verdict, note, by, timezone.now()
        asked.save(update_fields=["verdict", "note", "answered_by", "answered_at"])
        notify([asked.asked_by], "reopening_approved" if opens else "reopening_refused", case, {}, caused_by=by)
        if opens:
            _open_again(case, asked, by=by)
        return asked


def _open_again(case: Case, asked: Reopening, *, by: User) -> None:
    """The case waits on top as if not decided, with as much time as it had; who asked, and why, stands with it."""
    now = timezone.now()
    had = case.due_at - case.queued_at if case.due_at and case.queued_at else USUAL_TIME
    facts = {
        "reopening": asked.pk,
        "asked_by": asked.asked_by.display_name,
        "asked_by_id": asked.asked_by_id,
        "outcome_before": case.outcome,
        "reason": asked.reason,
        "note": asked.note,
    }
    move_case(
        case,
        "reopen",
        by=by,
        facts=facts,
        outcome="",
        decided_by=DecidedBy.NOBODY,
        decided_at=None,
        released_at=None,
        reserved_for=None,
        assigned_to=None,
        assigned_at=None,
        snoozed_until=None,
        for_supervisor=False,
        queue_tier=TOP_TIER,
        queue_rank=0.0,
        queued_at=now,
        due_at=now + max(had, timedelta(hours=1)),
        why=[{"code": "reopened", "params": {"reason": asked.reason}}],
    )
