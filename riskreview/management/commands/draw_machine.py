"""`draw_machine`: the machine of a case as a diagram and tables in docs/case-machine.md, made from the code."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django_fsm import Transition

from cases.machine import BIRTH
from cases.models import Case, User
from cases.states import FINAL_STATES, OWNERS, Owner, Role, State

DOCUMENT: Final = settings.BASE_DIR / "docs" / "case-machine.md"
LANGUAGE: Final = "en"
OWNED_BY: Final = {
    Owner.MACHINE: "the machine",
    Owner.PERSON: "a person",
    Owner.OUTSIDE: "the outside world",
    Owner.NOBODY: "nobody, it is decided",
}
LOOKS: Final = {
    Owner.MACHINE: "stroke-width:1px",
    Owner.PERSON: "stroke-width:3px",
    Owner.OUTSIDE: "stroke-width:1px,stroke-dasharray:5",
    Owner.NOBODY: "stroke-width:1px",
}


class Command(BaseCommand):
    help = "Write docs/case-machine.md from the code; with --check only say whether it is current."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when the file is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted, name = document(), DOCUMENT.relative_to(settings.BASE_DIR)
        if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == wanted:
            self.stdout.write(f"{name} is current.")
        elif options["check"]:
            raise CommandError(f"{name} is not what the code says: run `python manage.py draw_machine`.")
        else:
            DOCUMENT.write_text(wanted, encoding="utf-8")
            self.stdout.write(f"Wrote {name}.")


def document() -> str:
    """The whole document, always in English."""
    with translation.override(LANGUAGE):
        return "\n".join(
            [
                "# The machine of a case",
                "",
                "Made by `python manage.py draw_machine` from the machine, states and rules in `cases/`.",
                "The database refuses every other step (`cases/migrations/0007_review_desk_guards.py`).",
                "Thick frames wait for a person, a dashed one for the outside world.",
                "",
                "```mermaid",
                *_diagram(),
                "```",
                "",
                "## Who owns a state",
                "",
                *_table(("State", "Shown as", "Owner", "Ways out"), map(_state_row, State)),
                "",
                "## Who makes a step",
                "",
                *_table(("Step", "From", "To", "Made by"), _step_rows()),
                "",
            ]
        )


def transitions() -> list[Transition]:
    """Every declared step, one for each state it starts from, in the order of the states."""
    order = {state.value: place for place, state in enumerate(State)}
    found = Case._meta.get_field("state").get_all_transitions(Case)
    return sorted(found, key=lambda each: (order[str(each.source)], order[str(each.target)], each.name))


def made_by(step: Transition) -> list[str]:
    """Who may make a step: "machine" and the roles, found by asking the step's own permission."""
    machine = step.permission is None or step.custom.get("machine", False)
    people = [role.value for role in Role if step.permission is not None and step.has_perm(Case(), User(role=role))]
    return [*(["machine"] if machine else []), *people]


def _diagram() -> list[str]:
    lines = ["stateDiagram-v2", f"    [*] --> {State.RECEIVED.value}: {BIRTH}"]
    lines += [f"    {step.source} --> {step.target}: {step.name}" for step in transitions()]
    lines += [f"    {state.value} --> [*]" for state in FINAL_STATES]
    owners = {owner: [state.value for state in State if OWNERS[state] is owner] for owner in Owner}
    lines += [f"    classDef {owner.value} {LOOKS[owner]}" for owner in owners]
    lines += [f"    class {','.join(states)} {owner.value}" for owner, states in owners.items()]
    return lines


def _state_row(state: State) -> tuple[str, ...]:
    steps = [step for step in transitions() if step.source == state.value != step.target]
    ways = dict.fromkeys(f"`{step.target}`" for step in steps)
    return f"`{state.value}`", str(state.label), OWNED_BY[OWNERS[state]], ", ".join(ways) or "none"


def _step_rows() -> Iterable[tuple[str, ...]]:
    yield f"`{BIRTH}`", "", f"`{State.RECEIVED.value}`", "machine"
    for step in transitions():
        yield f"`{step.name}`", f"`{step.source}`", f"`{step.target}`", ", ".join(made_by(step))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
