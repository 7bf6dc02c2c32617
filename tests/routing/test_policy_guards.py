"""What the database itself refuses about policies, their steps and their budgets, asked by raw SQL."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.models import User
from cases.states import Role
from routing.exploring import ask_exploration, lock_budget, sign_exploration, spend, stop_exploration
from routing.models import Exploration, Policy, PolicyStep
from routing.publication import propose_policy, return_policy
from tests import make
from tests.routing.test_exploring import EXPLORING

KEEPS = "routing_policy keeps what was written"


def sql(statement: str, *values: Any) -> None:
    """Run one statement and what is checked at commit, and take it back where it fails."""
    with transaction.atomic(), connection.cursor() as cursor:
        connection.check_constraints()
        cursor.execute(statement, values)
        connection.check_constraints()


def changed(**change: Any) -> None:
    """Change every version, and run what is checked at commit."""
    with transaction.atomic():
        Policy.objects.update(**change)
        connection.check_constraints()


@pytest.fixture
def third(db: None) -> User:
    return make.user("third", Role.ADMIN)


def step(policy: Policy, name: str, actor: User | None) -> None:
    PolicyStep.objects.create(policy=policy, name=name, actor=actor)


@pytest.mark.parametrize("status", ["tested", "proposed", "scheduled", "active", "retired"])
def test_a_version_is_born_a_draft(admin: User, status: str) -> None:
    with pytest.raises(IntegrityError, match="born a draft"), transaction.atomic():
        Policy.objects.create(product="consumer", number=9, terms={}, sha256="", drafted_by=admin, status=status)
    assert Policy.objects.count() == 0


def test_a_version_is_not_born_untold(admin: User) -> None:
    with pytest.raises(IntegrityError, match="no step that tells how it became draft"):
        sql(
            "INSERT INTO routing_policy (product, number, purpose, terms, sha256, audit_secret, status, drafted_by_id,"
            " simulation_sha256) VALUES ('consumer', 9, '', '{}', '', 'x', 'draft', %s, '')",
            admin.pk,
        )
    assert Policy.objects.count() == 0


@pytest.mark.parametrize("to", ["proposed", "scheduled", "active", "retired"])
def test_a_draft_skips_no_step(admin: User, to: str) -> None:
    made = make.tested(admin)
    sql_to_draft(made, admin)
    with pytest.raises(IntegrityError):
        sql("UPDATE routing_policy SET status = %s WHERE id = %s", to, made.pk)
    assert Policy.objects.get().status == "draft"


def sql_to_draft(made: Policy, admin: User) -> None:
    step(made, "edit", admin)
    sql("UPDATE routing_policy SET status = 'draft', purpose = 'other' WHERE id = %s", made.pk)


ORIGIN: list[dict[str, Any]] = [
    {"product": "mortgage"}, {"number": 9}, {"audit_secret": "known"}, {"drafted_at": timezone.now()},
]  # fmt: skip


@pytest.mark.parametrize("change", ORIGIN, ids=[next(iter(each)) for each in ORIGIN])
def test_the_origin_of_a_version_never_changes(admin: User, third: User, change: dict[str, Any]) -> None:
    made = make.tested(admin)
    for each in (change, {"drafted_by": third}, {"based_on": made}):
        with pytest.raises(IntegrityError, match=KEEPS), transaction.atomic():
            Policy.objects.update(**each)
    assert Policy.objects.get().drafted_by == admin


def test_terms_change_in_drafts_alone_and_never_untold(admin: User, supervisor: User) -> None:
    made = make.tested(admin)
    changes: list[dict[str, Any]] = [{"terms": {}}, {"sha256": "0" * 64}, {"purpose": "mine"}]
    for change in changes:
        with pytest.raises(IntegrityError, match=KEEPS), transaction.atomic():
            Policy.objects.update(**change)
        with pytest.raises(IntegrityError, match="no step that tells who edited it"):
            changed(**change, status="draft")
    step(made, "edit", None)
    with pytest.raises(IntegrityError, match="no step that tells who edited it"):
        changed(terms={}, status="draft")
    assert Policy.objects.get().terms == made.terms


def test_a_version_in_force_keeps_all_and_is_never_deleted(admin: User, supervisor: User, third: User) -> None:
    made = make.policy(admin, supervisor)
    changes: list[dict[str, Any]] = [
        {"terms": {}}, {"sha256": "0" * 64}, {"audit_secret": "known"}, {"number": 9}, {"purpose": "mine"},
        {"simulation": {}}, {"simulation_sha256": "x"}, {"proposed_by": third}, {"proposed_at": timezone.now()},
        {"published_by": third}, {"published_at": timezone.now()}, {"starts_at": timezone.now()},
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(IntegrityError, match=KEEPS), transaction.atomic():
            Policy.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(IntegrityError, match=KEEPS):
        sql("DELETE FROM routing_policy")
    with pytest.raises(IntegrityError, match="keeps what was written"):
        sql("TRUNCATE routing_policy CASCADE")
    assert Policy.objects.get() == made


def test_a_draft_is_not_deleted_either(admin: User) -> None:
    made = make.tested(admin)
    with pytest.raises(IntegrityError):
        sql("DELETE FROM routing_policy WHERE id = %s", made.pk)
    assert Policy.objects.get() == made


def test_steps_stay(admin: User) -> None:
    make.tested(admin)
    for statement in ("UPDATE routing_policystep SET actor_id = NULL", "DELETE FROM routing_policystep"):
        with pytest.raises(IntegrityError, match="keeps what was written"):
            sql(statement)
    with pytest.raises(IntegrityError, match="policy_step_known"), transaction.atomic():
        step(Policy.objects.get(), "wished for", admin)
    assert PolicyStep.objects.count() == 2


def test_a_simulation_of_other_terms_is_not_proposed(admin: User) -> None:
    made = make.tested(admin)
    for terms_sha256 in ('"other"', "null"):
        with pytest.raises(IntegrityError, match="simulation is of other terms"):
            sql(
                "UPDATE routing_policy SET status = 'proposed', proposed_by_id = %s, proposed_at = now(),"
                " simulation_sha256 = 'x', simulation = jsonb_build_object('terms_sha256', %s::jsonb) WHERE id = %s",
                admin.pk, terms_sha256, made.pk,
            )  # fmt: skip
    with pytest.raises(IntegrityError, match="policy_simulation_goes_with_its_proposal"):
        sql("UPDATE routing_policy SET simulation = '{}', simulation_sha256 = 'x' WHERE id = %s", made.pk)
    assert Policy.objects.get().status == "tested"


APPROVE = (
    "UPDATE routing_policy SET status = %s, published_by_id = %s, published_at = now(), starts_at = now() WHERE id = %s"
)


@pytest.mark.parametrize("to", ["scheduled", "active"])
def test_neither_drafter_nor_proposer_nor_editor_publishes(admin: User, third: User, to: str) -> None:
    made = make.tested(admin)
    step(made, "edit", third)
    propose_policy(made.pk, by=admin, simulation=make.simulation(made))
    with pytest.raises(IntegrityError, match=r"nobody approves what they edited|policy_four_eyes"):
        sql(APPROVE, to, admin.pk, made.pk)
    with pytest.raises(IntegrityError, match="nobody approves what they edited"):
        sql(APPROVE, to, third.pk, made.pk)
    assert Policy.objects.get().status == "proposed"


@pytest.mark.parametrize("to", ["scheduled", "active"])
def test_nobody_publishes_untold(admin: User, supervisor: User, third: User, to: str) -> None:
    made = make.proposed(admin)
    with pytest.raises(IntegrityError, match="no step that tells"):
        sql(APPROVE, to, supervisor.pk, made.pk)
    for name in ("activate", "approve"):
        step(made, name, third)
    with pytest.raises(IntegrityError, match="no step that tells who approved it"):
        sql(APPROVE, to, supervisor.pk, made.pk)
    assert Policy.objects.get().status == "proposed"


def test_a_scheduled_version_does_not_start_before_its_time_nor_at_another(admin: User, supervisor: User) -> None:
    made = make.approved(make.proposed(admin), supervisor, starts_at=timezone.now() + timedelta(hours=1))
    step(made, "activate", None)
    with pytest.raises(IntegrityError, match="starts later"):
        sql("UPDATE routing_policy SET status = 'active' WHERE id = %s", made.pk)
    with pytest.raises(IntegrityError, match=KEEPS):
        sql("UPDATE routing_policy SET status = 'active', starts_at = now() WHERE id = %s", made.pk)
    assert Policy.objects.get().status == "scheduled"


def test_an_approval_does_not_outlive_its_return(admin: User, supervisor: User) -> None:
    made = make.approved(make.proposed(admin), supervisor, starts_at=timezone.now() + timedelta(hours=1))
    step(made, "return", None)
    with pytest.raises(IntegrityError, match=r"policy_(simulation_goes_with|not_published_before)"):
        sql("UPDATE routing_policy SET status = 'draft' WHERE id = %s", made.pk)
    return_policy(made.pk, by=admin, note="not now")
    again = Policy.objects.get()
    assert (again.published_by, again.published_at, again.starts_at, again.simulation) == (None, None, None, None)


def test_one_version_of_a_product_is_in_force(admin: User, supervisor: User) -> None:
    first = make.policy(admin, supervisor)
    make.policy(admin, supervisor)
    step(first, "roll_back", supervisor)
    with pytest.raises(IntegrityError, match="policy_one_active_a_product"):
        sql("UPDATE routing_policy SET status = 'active' WHERE id = %s", first.pk)
    for to in ("draft", "tested", "proposed", "scheduled"):
        with pytest.raises(IntegrityError, match="no step leads from retired"):
            sql("UPDATE routing_policy SET status = %s WHERE id = %s", to, first.pk)
    assert Policy.objects.get(status="retired") == first


def test_a_budget_is_signed_by_another_and_then_stays(admin: User, supervisor: User, third: User) -> None:
    policy = make.policy(admin, supervisor, exploration=EXPLORING)
    with pytest.raises(IntegrityError, match="born unsigned"), transaction.atomic():
        Exploration.objects.create(
            policy=policy, budget=1, asked_by=admin, signed_by=supervisor, signed_at=timezone.now()
        )
    asked = ask_exploration(policy.pk, by=admin, budget=Decimal(1000))
    for change in ({"signed_by": supervisor}, {"signed_by": admin, "signed_at": timezone.now()}):
        with pytest.raises(IntegrityError, match="exploration_four_eyes"), transaction.atomic():
            Exploration.objects.update(**change)
    with pytest.raises(IntegrityError, match="keeps what was signed"), transaction.atomic():
        Exploration.objects.update(spent=1)
    with pytest.raises(IntegrityError, match="keeps what was signed"), transaction.atomic():
        Exploration.objects.update(budget=2000, signed_by=supervisor, signed_at=timezone.now())
    sign_exploration(asked.pk, by=supervisor, seen_budget=Decimal(1000))
    spend(lock_budget(policy), Decimal(10))  # type: ignore[arg-type]
    signed: list[dict[str, Any]] = [
        {"budget": 2000}, {"spent": 9}, {"signed_by": third}, {"signed_by": None, "signed_at": None},
        {"asked_by": third}, {"asked_at": timezone.now()},
    ]  # fmt: skip
    for change in signed:
        with pytest.raises(IntegrityError, match=r"keeps what was signed|exploration_"), transaction.atomic():
            Exploration.objects.update(**change)
    with pytest.raises(IntegrityError, match="exploration_within_its_budget"), transaction.atomic():
        Exploration.objects.update(spent=1001)
    with pytest.raises(IntegrityError, match="exploration_stops_for_a_reason"), transaction.atomic():
        Exploration.objects.update(stopped_at=timezone.now())
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        Exploration.objects.all().delete()
    stop_exploration(asked.pk, by=None, reason="too many bads")
    for stopped in ({"stopped_at": None}, {"stop_reason": "other"}, {"spent": 11}):
        with pytest.raises(IntegrityError, match="keeps what was signed"), transaction.atomic():
            Exploration.objects.update(**stopped)
    kept = Exploration.objects.get()
    assert (kept.budget, kept.spent, kept.signed_by) == (Decimal(1000), Decimal(10), supervisor)
    assert kept.stop_reason == "too many bads"
