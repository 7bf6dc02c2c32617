"""Waiting for the applicant or the branch: the question that stops the clock, and the answer."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.claiming import end_claim, lock_held
from cases.deciding import kept_for
from cases.desk_rules import working_hours
from cases.errors import CaseMoved
from cases.models import Case, User
from cases.move import lock_case, move_case
from cases.returning import back_to
from cases.standing import release_hold
from cases.states import State
from cases.working_time import add_working_hours, working_seconds


def ask_information(case_id: int, *, by: User, note: str, seen_version: int) -> Case:
    """Stop the clock and wait for the applicant or the branch. The note says what was asked for."""
    lacking = _("Say in the note what is needed, in ten characters or more.")
    note = rules.checked_note(note, least=rules.NOTE_LEAST, lacking=lacking)
    held = release_hold()
    with transaction.atomic(durable=True):
        case, claim = lock_held(case_id, by=by, seen_version=seen_version)
        end_claim(claim)
        facts = {"note": note, **kept_for(case)}
        move_case(case, "ask_information", by=by, facts=facts, reserved_for=by, released_at=timezone.now() + held)
        return case


def receive_information(case_id: int, *, by: User, note: str) -> Case:
    """The answer is here: back on top of the queue of whoever asked; the time waited is added to the due time."""
    note = rules.checked_note(note)
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        if case.state != State.WAITING_INFO:
            raise CaseMoved
        asked = case.events.filter(name="ask_information").latest("seq")
        now, desk = timezone.now(), working_hours()
        waited = working_seconds(asked.at, now, desk)
        place = back_to(case.reserved_for or by, "information_arrived")
        # What was left of the working time when it was asked is left again now.
        left = working_seconds(asked.at, case.due_at or now, desk)
        due_at = add_working_hours(now, left / 3600, desk) if left > 0 else now + timedelta(seconds=left)
        facts = {"note": note, "waited_seconds": int(waited)}
        move_case(case, "receive_information", by=by, facts=facts, **place, due_at=due_at)
        return case
