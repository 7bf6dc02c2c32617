"""Every step from every state for everybody: what is allowed moves once, the rest is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cases import actions
from cases.errors import CaseMoved, NotAllowed
from cases.models import Case, User
from cases.move import declared, lock_case, move_case
from cases.states import Role, State
from scoring.actions import score_waiting_cases
from tests import make
from tests.cases.history import everything

REVIEWERS = ("reviewer", "supervisor")
SUPERVISOR = ("supervisor",)
MACHINE = ("machine",)
# What the machine promises, written by hand: step, from, to, and everybody who may make it.
PROMISED = [
    ("hold", "received", "needs_data", MACHINE),
    ("supply_data", "needs_data", "received", REVIEWERS),
    ("return_to_source", "needs_data", "needs_data", REVIEWERS),
    ("resubmit", "needs_data", "received", MACHINE),
    ("rescore", "queued", "received", MACHINE),
    ("end_quarantine", "needs_data", "received", MACHINE),
    ("confirm_reading", "needs_data", "received", MACHINE),
    ("record_approved", "received", "approved", MACHINE),
    ("record_declined", "received", "declined", MACHINE),
    ("score", "received", "scored", MACHINE),
    ("approve_by_machine", "scored", "approved", MACHINE),
    ("decline_by_machine", "scored", "declined", MACHINE),
    ("send_to_people", "scored", "queued", MACHINE),
    ("park", "received", "queued", MACHINE),
    ("claim", "queued", "in_review", REVIEWERS),
    ("release", "in_review", "queued", (*REVIEWERS, "machine")),
    ("ask_information", "in_review", "waiting_info", REVIEWERS),
    ("receive_information", "waiting_info", "queued", REVIEWERS),
    ("approve", "in_review", "approved", REVIEWERS),
    ("decline", "in_review", "declined", REVIEWERS),
    ("resolve", "in_review", "resolved", REVIEWERS),
    ("ask_signature", "in_review", "awaiting_signoff", REVIEWERS),
    ("countersign", "awaiting_signoff", "awaiting_signoff", SUPERVISOR),
    ("sign_approval", "awaiting_signoff", "approved", SUPERVISOR),
    ("sign_decline", "awaiting_signoff", "declined", SUPERVISOR),
    ("sign_resolution", "awaiting_signoff", "resolved", SUPERVISOR),
    ("send_back", "awaiting_signoff", "queued", SUPERVISOR),
    *((name, "in_review", "queued", REVIEWERS) for name in ("transfer", "escalate", "snooze", "skip")),
    ("place", "queued", "queued", REVIEWERS),
    ("revise", "awaiting_signoff", "awaiting_signoff", SUPERVISOR),
    ("ask_signer", "awaiting_signoff", "awaiting_signoff", REVIEWERS),
    ("excuse_signer", "awaiting_signoff", "awaiting_signoff", REVIEWERS),
    ("expire_signoff", "awaiting_signoff", "queued", MACHINE),
    *(
        ("take_back", state, "in_review", REVIEWERS)
        for state in ("approved", "declined", "resolved", "awaiting_signoff", "waiting_info")
    ),
    *(("reopen", state, "queued", SUPERVISOR) for state in ("approved", "declined", "resolved")),
    *(
        ("attach", state, state, REVIEWERS)
        for state in ("needs_data", "queued", "in_review", "waiting_info", "awaiting_signoff")
    ),
    ("withdraw", "needs_data", "withdrawn", ("supervisor", "admin")),
    ("withdraw", "queued", "withdrawn", ("supervisor", "admin")),
    ("withdraw", "waiting_info", "withdrawn", ("supervisor", "admin")),
]
NAMES = sorted({name for name, *_rest in PROMISED})


def held(by: User) -> Case:
    return make.case(findings=[{"feature": "annual_income", "code": "missing"}])


def scored(by: User) -> Case:
    made = make.case()
    score_waiting_cases("tests")
    return make.reread(made)


def waiting(by: User) -> Case:
    case = make.claimed_case(by)
    return actions.ask_information(case.pk, by=by, note="pay slips, please", seen_version=case.version)


def approved(by: User) -> Case:
    return make.queued_case(key_customer=False)


def declined(by: User) -> Case:
    case = make.claimed_case(by, key_customer=False, currency="EUR")
    actions.decide_case(
        case.pk,
        by=by,
        outcome="decline",
        reason_codes=["high_debt"],
        note="a long enough note",
        seen_version=case.version,
    )
    return case


def resolved(by: User) -> Case:
    case = make.claimed_case(by, kind="monitoring")
    actions.decide_case(case.pk, by=by, outcome="watch", reason_codes=[], note="", seen_version=case.version)
    return case


def withdrawn(by: User) -> Case:
    return actions.withdraw_case(make.queued_case().pk, by=by, note="taken back by the branch")


# Each state is reached through the product's own actions, by a supervisor, who may do everything on the way.
REACHED: dict[State, Callable[[User], Case]] = {
    State.RECEIVED: lambda by: make.case(),
    State.NEEDS_DATA: held,
    State.SCORED: scored,
    State.QUEUED: lambda by: make.queued_case(),
    State.IN_REVIEW: make.claimed_case,
    State.WAITING_INFO: waiting,
    State.AWAITING_SIGNOFF: lambda by: make.awaiting_case(by)[0],
    State.APPROVED: approved,
    State.DECLINED: declined,
    State.RESOLVED: resolved,
    State.WITHDRAWN: withdrawn,
}


def changes_for(target: str) -> dict[str, Any]:
    """What the database asks for beside the state."""
    now = timezone.now()
    undecided = {"outcome": "", "decided_by": "", "decided_at": None}
    if target == State.QUEUED:
        return {**undecided, "queue_tier": 1, "queue_rank": 0.5, "queued_at": now, "due_at": now}
    if target == State.IN_REVIEW:
        return undecided
    outcome = {State.APPROVED: "approve", State.DECLINED: "decline", State.RESOLVED: "watch"}.get(State(target))
    return {"outcome": outcome, "decided_by": "person", "decided_at": now} if outcome else {}


@pytest.fixture
def everybody(supervisor: User) -> dict[str, User | None]:
    others = {role.value: make.user(f"any-{role.value}", role) for role in Role}
    return {**others, "machine": None}


def test_the_machine_declares_exactly_what_it_promises() -> None:
    state = Case._meta.get_field("state")
    edges = {(each.name, str(each.source), str(each.target)) for each in state.get_all_transitions(Case)}
    assert edges == {(name, source, target) for name, source, target, _who in PROMISED}
    assert set(REACHED) == set(State)


@pytest.mark.usefixtures("champion", "policy")
@pytest.mark.parametrize("state", list(State), ids=lambda state: state.value)
def test_from_a_state_everybody_can_do_what_is_promised_and_nothing_else(
    state: State, everybody: dict[str, User | None], supervisor: User
) -> None:
    case = make.reread(REACHED[state](supervisor))
    assert case.state == state
    before = everything()
    promised = {name: (target, who) for name, source, target, who in PROMISED if source == state}
    for name in NAMES:
        for who, person in everybody.items():
            point = transaction.savepoint()
            target, allowed = promised.get(name, ("", ()))
            if who in allowed:
                made = move_case(lock_case(case.pk), name, by=person, facts={"a": 1}, **changes_for(target))
                moved = make.reread(case)
                assert (moved.state, moved.version) == (target, case.version + 1), (name, who)
                event = moved.events.latest("seq")
                assert event == made
                assert (event.seq, event.name, event.from_state, event.to_state, event.actor, event.facts) == (
                    moved.version, name, state, target, person, {"a": 1},
                )  # fmt: skip
                assert moved.events.count() == moved.version
            else:
                # Whoever comes too late is told so, even where they would not have been allowed either.
                with pytest.raises(NotAllowed if target else CaseMoved):
                    move_case(lock_case(case.pk), name, by=person, facts={})
                assert everything() == before, (name, who)
            transaction.savepoint_rollback(point)


@pytest.mark.usefixtures("champion", "policy")
def test_somebody_who_left_the_house_may_do_nothing(supervisor: User, everybody: dict[str, User | None]) -> None:
    case, gone = make.queued_case(), everybody["supervisor"]
    assert gone is not None
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    for name in ("claim", "withdraw"):
        with pytest.raises(NotAllowed):
            move_case(lock_case(case.pk), name, by=gone, facts={})
    assert make.reread(case).version == case.version


def test_a_step_that_does_not_exist_is_a_mistake_of_the_program(db: None) -> None:
    with pytest.raises(LookupError, match=r"^the machine has no transition 'teleport'$"):
        declared("teleport")
    case = make.case()
    with pytest.raises(LookupError):
        move_case(lock_case(case.pk), "teleport", by=None, facts={})
    assert make.reread(case).version == 1
