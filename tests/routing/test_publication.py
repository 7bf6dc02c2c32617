"""A version is proposed with its simulation, and in force when a second person approved it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.canonical import canonical_sha256
from cases.errors import BadDecision, CaseMoved, CaseNotFound, FourEyes, NotAllowed, StaleCase
from cases.models import User
from cases.states import Role
from routing import drafting
from routing.actions import active_policy
from routing.life import simulation_of
from routing.models import Policy, PolicyStep
from routing.publication import approve_policy, consequences_of, propose_policy, return_policy
from scoring.models import ModelVersion
from tests import make
from tests.routing.tampering import tampering
from tests.routing.test_drafting import draft, edited, steps, stored
from tests.together import at_once


def test_a_version_goes_from_draft_to_force_and_every_step_is_told(admin: User, supervisor: User) -> None:
    first = make.policy(admin, supervisor)
    second = make.policy(admin, supervisor, sla_hours=8)
    assert (first.number, second.number, second.based_on, second.status) == (1, 2, first, "active")
    assert stored(first).status == "retired"
    assert active_policy("consumer") == second
    assert (second.drafted_by, second.proposed_by, second.published_by) == (admin, admin, supervisor)
    assert second.published_at == second.starts_at
    assert steps(second) == [
        ("draft", admin), ("test", admin), ("propose", admin), ("approve", supervisor), ("activate", supervisor),
    ]  # fmt: skip
    assert steps(first)[-1] == ("retire", supervisor)
    told = second.steps.get(name="approve").facts
    assert told["simulation_sha256"] == second.simulation_sha256 == canonical_sha256(simulation_of(second))
    assert told["ticked"] == ["no_past_cases", "promise_unproven", "sla_changed"]
    assert second.steps.get(name="activate").facts == {"instead_of": first.pk}


def test_what_does_not_exist_is_not_found(admin: User) -> None:
    with pytest.raises(CaseNotFound, match="no such version of a policy"):
        drafting.test_policy(404, by=admin)
    with pytest.raises(CaseNotFound, match="no such version of a policy"):
        return_policy(404, by=admin, note="why")


def test_a_proposal_freezes_its_simulation(admin: User) -> None:
    made = make.proposed(admin, figures={"more": {"1e22": 1e22, "one": 1.0}})
    again = stored(made)
    assert (again.status, again.proposed_by, again.proposed_at is not None) == ("proposed", admin, True)
    assert again.simulation_sha256 == canonical_sha256(simulation_of(again)) == made.simulation_sha256
    told = made.steps.get(name="propose").facts
    assert (told["simulation_sha256"], told["cases"], told["predicted"]) == (made.simulation_sha256, 0, None)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"terms_sha256": None}, "terms_sha256"),
        ({"model_sha256": None}, "model_sha256"),
        ({"against": {"policy": None}}, "against"),
        ({"period": "spring"}, "period"),
        ({"cases": -1}, "cases"),
        ({"cases": 10}, "predicted"),
        ({"more": float("nan")}, "not JSON compliant"),
        ({"more": {1, 2}}, "not JSON serializable"),
    ],
)
def test_a_simulation_that_lacks_something_is_refused(admin: User, change: dict[str, Any], part: str) -> None:
    made = make.tested(admin)
    with pytest.raises(BadDecision, match=part) as refusal:
        propose_policy(made.pk, by=admin, simulation={**make.simulation(made), **change})
    assert (refusal.value.field, stored(made).status, stored(made).simulation) == ("simulation", "tested", None)


def test_a_proposal_cannot_be_approved_once_another_model_was_promoted(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    present = make.policy(admin, supervisor)
    made = make.proposed(admin, sla_hours=8)
    ticked = [each.key for each in consequences_of(made.pk)]
    assert stored(made).simulation["model_sha256"] == champion.sha256  # type: ignore[index]
    make.other_champion(champion)
    with pytest.raises(StaleCase, match="Another model was promoted"):
        approve_policy(made.pk, by=supervisor, simulation_sha256=made.simulation_sha256, ticked=ticked)
    again = stored(made)
    assert (again.status, again.published_by, again.simulation_sha256) == ("proposed", None, made.simulation_sha256)
    assert active_policy("consumer") == present
    assert not made.steps.filter(name__in=("approve", "activate")).exists()


def test_a_simulation_with_another_model_is_not_proposed(champion: ModelVersion, admin: User) -> None:
    made = make.tested(admin)
    before = make.simulation(made)
    make.other_champion(champion)
    with pytest.raises(StaleCase, match="Another model was promoted"):
        propose_policy(made.pk, by=admin, simulation=before)
    assert (stored(made).status, stored(made).simulation) == ("tested", None)
    assert propose_policy(made.pk, by=admin, simulation=make.simulation(made)).status == "proposed"


def test_a_simulation_of_other_terms_or_against_another_version_is_refused(admin: User, supervisor: User) -> None:
    made = make.tested(admin)
    before = make.simulation(made)
    with pytest.raises(StaleCase, match="edited since they were simulated"):
        propose_policy(made.pk, by=admin, simulation={**before, "terms_sha256": "0" * 64})
    make.policy(admin, supervisor)
    with pytest.raises(StaleCase, match="Another version is in force"):
        propose_policy(made.pk, by=admin, simulation=before)
    against = {**make.simulation(made)["against"], "terms_sha256": "0" * 64}
    with pytest.raises(StaleCase, match="Another version is in force"):
        propose_policy(made.pk, by=admin, simulation=make.simulation(made, against=against))
    assert (stored(made).status, stored(made).simulation) == ("tested", None)


def test_a_draft_is_not_proposed(admin: User) -> None:
    made = draft(admin)
    with pytest.raises(CaseMoved):
        propose_policy(made.pk, by=admin, simulation=make.simulation(made))
    assert stored(made).status == "draft"


def test_a_returned_version_is_a_draft_whose_steps_keep_the_simulation(admin: User, supervisor: User) -> None:
    made = make.proposed(admin)
    with pytest.raises(BadDecision, match="Say why"):
        return_policy(made.pk, by=supervisor, note="  ")
    assert stored(made).status == "proposed"
    returned = return_policy(made.pk, by=supervisor, note="too wide")
    assert (returned.status, returned.simulation, returned.simulation_sha256) == ("draft", None, "")
    assert (returned.proposed_by, returned.proposed_at) == (None, None)
    told = made.steps.get(name="return")
    assert (told.actor, told.note, told.reason) == (supervisor, "too wide", "too wide")
    assert told.facts["simulation_sha256"] == made.simulation_sha256
    with pytest.raises(CaseMoved):
        return_policy(made.pk, by=supervisor, note="again")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_neither_reviewer_nor_auditor_approves_or_returns(admin: User, role: Role) -> None:
    made = make.proposed(admin)
    stranger = make.user("somebody", role)
    with pytest.raises(NotAllowed):
        make.approved(made, stranger)
    with pytest.raises(NotAllowed):
        return_policy(made.pk, by=stranger, note="why")
    assert stored(made).status == "proposed"


def test_one_person_alone_publishes_nothing(admin: User) -> None:
    made = make.proposed(admin)
    with pytest.raises(FourEyes, match="nobody approves what they drafted or proposed"):
        make.approved(made, admin)
    assert (stored(made).status, active_policy("consumer")) == ("proposed", None)
    assert [name for name, _actor in steps(made)] == ["draft", "test", "propose"]


def test_the_proposer_of_anothers_draft_does_not_approve_it(admin: User, second_admin: User) -> None:
    made = make.tested(admin)
    proposed = propose_policy(made.pk, by=second_admin, simulation=make.simulation(made))
    with pytest.raises(FourEyes, match="drafted or proposed"):
        make.approved(proposed, second_admin)
    assert stored(made).status == "proposed"


def test_whoever_edited_a_version_once_never_approves_it(admin: User, second_admin: User) -> None:
    made = edited(draft(admin), second_admin, sla_hours=8)
    drafting.test_policy(made.pk, by=admin)
    proposed = propose_policy(made.pk, by=admin, simulation=make.simulation(made))
    return_policy(made.pk, by=admin, note="once more")
    drafting.test_policy(made.pk, by=admin)
    proposed = propose_policy(made.pk, by=admin, simulation=make.simulation(made))
    with pytest.raises(FourEyes, match="you edited this version"):
        make.approved(proposed, second_admin)
    assert (stored(made).status, active_policy("consumer")) == ("proposed", None)


def test_an_admin_who_did_nothing_of_it_approves(admin: User, second_admin: User) -> None:
    assert make.approved(make.proposed(admin), second_admin).status == "active"


def test_whoever_saw_another_simulation_does_not_approve(admin: User, supervisor: User) -> None:
    made = make.proposed(admin)
    ticked = [each.key for each in consequences_of(made.pk)]
    return_policy(made.pk, by=admin, note="other figures")
    drafting.test_policy(made.pk, by=admin)
    propose_policy(made.pk, by=admin, simulation=make.simulation(made, more="figures"))
    with pytest.raises(StaleCase, match="not the simulation that you saw"):
        approve_policy(made.pk, by=supervisor, simulation_sha256=made.simulation_sha256, ticked=ticked)
    assert (stored(made).status, active_policy("consumer")) == ("proposed", None)


def test_a_simulation_that_was_altered_is_not_approved(admin: User, supervisor: User) -> None:
    made = make.proposed(admin)
    with tampering():
        Policy.objects.update(simulation={**simulation_of(made), "cases": 1000})
    with pytest.raises(StaleCase, match="not the simulation that you saw"):
        approve_policy(made.pk, by=supervisor, simulation_sha256=made.simulation_sha256, ticked=["no_past_cases"])
    assert active_policy("consumer") is None


def test_a_proposal_against_a_version_that_was_replaced_is_not_approved(admin: User, supervisor: User) -> None:
    first = make.proposed(admin)
    make.policy(admin, supervisor, sla_hours=8)
    with pytest.raises(StaleCase, match="Propose it anew"):
        make.approved(first, supervisor)
    assert (stored(first).status, active_policy("consumer")) == ("proposed", Policy.objects.get(number=2))


def test_every_consequence_is_ticked(admin: User, supervisor: User) -> None:
    before = make.policy(admin, supervisor)
    made = make.proposed(admin, sla_hours=8, audit_share=0.05)
    keys = [each.key for each in consequences_of(made.pk)]
    assert keys == ["no_past_cases", "promise_unproven", "audit_share_changed", "sla_changed"]
    for missing in keys:
        with pytest.raises(BadDecision, match="Tick every consequence") as refusal:
            approve_policy(
                made.pk,
                by=supervisor,
                simulation_sha256=made.simulation_sha256,
                ticked=[key for key in keys if key != missing],
            )
        assert refusal.value.field == "ticked"
    assert (stored(made).status, active_policy("consumer")) == ("proposed", before)


def test_a_start_in_the_past_is_refused(admin: User, supervisor: User) -> None:
    made = make.proposed(admin)
    with pytest.raises(BadDecision, match="lies in the past"):
        make.approved(made, supervisor, starts_at=timezone.now() - timedelta(seconds=1))
    assert stored(made).status == "proposed"


def test_a_version_is_approved_once(admin: User, supervisor: User) -> None:
    made = make.policy(admin, supervisor)
    with pytest.raises(CaseMoved):
        approve_policy(made.pk, by=supervisor, simulation_sha256=made.simulation_sha256, ticked=[])
    assert made.steps.filter(name="approve").count() == 1


def test_of_approvals_at_once_the_second_sees_that_another_version_is_in_force(
    shared_db: None, admin: User, supervisor: User
) -> None:
    made = [make.proposed(admin) for _number in range(4)]
    calls = [
        lambda key=each.pk, digest=each.simulation_sha256: approve_policy(
            key, by=supervisor, simulation_sha256=digest, ticked=["no_past_cases", "promise_unproven", "first_version"]
        )
        for each in made
    ]
    answers = at_once(*calls)
    assert sorted(type(each).__name__ for each in answers) == ["Policy", "StaleCase", "StaleCase", "StaleCase"]
    assert sorted(Policy.objects.values_list("status", flat=True)) == ["active", "proposed", "proposed", "proposed"]


def test_an_edit_and_a_proposal_at_once_leave_one_of_them_told(
    shared_db: None, admin: User, second_admin: User
) -> None:
    made = make.tested(admin)
    simulation = make.simulation(made)
    answers = at_once(
        lambda: edited(made, second_admin, sla_hours=8),
        lambda: propose_policy(made.pk, by=admin, simulation=simulation),
    )
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(each) for each in refused] == [CaseMoved]
    now = stored(made)
    assert (now.status == "proposed") == (now.sha256 == made.sha256)
    assert PolicyStep.objects.filter(policy=made, name__in=["edit", "propose"]).count() == 1
