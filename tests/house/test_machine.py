"""Every state has an owner, a way out, and somebody who makes the step; the drawing of the machine is current."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.states import FINAL_STATES, OWNERS, Owner, Role, State
from riskreview import flow
from riskreview.management.commands import draw_machine
from riskreview.management.commands.draw_machine import document, made_by, transitions

PEOPLE = {role.value for role in Role}
FROM_OUTSIDE = {"receive_information", "withdraw", "take_back", "attach"}


def test_every_state_is_owned() -> None:
    assert set(OWNERS) == set(State)
    assert set(OWNERS.values()) == set(Owner)


def test_every_state_but_the_withdrawn_has_a_way_out() -> None:
    assert {State(str(step.source)) for step in transitions()} == set(State) - {State.WITHDRAWN}


def test_what_is_decided_is_only_taken_back_or_opened_again() -> None:
    steps = {(str(step.source), step.name) for step in transitions() if step.source in FINAL_STATES}
    decided = set(FINAL_STATES) - {State.WITHDRAWN}
    assert steps == {(state.value, name) for state in decided for name in ("take_back", "reopen")}


def test_every_state_can_be_reached_and_every_case_can_end() -> None:
    reached, ending = {State.RECEIVED}, set(FINAL_STATES)
    for _round in State:
        reached |= {State(str(step.target)) for step in transitions() if step.source in reached}
        ending |= {State(str(step.source)) for step in transitions() if step.target in ending}
    assert reached == ending == set(State)


@pytest.mark.parametrize("state", [state for state in State if state not in FINAL_STATES])
def test_the_owner_of_a_state_makes_a_step_out_of_it(state: State) -> None:
    steps = {step.name: set(made_by(step)) for step in transitions() if step.source == state.value}
    assert all(steps.values())
    if OWNERS[state] is Owner.MACHINE:
        assert all(who == {"machine"} for who in steps.values())
        assert state in {step.state for step in flow.STEPS}
    elif OWNERS[state] is Owner.OUTSIDE:
        # The outside world does not sign in: a person records what it answered.
        assert set(steps) == FROM_OUTSIDE
    else:
        assert any(who & PEOPLE for who in steps.values())


def test_the_machine_works_on_its_own_states_only_and_each_once() -> None:
    states = [step.state for step in flow.STEPS]
    assert sorted(states) == sorted(state for state in State if OWNERS[state] is Owner.MACHINE)


def test_nobody_but_reading_is_left_to_auditors() -> None:
    assert all("auditor" not in made_by(step) for step in transitions())


def test_the_drawing_is_current() -> None:
    assert draw_machine.DOCUMENT.read_text(encoding="utf-8") == document()
    out = StringIO()
    call_command("draw_machine", check=True, stdout=out)
    assert out.getvalue() == "docs/case-machine.md is current.\n"


def test_the_drawing_shows_every_step_and_who_makes_it() -> None:
    text = document()
    assert text.count("```mermaid") == 1
    for step in transitions():
        assert f"\n    {step.source} --> {step.target}: {step.name}\n" in text
    assert "\n| `claim` | `queued` | `in_review` | reviewer, supervisor |\n" in text
    assert "\n| `release` | `in_review` | `queued` | machine, reviewer, supervisor |\n" in text
    assert "\n| `score` | `received` | `scored` | machine |\n" in text
    assert "\n| `withdraw` | `waiting_info` | `withdrawn` | supervisor, admin |\n" in text
    assert "\n| `approved` | Approved | nobody, it is decided | `queued`, `in_review` |\n" in text


def test_a_drawing_that_is_old_or_missing_is_told_and_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    place = tmp_path / "docs" / "case-machine.md"
    place.parent.mkdir()
    monkeypatch.setattr(draw_machine, "DOCUMENT", place)
    # By the fixture's own way: undone by monkeypatch, a setting would stay deleted for the tests after it.
    settings.BASE_DIR = tmp_path
    for old in (None, "old\n"):
        if old is not None:
            place.write_text(old)
        with pytest.raises(CommandError, match=r"^docs/case-machine\.md is not what the code says: run "):
            call_command("draw_machine", check=True)
        assert (place.read_text() if place.exists() else None) == old
        out = StringIO()
        call_command("draw_machine", stdout=out)
        assert out.getvalue() == "Wrote docs/case-machine.md.\n"
        assert place.read_text(encoding="utf-8") == document()
