"""Notes and reasons: without the space around them, as long as they must be, and never longer than 4,000 characters."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases import actions, rules
from cases.errors import BadDecision
from cases.models import Case, User
from tests import make
from tests.cases.history import everything

LONG = "长" * 4001


@pytest.mark.parametrize(("note", "least"), [("", 0), ("  ", 0), ("ten chars!", 10), (" " * 9 + "x" * 4000, 10)])
def test_a_note_is_kept_without_the_space_around_it(note: str, least: int) -> None:
    assert rules.checked_note(f" {note}\n", least=least) == note.strip()


@pytest.mark.parametrize(("note", "least"), [("", 1), ("nine char", 10), (" nine char ", 10), (LONG, 0), (LONG, 10)])
def test_a_note_that_is_too_short_or_too_long_is_refused_at_its_field(note: str, least: int) -> None:
    with pytest.raises(BadDecision) as refusal:
        rules.checked_note(note, least=least, lacking="More, please.", field="reason")
    too_long = len(note) > 4000
    assert refusal.value.field == "reason"
    assert str(refusal.value) == ("Keep the note to 4,000 characters or fewer." if too_long else "More, please.")


ACTS: dict[str, Callable[[Case, Case, User, User], object]] = {
    "decide": lambda mine, waits, reviewer, supervisor: actions.decide_case(
        mine.pk, by=reviewer, outcome="decline", reason_codes=["high_debt"], note=LONG, seen_version=mine.version
    ),
    "ask": lambda mine, waits, reviewer, supervisor: actions.ask_information(
        mine.pk, by=reviewer, note=LONG, seen_version=mine.version
    ),
    "confirm": lambda mine, waits, reviewer, supervisor: actions.sign_case(
        waits.pk, by=supervisor, verdict="confirm", note=LONG, seen_version=waits.version
    ),
    "send back": lambda mine, waits, reviewer, supervisor: actions.sign_case(
        waits.pk, by=supervisor, verdict="send_back", note=LONG, seen_version=waits.version
    ),
    "receive": lambda mine, waits, reviewer, supervisor: actions.receive_information(mine.pk, by=reviewer, note=LONG),
    "withdraw": lambda mine, waits, reviewer, supervisor: actions.withdraw_case(mine.pk, by=supervisor, note=LONG),
}


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS)
def test_no_act_keeps_a_note_of_more_than_4000_characters(act: str, reviewer: User, supervisor: User) -> None:
    waits, _review = make.awaiting_case(reviewer, "A-1")
    mine = make.claimed_case(reviewer, "A-2")
    before = everything()
    with pytest.raises(BadDecision) as refusal:
        ACTS[act](mine, waits, reviewer, supervisor)
    assert (refusal.value.field, refusal.value.status) == ("note", 422)
    assert everything() == before
