"""Budgets of exploration: asked for, signed by another, spent under a lock, stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cases.errors import BadDecision, CaseMoved, CaseNotFound, FourEyes, NotAllowed, StaleCase
from cases.models import User
from cases.states import Role
from routing.arms import Exploration as ExplorationTerms
from routing.exploring import ask_exploration, lock_budget, sign_exploration, spend, stop_exploration
from routing.models import Exploration, Policy
from tests import make
from tests.together import at_once, together

EXPLORING = ExplorationTerms(
    rate=0.1, highest_pd=0.3, highest_exposure=500.0, budget=1000.0, most_bads=5, most_loss_share=0.5,
    tolerated_bad_rate=0.4,
)  # fmt: skip
BUDGET = Decimal(1000)


@pytest.fixture
def exploring(admin: User, supervisor: User) -> Policy:
    return make.policy(admin, supervisor, exploration=EXPLORING)


def signed(policy: Policy, admin: User, supervisor: User) -> Exploration:
    asked = ask_exploration(policy.pk, by=admin, budget=BUDGET)
    return sign_exploration(asked.pk, by=supervisor, seen_budget=BUDGET)


def steps(policy: Policy) -> list[str]:
    return list(policy.steps.filter(name__contains="explor").values_list("name", flat=True))


def test_a_budget_is_asked_for_by_an_admin_and_signed_by_a_supervisor(
    exploring: Policy, admin: User, supervisor: User
) -> None:
    asked = ask_exploration(exploring.pk, by=admin, budget=BUDGET)
    assert lock_budget(exploring) is None
    made = sign_exploration(asked.pk, by=supervisor, seen_budget=BUDGET)
    assert (made.asked_by, made.signed_by, made.left) == (admin, supervisor, BUDGET)
    assert lock_budget(exploring) == made
    assert steps(exploring) == ["ask_exploring", "explore"]
    assert exploring.steps.get(name="explore").facts == {"budget": "1000.00", "spent": "0.00", "currency": "USD"}


def test_the_role_decides_who_asks_signs_and_stops(exploring: Policy, admin: User, supervisor: User) -> None:
    reviewer, other = make.user("somebody", Role.REVIEWER), make.user("other", Role.ADMIN)
    for stranger in (reviewer, supervisor):
        with pytest.raises(NotAllowed):
            ask_exploration(exploring.pk, by=stranger, budget=BUDGET)
    asked = ask_exploration(exploring.pk, by=admin, budget=BUDGET)
    for stranger in (reviewer, other):
        with pytest.raises(NotAllowed):
            sign_exploration(asked.pk, by=stranger, seen_budget=BUDGET)
    with pytest.raises(NotAllowed):
        stop_exploration(asked.pk, by=reviewer, reason="why not")
    assert (Exploration.objects.get().signed_by, steps(exploring)) == (None, ["ask_exploring"])


def test_nobody_signs_what_they_asked_for_even_with_another_role_by_then(
    exploring: Policy, admin: User, supervisor: User
) -> None:
    asked = ask_exploration(exploring.pk, by=admin, budget=BUDGET)
    admin.role = Role.SUPERVISOR
    with pytest.raises(FourEyes):
        sign_exploration(asked.pk, by=admin, seen_budget=BUDGET)
    assert Exploration.objects.get().signed_by is None


@pytest.mark.parametrize("budget", ["0", "-1", "NaN", "Infinity", "1000.01"])
def test_a_budget_is_above_zero_and_no_more_than_the_terms_allow(exploring: Policy, admin: User, budget: str) -> None:
    with pytest.raises(BadDecision) as refusal:
        ask_exploration(exploring.pk, by=admin, budget=Decimal(budget))
    assert (refusal.value.field, Exploration.objects.count()) == ("budget", 0)


@pytest.mark.parametrize("terms", [None, replace(EXPLORING, rate=0.0)])
def test_a_version_that_does_not_explore_has_no_budget(
    admin: User, supervisor: User, terms: ExplorationTerms | None
) -> None:
    policy = make.policy(admin, supervisor, exploration=terms)
    with pytest.raises(BadDecision, match="does not explore"):
        ask_exploration(policy.pk, by=admin, budget=BUDGET)
    assert Exploration.objects.count() == 0


def test_a_budget_is_asked_for_under_a_version_in_force_or_waiting(
    exploring: Policy, admin: User, supervisor: User
) -> None:
    proposed = make.proposed(admin, exploration=EXPLORING)
    with pytest.raises(CaseMoved):
        ask_exploration(proposed.pk, by=admin, budget=BUDGET)
    waiting = make.approved(proposed, supervisor, starts_at=timezone.now() + timedelta(hours=1))
    assert ask_exploration(waiting.pk, by=admin, budget=BUDGET).policy == waiting
    asked = ask_exploration(exploring.pk, by=admin, budget=BUDGET)
    make.policy(admin, supervisor)
    with pytest.raises(CaseMoved):
        sign_exploration(asked.pk, by=supervisor, seen_budget=BUDGET)


def test_a_request_is_signed_as_it_was_seen(exploring: Policy, admin: User, supervisor: User) -> None:
    asked = ask_exploration(exploring.pk, by=admin, budget=Decimal(500))
    with pytest.raises(CaseMoved, match="asked for under this version already"):
        ask_exploration(exploring.pk, by=admin, budget=BUDGET)
    stop_exploration(asked.pk, by=admin, reason="mistyped")
    with pytest.raises(CaseMoved, match="signed or stopped already"):
        sign_exploration(asked.pk, by=supervisor, seen_budget=Decimal(500))
    again = ask_exploration(exploring.pk, by=admin, budget=BUDGET)
    with pytest.raises(StaleCase, match="not the one that you saw"):
        sign_exploration(again.pk, by=supervisor, seen_budget=Decimal(500))
    assert Exploration.objects.get().signed_by is None
    sign_exploration(again.pk, by=supervisor, seen_budget=BUDGET)
    assert steps(exploring) == ["ask_exploring", "stop_exploring", "ask_exploring", "explore"]


def test_what_was_signed_and_stopped_never_opens_again(exploring: Policy, admin: User, supervisor: User) -> None:
    made = signed(exploring, admin, supervisor)
    with pytest.raises(BadDecision, match="Say why"):
        stop_exploration(made.pk, by=supervisor, reason=" ")
    stopped = stop_exploration(made.pk, by=None, reason="five bads")
    assert (stopped.stop_reason, lock_budget(exploring)) == ("five bads", None)
    told = exploring.steps.get(name="stop_exploring")
    assert (told.actor, told.note, told.facts["stop"]) == (None, "", "five bads")
    refused: list[Any] = [
        lambda: stop_exploration(made.pk, by=supervisor, reason="again"),
        lambda: sign_exploration(made.pk, by=supervisor, seen_budget=BUDGET),
        lambda: ask_exploration(exploring.pk, by=admin, budget=BUDGET),
    ]
    for call in refused:
        with pytest.raises(CaseMoved):
            call()
    assert steps(exploring) == ["ask_exploring", "explore", "stop_exploring"]


def test_a_spent_budget_is_none(exploring: Policy, admin: User, supervisor: User) -> None:
    signed(exploring, admin, supervisor)
    budget = lock_budget(exploring)
    assert budget is not None
    for amount in ("0", "-1", "1000.01"):
        with pytest.raises(ValueError, match="cannot be spent"):
            spend(budget, Decimal(amount))
    spend(budget, Decimal("999.99"))
    again = lock_budget(exploring)
    assert again is not None
    assert again.left == Decimal("0.01")
    spend(again, Decimal("0.01"))
    assert (lock_budget(exploring), Exploration.objects.get().spent) == (None, BUDGET)


def test_workers_at_once_never_spend_more_than_there_is(
    shared_db: None, exploring: Policy, admin: User, supervisor: User
) -> None:
    signed(exploring, admin, supervisor)

    def route() -> bool:
        with transaction.atomic():
            budget = lock_budget(exploring)
            if budget is None or budget.left < 300:
                return False
            spend(budget, Decimal(300))
            return True

    assert sorted(together([route] * 5)) == [False, False, True, True, True]
    assert Exploration.objects.get().spent == 900


def test_signing_and_stopping_at_once_leave_it_stopped(
    shared_db: None, exploring: Policy, admin: User, supervisor: User
) -> None:
    asked = ask_exploration(exploring.pk, by=admin, budget=BUDGET)
    at_once(
        lambda: sign_exploration(asked.pk, by=supervisor, seen_budget=BUDGET),
        lambda: stop_exploration(asked.pk, by=admin, reason="not now"),
    )
    assert Exploration.objects.get().stopped_at is not None
    assert steps(exploring)[-1] == "stop_exploring"


def test_outside_a_transaction_no_budget_is_locked(shared_db: None, exploring: Policy) -> None:
    with pytest.raises(RuntimeError):
        lock_budget(exploring)


def test_an_exploration_that_does_not_exist_is_not_found(supervisor: User) -> None:
    with pytest.raises(CaseNotFound, match="no such exploration"):
        sign_exploration(404, by=supervisor, seen_budget=BUDGET)
