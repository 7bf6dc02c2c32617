"""What comes into force without a new approval: a version whose time has come, and an earlier one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.errors import BadDecision, CaseMoved, CaseNotFound, FourEyes, NotAllowed
from cases.models import User
from cases.states import Role
from riskreview import flow
from routing import drafting
from routing.actions import active_policy
from routing.in_force import activate_due_policies, roll_back_policy
from routing.models import Policy
from routing.publication import propose_policy, return_policy
from scoring.models import ModelVersion
from tests import make
from tests.routing.tampering import tampering
from tests.routing.test_drafting import edited
from tests.together import at_once, together


def waiting(admin: User, supervisor: User) -> Policy:
    """A version that starts in an hour."""
    proposed = make.proposed(admin, sla_hours=8)
    return make.approved(proposed, supervisor, starts_at=timezone.now() + timedelta(hours=1))


def due(admin: User, supervisor: User) -> Policy:
    """A version whose hour is over."""
    made = waiting(admin, supervisor)
    with tampering():
        Policy.objects.filter(pk=made.pk).update(starts_at=timezone.now() - timedelta(seconds=1))
    return made


def statuses() -> dict[int, str]:
    return dict(Policy.objects.values_list("number", "status"))


def test_a_version_waits_for_its_time(admin: User, supervisor: User) -> None:
    first = make.policy(admin, supervisor)
    made = waiting(admin, supervisor)
    assert (made.status, made.published_by) == ("scheduled", supervisor)
    assert activate_due_policies() == 0
    assert (statuses(), active_policy("consumer")) == ({1: "active", 2: "scheduled"}, first)


def test_the_sweep_puts_it_in_force_when_its_time_has_come(admin: User, supervisor: User) -> None:
    first = make.policy(admin, supervisor)
    made = due(admin, supervisor)
    flow.sweep()
    assert statuses() == {1: "retired", 2: "active"}
    told = made.steps.last()
    assert told is not None
    assert (told.name, told.actor, told.facts) == ("activate", None, {"instead_of": first.pk})
    assert activate_due_policies() == 0


def test_two_workers_at_once_put_it_in_force_once(shared_db: None, admin: User, supervisor: User) -> None:
    make.policy(admin, supervisor)
    made = due(admin, supervisor)
    assert sorted(together([activate_due_policies] * 2)) == [0, 1]
    assert (statuses(), made.steps.filter(name="activate").count()) == ({1: "retired", 2: "active"}, 1)


def test_a_version_whose_base_was_replaced_goes_back_and_says_why(admin: User, supervisor: User) -> None:
    make.policy(admin, supervisor)
    made = due(admin, supervisor)
    between = make.policy(admin, supervisor, audit_share=0.1)
    assert activate_due_policies() == 0
    assert statuses() == {1: "retired", 2: "draft", 3: "active"}
    again = Policy.objects.get(pk=made.pk)
    assert (again.simulation, again.published_by, again.starts_at) == (None, None, None)
    told = made.steps.last()
    assert told is not None
    assert (told.name, told.actor, told.facts["code"], told.facts["present"]) == (
        "return", None, "base_replaced", between.pk,
    )  # fmt: skip
    assert told.reason == "Another version came into force than the one it was simulated against."
    assert told.facts["simulation_sha256"] == made.simulation_sha256


def test_a_version_whose_model_was_replaced_goes_back_and_says_why(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    first = make.policy(admin, supervisor)
    made = due(admin, supervisor)
    other = make.other_champion(champion)
    assert activate_due_policies() == 0
    assert (statuses(), active_policy("consumer")) == ({1: "active", 2: "draft"}, first)
    told = made.steps.last()
    assert told is not None
    assert (told.name, told.actor, told.facts["code"], told.facts["model_sha256"]) == (
        "return", None, "model_replaced", other.sha256,
    )  # fmt: skip
    assert told.reason == "Another model was promoted than the one it was simulated with."


def test_of_two_versions_that_wait_the_earlier_comes_into_force_and_the_other_goes_back(
    admin: User, supervisor: User
) -> None:
    make.policy(admin, supervisor)
    due(admin, supervisor)
    due(admin, supervisor)
    assert activate_due_policies() == 1
    assert statuses() == {1: "retired", 2: "active", 3: "draft"}


def test_a_waiting_version_can_be_sent_back(admin: User, supervisor: User) -> None:
    made = waiting(admin, supervisor)
    return_policy(made.pk, by=supervisor, note="wait for the new quarter")
    assert (statuses(), activate_due_policies()) == ({1: "draft"}, 0)


def test_sending_back_and_starting_at_once_do_one_of_both(shared_db: None, admin: User, supervisor: User) -> None:
    made = due(admin, supervisor)
    at_once(lambda: return_policy(made.pk, by=supervisor, note="no"), activate_due_policies)
    last = made.steps.last()
    assert last is not None
    assert (statuses()[1], last.name) in {("active", "activate"), ("draft", "return")}


def test_an_earlier_version_is_back_in_force_at_once(admin: User, supervisor: User) -> None:
    first = make.policy(admin, supervisor)
    second = make.policy(admin, supervisor, sla_hours=8)
    back = roll_back_policy("consumer", to=first.pk, by=supervisor, reason=" too many in the queue ")
    assert (active_policy("consumer"), statuses()) == (back, {1: "active", 2: "retired"})
    told, retired = first.steps.last(), second.steps.last()
    assert told is not None
    assert retired is not None
    assert (told.name, told.actor, told.note) == ("roll_back", supervisor, "too many in the queue")
    assert told.facts == {"instead_of": second.pk}
    assert (retired.name, retired.facts) == ("retire", {"for": first.pk})
    assert back.published_at == first.published_at
    roll_back_policy("consumer", to=second.pk, by=supervisor, reason="it was not the policy")
    assert statuses() == {1: "retired", 2: "active"}


def test_a_rollback_needs_a_role_a_reason_and_a_version_that_was_in_force(
    admin: User, supervisor: User, reviewer: User
) -> None:
    first = make.policy(admin, supervisor)
    second = make.policy(admin, supervisor)
    proposed = make.proposed(admin)
    for stranger in (reviewer, make.user("auditor", Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            roll_back_policy("consumer", to=first.pk, by=stranger, reason="why")
    with pytest.raises(BadDecision, match="Say why"):
        roll_back_policy("consumer", to=first.pk, by=supervisor, reason="  ")
    with pytest.raises(CaseNotFound):
        roll_back_policy("consumer", to=404, by=supervisor, reason="why")
    with pytest.raises(CaseMoved, match="another product"):
        roll_back_policy("mortgage", to=first.pk, by=supervisor, reason="why")
    for other in (second, proposed):
        with pytest.raises(CaseMoved):
            roll_back_policy("consumer", to=other.pk, by=supervisor, reason="why")
    assert statuses() == {1: "retired", 2: "active", 3: "proposed"}
    assert not any(policy.steps.filter(name="roll_back").exists() for policy in Policy.objects.all())


def test_rollbacks_at_once_leave_one_version_in_force(shared_db: None, admin: User, supervisor: User) -> None:
    _first, second, _third = [make.policy(admin, supervisor, sla_hours=hours) for hours in (1, 2, 3)]
    at_once(*[lambda: roll_back_policy("consumer", to=second.pk, by=supervisor, reason="why")] * 2)
    assert statuses() == {1: "retired", 2: "active", 3: "retired"}
    assert second.steps.filter(name="roll_back").count() == 1


def test_one_person_alone_goes_back_only_to_the_version_that_the_present_one_replaced(
    admin: User, supervisor: User, second_admin: User
) -> None:
    first, second, third = (make.policy(admin, supervisor, sla_hours=hours) for hours in (1, 2, 3))
    with pytest.raises(FourEyes, match="the version that the present one replaced"):
        roll_back_policy("consumer", to=first.pk, by=supervisor, reason="why")
    with pytest.raises(FourEyes, match="drafted or proposed"):
        roll_back_policy("consumer", to=second.pk, by=admin, reason="I want mine back")
    assert (statuses(), active_policy("consumer")) == ({1: "retired", 2: "retired", 3: "active"}, third)
    assert not any(policy.steps.filter(name="roll_back").exists() for policy in (first, second))
    roll_back_policy("consumer", to=second.pk, by=second_admin, reason="why")
    # Undone by a person, the third may come back; the first is no nearer than before.
    with pytest.raises(FourEyes, match="the version that the present one replaced"):
        roll_back_policy("consumer", to=first.pk, by=supervisor, reason="why")
    assert roll_back_policy("consumer", to=third.pk, by=supervisor, reason="why").status == "active"


def test_whoever_edited_a_version_does_not_put_it_back(admin: User, supervisor: User, second_admin: User) -> None:
    made = drafting.draft_policy("consumer", by=admin, terms=make.terms(), purpose="for the test")
    made = edited(made, second_admin, sla_hours=8)
    drafting.test_policy(made.pk, by=admin)
    propose_policy(made.pk, by=admin, simulation=make.simulation(made))
    made.refresh_from_db()
    make.approved(made, supervisor)
    present = make.policy(admin, supervisor)
    with pytest.raises(FourEyes, match="you edited this version"):
        roll_back_policy("consumer", to=made.pk, by=second_admin, reason="why")
    assert active_policy("consumer") == present
