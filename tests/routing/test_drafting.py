"""Writing a version: who may, whom it names, and what it must show before it is tested."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cases.errors import CaseMoved, NotAllowed, StaleCase
from cases.models import User
from cases.states import Role
from routing import drafting
from routing.models import Policy
from routing.publication import propose_policy
from tests import make
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
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [StaleCase]
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
    assert made.steps.filter(name="test").latest("pk").facts["failed_examples"] == [
        {"name_en": "A key customer", "name_zh": "重点客户", "expected": "approve", "got": "review"}
    ]


def _other_way(terms: Any) -> Any:
    return replace(terms.examples[2], way="approve")


def test_drafts_at_once_get_numbers_of_their_own(shared_db: None, admin: User) -> None:
    drafts = together([lambda: draft(admin)] * 4)
    assert sorted(each.number for each in drafts) == [1, 2, 3, 4]


def test_each_policy_has_a_secret_of_its_own(admin: User) -> None:
    first, second = draft(admin), draft(admin)
    assert len(first.audit_secret) == 64
    assert first.audit_secret != second.audit_secret
