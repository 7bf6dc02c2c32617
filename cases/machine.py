"""The machine of a case on one screen: every state change there is, who may make it, and nothing else.

Transitions only name the change; `cases/move.py` is the one place that calls them. A transition without a permission
is made by the machine only; one marked `ALSO_MACHINE` by a person who may, or by the machine (a lease that ran out).
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from cases import rules
from cases.states import State

ALSO_MACHINE: Final = {"machine": True}
BIRTH: Final = "receive"


class CaseMachine(ConcurrentTransitionMixin, models.Model):
    state = FSMField(choices=State.choices, default=State.RECEIVED, protected=True, max_length=20)

    class Meta:
        abstract = True

    # Arriving: the quality gate, and books decided before this system.
    @transition(state, source=State.RECEIVED, target=State.NEEDS_DATA)
    def hold(self) -> None: ...

    @transition(state, source=State.NEEDS_DATA, target=State.RECEIVED, permission=rules.may_review)
    def supply_data(self) -> None: ...

    @transition(state, source=State.NEEDS_DATA, target=State.RECEIVED)
    def end_quarantine(self) -> None: ...

    @transition(state, source=State.NEEDS_DATA, target=State.RECEIVED)
    def confirm_reading(self) -> None: ...

    @transition(state, source=State.NEEDS_DATA, target=State.NEEDS_DATA, permission=rules.may_review)
    def return_to_source(self) -> None: ...

    @transition(state, source=State.NEEDS_DATA, target=State.RECEIVED)
    def resubmit(self) -> None: ...

    @transition(state, source=State.RECEIVED, target=State.APPROVED)
    def record_approved(self) -> None: ...

    @transition(state, source=State.RECEIVED, target=State.DECLINED)
    def record_declined(self) -> None: ...

    # The machine's own work.
    @transition(state, source=State.RECEIVED, target=State.SCORED)
    def score(self) -> None: ...

    @transition(state, source=State.SCORED, target=State.APPROVED)
    def approve_by_machine(self) -> None: ...

    @transition(state, source=State.SCORED, target=State.DECLINED)
    def decline_by_machine(self) -> None: ...

    @transition(state, source=State.SCORED, target=State.QUEUED)
    def send_to_people(self) -> None: ...

    @transition(state, source=State.RECEIVED, target=State.QUEUED)
    def park(self) -> None: ...

    # A waiting case that nobody has touched, to be scored by the model that came into force since.
    @transition(state, source=State.QUEUED, target=State.RECEIVED)
    def rescore(self) -> None: ...

    # People at work.
    @transition(state, source=State.QUEUED, target=State.IN_REVIEW, permission=rules.may_review)
    def claim(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.QUEUED, permission=rules.may_review, custom=ALSO_MACHINE)
    def release(self) -> None: ...

    # Out of a reviewer's hands without a decision: to somebody else, to a supervisor, until later, or not to me.
    @transition(state, source=State.IN_REVIEW, target=State.QUEUED, permission=rules.may_review)
    def transfer(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.QUEUED, permission=rules.may_review)
    def escalate(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.QUEUED, permission=rules.may_review)
    def snooze(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.QUEUED, permission=rules.may_review)
    def skip(self) -> None: ...

    @transition(state, source=State.QUEUED, target=State.QUEUED, permission=rules.may_place)
    def place(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.WAITING_INFO, permission=rules.may_review)
    def ask_information(self) -> None: ...

    @transition(state, source=State.WAITING_INFO, target=State.QUEUED, permission=rules.may_review)
    def receive_information(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.APPROVED, permission=rules.may_review)
    def approve(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.DECLINED, permission=rules.may_review)
    def decline(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.RESOLVED, permission=rules.may_review)
    def resolve(self) -> None: ...

    # The second pair of eyes, and where it is needed the third: the last to sign decides.
    @transition(state, source=State.IN_REVIEW, target=State.AWAITING_SIGNOFF, permission=rules.may_review)
    def ask_signature(self) -> None: ...

    @transition(state, source=State.AWAITING_SIGNOFF, target=State.AWAITING_SIGNOFF, permission=rules.may_sign)
    def countersign(self) -> None: ...

    @transition(state, source=State.AWAITING_SIGNOFF, target=State.APPROVED, permission=rules.may_sign)
    def sign_approval(self) -> None: ...

    @transition(state, source=State.AWAITING_SIGNOFF, target=State.DECLINED, permission=rules.may_sign)
    def sign_decline(self) -> None: ...

    @transition(state, source=State.AWAITING_SIGNOFF, target=State.RESOLVED, permission=rules.may_sign)
    def sign_resolution(self) -> None: ...

    @transition(state, source=State.AWAITING_SIGNOFF, target=State.QUEUED, permission=rules.may_sign)
    def send_back(self) -> None: ...

    @transition(state, source=State.AWAITING_SIGNOFF, target=State.AWAITING_SIGNOFF, permission=rules.may_sign)
    def revise(self) -> None: ...

    @transition(state, source=State.AWAITING_SIGNOFF, target=State.AWAITING_SIGNOFF, permission=rules.may_ask_signer)
    def ask_signer(self) -> None: ...

    # Who was asked by name and may not sign any more: others can, and nobody waits for them.
    @transition(state, source=State.AWAITING_SIGNOFF, target=State.AWAITING_SIGNOFF, permission=rules.may_review)
    def excuse_signer(self) -> None: ...

    @transition(state, source=State.AWAITING_SIGNOFF, target=State.QUEUED)
    def expire_signoff(self) -> None: ...

    # Second thoughts: alone until the decision is released, after that two people open the case again.
    @transition(
        state,
        source=[State.APPROVED, State.DECLINED, State.RESOLVED, State.AWAITING_SIGNOFF, State.WAITING_INFO],
        target=State.IN_REVIEW,
        permission=rules.may_review,
    )
    def take_back(self) -> None: ...

    @transition(
        state,
        source=[State.APPROVED, State.DECLINED, State.RESOLVED],
        target=State.QUEUED,
        permission=rules.may_reopen,
    )
    def reopen(self) -> None: ...

    # A document is one more thing that a decision stands on: the version moves, the state stays.
    @transition(state, source=State.NEEDS_DATA, target=State.NEEDS_DATA, permission=rules.may_attach)
    @transition(state, source=State.QUEUED, target=State.QUEUED, permission=rules.may_attach)
    @transition(state, source=State.IN_REVIEW, target=State.IN_REVIEW, permission=rules.may_attach)
    @transition(state, source=State.WAITING_INFO, target=State.WAITING_INFO, permission=rules.may_attach)
    @transition(state, source=State.AWAITING_SIGNOFF, target=State.AWAITING_SIGNOFF, permission=rules.may_attach)
    def attach(self) -> None: ...

    # Leaving early.
    @transition(
        state,
        source=[State.NEEDS_DATA, State.QUEUED, State.WAITING_INFO],
        target=State.WITHDRAWN,
        permission=rules.may_withdraw,
    )
    def withdraw(self) -> None: ...
