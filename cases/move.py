"""The one door through which a case changes its state: lock, guard, change, event, wake-up, in one transaction.

Two handles on the same declared transitions (`cases/machine.py`): `move_case` for one case and a person, `move_cases`
for many cases and the machine. Nothing else touches `state` or `version`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django_fsm import ConcurrentTransition, Transition, can_proceed, has_transition_perm
from psycopg import sql

from cases.bulk import copy_rows, update_rows
from cases.errors import CaseMoved, CaseNotFound, NotAllowed, StaleCase
from cases.machine import BIRTH
from cases.models import Case, CaseEvent, User
from cases.states import MACHINE_STATES, State
from cases.wake import wake_machine

EVENT_FIELDS = ("case", "seq", "name", "from_state", "to_state", "facts")


@dataclass(frozen=True)
class Move:
    """One case of a bulk move: its key, the version it was read at, what changes, and what the event tells."""

    case_id: int
    version: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def declared(name: str) -> dict[str, Transition]:
    """The declared transitions of that name, by source state.

    Raises:
        LookupError: when the machine has no such transition.
    """
    state = Case._meta.get_field("state")
    found = {str(each.source): each for each in state.get_all_transitions(Case) if each.name == name}
    if not found:
        raise LookupError(f"the machine has no transition {name!r}")
    return found


def lock_case(case_id: int, *, seen_version: int | None = None) -> Case:
    """Lock one case until the end of the transaction.

    Raises:
        CaseNotFound: no such case.
        StaleCase: the case is not at `seen_version` any more (checked under the lock, so two people who both saw
            version 7 cannot both go on).
    """
    require_transaction()
    case: Case | None = (
        Case.objects.select_for_update(of=("self",)).select_related("applicant").filter(pk=case_id).first()
    )
    if case is None:
        raise CaseNotFound
    if seen_version is not None and case.version != seen_version:
        raise StaleCase
    return case


def move_case(case: Case, name: str, *, by: User | None, facts: Mapping[str, Any], **changes: Any) -> CaseEvent:
    """Move one case that `lock_case` returned. `by=None` is the machine. `changes` are other fields to set.

    Raises:
        CaseMoved: the machine has no such step from the present state.
        NotAllowed: this person may not make it, or it is the machine's alone.
        StaleCase: the row changed under our hands; the compare-and-set on state and version found nothing to update.
    """
    require_transaction()
    transitions = declared(name)
    step = getattr(case, name)
    if not can_proceed(step):
        raise CaseMoved
    rule = transitions.get(case.state) or next(iter(transitions.values()))
    by_machine = rule.permission is None or rule.custom.get("machine", False)
    if (by is None and not by_machine) or (by is not None and rule.permission is None):
        raise NotAllowed
    if by is not None and not has_transition_perm(step, by):
        raise NotAllowed
    source = case.state
    step()
    case.version += 1
    for key, value in changes.items():
        setattr(case, key, value)
    try:
        case.save(update_fields=["state", "version", *changes])
    except ConcurrentTransition as error:
        raise StaleCase from error
    case.loaded_version = case.version
    event = CaseEvent.objects.create(
        case=case, seq=case.version, name=name, from_state=source, to_state=case.state, actor=by, facts=dict(facts)
    )
    if State(case.state) in MACHINE_STATES:
        wake_machine()
    return event


def move_cases(name: str, moves: Sequence[Move]) -> list[int]:
    """Move many cases as the machine: one lock, one UPDATE, one COPY of events. Returns the keys that were moved.

    A case that somebody else moved or holds locked since it was read is left out, not waited for: the version is
    compared under the lock, so two workers with the same chunk move each case once. All moves change the same fields.

    Raises:
        NotAllowed: the transition belongs to people.
    """
    require_transaction()
    if not moves:
        return []
    (source, rule), *others = declared(name).items()
    if others or (rule.permission is not None and not rule.custom.get("machine", False)):
        raise NotAllowed
    free = _lock_free({move.case_id: move.version for move in moves}, source)
    mine = [move for move in sorted(moves, key=lambda move: move.case_id) if move.case_id in free]
    if not mine:
        return []
    target = str(rule.target)
    names = list(mine[0].changes)
    update_rows(
        Case,
        ["id", "state", "version", *names],
        [[move.case_id, target, move.version + 1, *(move.changes[key] for key in names)] for move in mine],
    )
    copy_rows(
        CaseEvent,
        EVENT_FIELDS,
        [(move.case_id, move.version + 1, name, source, target, dict(move.facts)) for move in mine],
    )
    if State(target) in MACHINE_STATES:
        wake_machine()
    return [move.case_id for move in mine]


def record_births(case_ids: Sequence[int], *, facts: Mapping[str, Any]) -> None:
    """The first event of new cases, in the transaction that inserted them."""
    require_transaction()
    told = (1, BIRTH, "", State.RECEIVED.value, dict(facts))
    copy_rows(
        CaseEvent,
        EVENT_FIELDS[:1],
        [(case_id,) for case_id in case_ids],
        same=dict(zip(EVENT_FIELDS[1:], told, strict=True)),
    )
    wake_machine()


def _lock_free(versions: Mapping[int, int], source: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT id, version FROM {} WHERE id = ANY(%s) AND state = %s ORDER BY id FOR UPDATE SKIP LOCKED"
            ).format(sql.Identifier(Case._meta.db_table)),
            [list(versions), source],
        )
        return {case_id for case_id, version in cursor.fetchall() if versions[case_id] == version}


def require_transaction() -> None:
    """Raises RuntimeError outside a transaction: a lock that is gone with its statement protects nothing."""
    if not connection.in_atomic_block:
        raise RuntimeError("a case moves only inside transaction.atomic()")
