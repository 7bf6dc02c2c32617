"""The life of a version until it is in force: drafted, edited, tested, proposed, approved by a second person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.errors import BadDecision, CaseMoved, CaseNotFound, FourEyes, NotAllowed, StaleCase
from cases.models import User
from cases.states import Role
from routing import drafting
from routing.actions import active_policy
from routing.canonical import canonical_sha256
from routing.models import Policy, PolicyStep
from routing.publication import approve_policy, consequences_of, propose_policy, return_policy
from tests import make
from tests.routing.tampering import tampering
from tests.together import at_once, together


def draft(by: User, **changes: Any) -> Policy:
    return drafting.draft_policy("consumer", by=by, terms=make.terms(**changes))


def edited(policy: Policy, by: User, **changes: Any) -> Policy:
    return drafting.edit_policy(
        policy.pk, by=by, terms=make.terms(**changes), purpose="another", seen_sha256=policy.sha256
    )


def stored(policy: Policy) -> Policy:
    return Policy.objects.get(pk=policy.pk)


def steps(policy: Policy) -> list[tuple[str, User | None]]:
    return [(step.name, step.actor) for step in policy.steps.select_related("actor")]


@pytest.fixture
def second_admin(db: None) -> User:
    return make.user("second_admin", Role.ADMIN)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR])
def test_only_an_admin_writes_a_version(admin: User, role: Role) -> None:
    stranger = make.user("somebody", role)
    with pytest.raises(NotAllowed):
        draft(stranger)
    made = make.tested(admin)
    with pytest.raises(NotAllowed):
        edited(made, stranger, sla_hours=8)
    with pytest.raises(NotAllowed):
        drafting.test_policy(made.pk, by=stranger)
    with pytest.raises(NotAllowed):
        propose_policy(made.pk, by=stranger, simulation=make.simulation(made))
    assert (Policy.objects.count(), stored(made).status, stored(made).sha256) == (1, "tested", made.sha256)
    assert [name for name, _actor in steps(made)] == ["draft", "test"]


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
    assert told["simulation_sha256"] == second.simulation_sha256 == canonical_sha256(second.simulation)
    assert told["ticked"] == ["no_past_cases", "sla_changed"]
    assert second.steps.get(name="activate").facts == {"instead_of": first.pk}


def test_what_does_not_exist_is_not_found(admin: User) -> None:
    with pytest.raises(CaseNotFound, match="no such version of a policy"):
        drafting.test_policy(404, by=admin)
    with pytest.raises(CaseNotFound, match="no such version of a policy"):
        return_policy(404, by=admin, note="why")


def test_an_edit_makes_a_draft_again_and_tells_who_it_was(admin: User, second_admin: User) -> None:
    made = make.tested(admin)
    changed = edited(made, second_admin, sla_hours=8)
    assert (changed.status, changed.purpose, changed.terms["sla_hours"]) == ("draft", "another", 8)
    assert stored(made).sha256 == make.terms(sla_hours=8).sha256
    told = made.steps.get(name="edit")
    assert (told.actor, told.facts) == (second_admin, {"before": made.sha256, "terms_sha256": changed.sha256})
    with pytest.raises(CaseMoved):
        propose_policy(made.pk, by=admin, simulation=make.simulation(changed))


def test_a_stale_editor_does_not_overwrite_what_another_wrote(admin: User, second_admin: User) -> None:
    made = draft(admin)
    changed = edited(made, admin, sla_hours=8)
    with pytest.raises(StaleCase, match="edited this version since you opened it"):
        edited(made, second_admin, sla_hours=12)
    assert stored(made).sha256 == changed.sha256
    assert ("edit", second_admin) not in steps(made)


def test_of_two_editors_at_once_one_is_told(shared_db: None, admin: User, second_admin: User) -> None:
    made = draft(admin)
    answers = at_once(lambda: edited(made, admin, sla_hours=8), lambda: edited(made, second_admin, sla_hours=12))
    assert sorted(type(answer) for answer in answers if isinstance(answer, Exception)) == [StaleCase]
    assert made.steps.filter(name="edit").count() == 1


def test_what_is_proposed_is_edited_and_tested_no_more(admin: User) -> None:
    made = make.proposed(admin)
    with pytest.raises(CaseMoved):
        edited(made, admin, sla_hours=8)
    with pytest.raises(CaseMoved):
        drafting.test_policy(made.pk, by=admin)
    assert (stored(made).status, stored(made).sha256) == ("proposed", made.sha256)


def test_a_version_without_an_example_of_each_way_stays_a_draft_and_says_so(admin: User) -> None:
    made = draft(admin, examples=make.terms().examples[:1])
    found = drafting.test_policy(made.pk, by=admin)
    assert (found.passed, found.ways_without_example, found.failures) == (False, ("decline", "review"), ())
    assert stored(made).status == "draft"
    told = made.steps.get(name="test").facts
    assert (told["passed"], told["ways_without_example"]) == (False, ["decline", "review"])


def test_a_version_that_never_declines_needs_no_example_of_it(admin: User) -> None:
    rules = make.terms().rules
    rules = replace(rules, rows=tuple(row for row in rules.rows if row.outputs["way"] != "decline"))
    good, _bad, key_customer = make.terms().examples
    made = draft(admin, rules=rules, examples=(good, key_customer))
    assert drafting.test_policy(made.pk, by=admin).passed


def test_an_example_that_goes_another_way_is_named_and_a_tested_version_falls_back_to_draft(admin: User) -> None:
    made = make.tested(admin)
    wrong = replace(made_terms := make.terms(), examples=(*made_terms.examples[:2], _other_way(made_terms)))
    changed = drafting.edit_policy(made.pk, by=admin, terms=wrong, purpose="", seen_sha256=made.sha256)
    found = drafting.test_policy(made.pk, by=admin)
    (failure,) = found.failures
    assert (failure.name_en, failure.expected, failure.got) == ("A key customer", "approve", "review")
    assert (found.passed, stored(changed).status) == (False, "draft")
    assert made.steps.filter(name="test").last().facts["failed_examples"] == [
        {"name_en": "A key customer", "name_zh": "重点客户", "expected": "approve", "got": "review"}
    ]


def _other_way(terms: Any) -> Any:
    return replace(terms.examples[2], way="approve")


def test_a_proposal_freezes_its_simulation(admin: User) -> None:
    made = make.proposed(admin, figures={"more": {"1e22": 1e22, "one": 1.0}})
    again = stored(made)
    assert (again.status, again.proposed_by, again.proposed_at is not None) == ("proposed", admin, True)
    assert again.simulation_sha256 == canonical_sha256(again.simulation) == made.simulation_sha256
    told = made.steps.get(name="propose").facts
    assert (told["simulation_sha256"], told["cases"], told["predicted"]) == (made.simulation_sha256, 0, None)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"terms_sha256": None}, "terms_sha256"),
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
        Policy.objects.update(simulation={**made.simulation, "cases": 1000})
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
    assert keys == ["no_past_cases", "audit_share_changed", "sla_changed"]
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
        approve_policy(
            made.pk, by=supervisor, simulation_sha256=made.simulation_sha256, ticked=made.simulation["against"]
        )
    assert made.steps.filter(name="approve").count() == 1


def test_drafts_at_once_get_numbers_of_their_own(shared_db: None, admin: User) -> None:
    drafts = together([lambda: draft(admin)] * 4)
    assert sorted(each.number for each in drafts) == [1, 2, 3, 4]


def test_of_approvals_at_once_the_second_sees_that_another_version_is_in_force(
    shared_db: None, admin: User, supervisor: User
) -> None:
    made = [make.proposed(admin) for _number in range(4)]
    calls = [
        lambda key=each.pk, digest=each.simulation_sha256: approve_policy(  # type: ignore[misc]
            key, by=supervisor, simulation_sha256=digest, ticked=["no_past_cases", "first_version"]
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


def test_each_policy_has_a_secret_of_its_own(admin: User) -> None:
    first, second = draft(admin), draft(admin)
    assert len(first.audit_secret) == 64
    assert first.audit_secret != second.audit_secret
