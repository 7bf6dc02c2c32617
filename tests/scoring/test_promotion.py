"""Promoting a model: by two people on a frozen comparison, at its time; and the way back, by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from cases.errors import BadDecision, CaseMoved, FourEyes, NotAllowed, StaleCase
from cases.models import User
from cases.states import Role
from scoring.actions import register_model, score_waiting_cases
from scoring.life import Step
from scoring.ml.champion import Champion
from scoring.ml.errors import ArtefactError
from scoring.models import Assessment, ModelStep, ModelVersion, Promotion
from scoring.promotion import (
    activate_due_models,
    approve_model,
    promote_model,
    propose_model,
    return_model,
)
from scoring.registry import champion_version
from scoring.way_back import roll_back_model, way_back
from tests import make
from tests.together import together

TICKS = ("comparison_seen",)


@pytest.fixture
def challenger(champion: ModelVersion, trained: Champion) -> ModelVersion:
    """Another model in all but its trees."""
    return register_model(replace(trained, seed=1))


@pytest.fixture
def proposal(champion: ModelVersion, challenger: ModelVersion, admin: User) -> Promotion:
    return propose_model(challenger.pk, by=admin, comparison=make.comparison(challenger, champion), note="Better.")


def approve(proposal: Promotion, by: User, **changes: Any) -> Promotion:
    seen: dict[str, Any] = {"comparison_sha256": proposal.comparison_sha256, "ticked": TICKS, **changes}
    return approve_model(proposal.pk, by=by, **seen)


def statuses() -> dict[int, str]:
    return dict(ModelVersion.objects.order_by("pk").values_list("number", "status"))


def steps() -> list[tuple[int, str, str]]:
    found = ModelStep.objects.select_related("model", "actor")
    return [(step.model.number, step.name, step.actor.username if step.actor else "") for step in found]


def everything() -> tuple[Any, ...]:
    return statuses(), steps(), list(Promotion.objects.values_list("pk", "status", "approved_by"))


def test_two_people_promote_a_model_and_every_step_is_told(
    proposal: Promotion, challenger: ModelVersion, champion: ModelVersion, supervisor: User
) -> None:
    approve(proposal, supervisor)
    assert statuses() == {1: "retired", 2: "champion"}
    now = champion_version("consumer")
    assert now == challenger
    assert now.promoted_by == supervisor
    assert steps() == [
        (1, "first", "admin"), (2, "propose", "admin"), (2, "approve", "supervisor"),
        (1, "retire", "supervisor"), (2, "activate", "supervisor"),
    ]  # fmt: skip
    assert proposal.comparison["smoke"] == {"vectors": 19, "passed": True}


def test_the_next_chunk_is_scored_by_the_model_promoted_meanwhile(
    proposal: Promotion, challenger: ModelVersion, champion: ModelVersion, supervisor: User
) -> None:
    before = make.case("A-1")
    score_waiting_cases("tests")
    approve(proposal, supervisor)
    after = make.case("A-2")
    score_waiting_cases("tests")
    assert dict(Assessment.objects.values_list("case", "model")) == {before.pk: champion.pk, after.pk: challenger.pk}


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR])
def test_only_an_admin_proposes_rolls_back_and_promotes_the_first(
    champion: ModelVersion, challenger: ModelVersion, role: Role
) -> None:
    somebody, before = make.user("somebody", role), everything()
    for attempt in (
        lambda: promote_model(challenger.pk, by=somebody),
        lambda: propose_model(challenger.pk, by=somebody, comparison=make.comparison(challenger, champion)),
        lambda: roll_back_model("consumer", by=somebody, reason="Because."),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert everything() == before


def test_one_person_promotes_only_the_first_model_of_a_product(
    champion: ModelVersion, challenger: ModelVersion, admin: User
) -> None:
    before = everything()
    with pytest.raises(FourEyes, match="a second person approves"):
        promote_model(challenger.pk, by=admin)
    ModelVersion.objects.filter(pk=champion.pk).update(status="retired")
    with pytest.raises(FourEyes, match="a second person approves"):
        promote_model(challenger.pk, by=admin)
    assert everything()[1:] == before[1:]


def test_nobody_approves_what_they_proposed_or_trained(
    champion: ModelVersion, trained: Champion, admin: User, supervisor: User
) -> None:
    version = register_model(replace(trained, seed=2), trained_by=supervisor)
    proposal = propose_model(version.pk, by=admin, comparison=make.comparison(version, champion))
    before = everything()
    with pytest.raises(FourEyes, match="nobody approves what they proposed"):
        approve(proposal, admin)
    with pytest.raises(FourEyes, match="a model that they trained"):
        approve(proposal, supervisor)
    with pytest.raises(NotAllowed):
        approve(proposal, make.user("reviewer", Role.REVIEWER))
    assert everything() == before


@pytest.mark.parametrize("changes", [{"ticked": ()}, {"starts_at": timezone.now() - timedelta(days=1)}])
def test_approval_needs_every_tick_and_no_past(proposal: Promotion, supervisor: User, changes: dict[str, Any]) -> None:
    before = everything()
    with pytest.raises(BadDecision):
        approve(proposal, supervisor, **changes)
    assert everything() == before


def test_a_gate_that_is_not_passed_is_ticked_too(
    champion: ModelVersion, challenger: ModelVersion, admin: User, supervisor: User
) -> None:
    found = make.comparison(challenger, champion, "power", "cost")
    proposal = propose_model(challenger.pk, by=admin, comparison=found)
    with pytest.raises(BadDecision, match="Tick every line"):
        approve(proposal, supervisor, ticked=("comparison_seen", "power"))
    approve(proposal, supervisor, ticked=("comparison_seen", "power", "cost"))
    assert statuses() == {1: "retired", 2: "champion"}


def test_approval_needs_the_comparison_that_was_frozen_and_the_champion_that_it_was_made_with(
    proposal: Promotion, trained: Champion, admin: User, supervisor: User
) -> None:
    with pytest.raises(StaleCase, match="not the comparison that you saw"):
        approve(proposal, supervisor, comparison_sha256="0" * 64)
    approve(proposal, supervisor)
    third = register_model(replace(trained, seed=3))
    later = propose_model(third.pk, by=admin, comparison=make.comparison(third, proposal.model))
    roll_back_model("consumer", by=admin, reason="It declines everybody.")
    with pytest.raises(StaleCase, match="Another model is in force"):
        approve(later, supervisor)
    assert statuses() == {1: "champion", 2: "retired", 3: "candidate"}


def test_a_comparison_of_other_models_or_of_none_is_not_proposed(
    champion: ModelVersion, challenger: ModelVersion, admin: User
) -> None:
    for comparison, refusal in (
        (make.comparison(champion, champion), StaleCase),
        (make.comparison(challenger, challenger), StaleCase),
        ({"gates": []}, BadDecision),
        ({**make.comparison(challenger, champion), "auc": float("nan")}, BadDecision),
    ):
        with pytest.raises(refusal):
            propose_model(challenger.pk, by=admin, comparison=comparison)
    assert Promotion.objects.count() == 0


def test_a_returned_proposal_makes_room_for_the_next(
    proposal: Promotion, challenger: ModelVersion, champion: ModelVersion, admin: User, supervisor: User
) -> None:
    comparison = make.comparison(challenger, champion)
    with pytest.raises(CaseMoved, match="Another proposal"):
        propose_model(challenger.pk, by=admin, comparison=comparison)
    with pytest.raises(BadDecision):
        return_model(proposal.pk, by=supervisor, reason=" ")
    return_model(proposal.pk, by=supervisor, reason="Too few bad loans.")
    propose_model(challenger.pk, by=admin, comparison=comparison)
    with pytest.raises(CaseMoved):
        approve(proposal, supervisor)
    assert list(Promotion.objects.values_list("status", flat=True)) == ["returned", "proposed"]


def in_a_moment(proposal: Promotion, by: User) -> None:
    """Approve for later, and let that moment come."""
    approve(proposal, by, starts_at=timezone.now() + timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE scoring_promotion DISABLE TRIGGER promotion_stays")
        Promotion.objects.filter(pk=proposal.pk).update(starts_at=timezone.now() - timedelta(seconds=1))
        cursor.execute("ALTER TABLE scoring_promotion ENABLE TRIGGER promotion_stays")


def test_a_scheduled_model_comes_into_force_at_its_time(proposal: Promotion, supervisor: User) -> None:
    approve(proposal, supervisor, starts_at=timezone.now() + timedelta(hours=1))
    assert (activate_due_models(), statuses()) == (0, {1: "champion", 2: "candidate"})


def test_the_machine_puts_a_due_model_in_force_once(proposal: Promotion, supervisor: User) -> None:
    in_a_moment(proposal, supervisor)
    assert (activate_due_models(), activate_due_models()) == (1, 0)
    assert statuses() == {1: "retired", 2: "champion"}
    assert steps()[-2:] == [(1, "retire", ""), (2, "activate", "")]


def test_an_approval_lapses_when_its_base_was_replaced_or_its_file_is_refused(
    proposal: Promotion, champion: ModelVersion, supervisor: User, settings: Any, tmp_path: Any
) -> None:
    in_a_moment(proposal, supervisor)
    settings.ARTEFACTS = tmp_path
    assert activate_due_models() == 0
    last = ModelStep.objects.latest("pk")
    assert (last.name, last.facts["code"], last.actor) == ("lapse", "artefact_refused", None)
    assert (Promotion.objects.get().status, statuses()) == ("lapsed", {1: "champion", 2: "candidate"})


def test_one_admin_rolls_back_the_last_promotion_and_no_further(
    proposal: Promotion, champion: ModelVersion, supervisor: User, admin: User
) -> None:
    with pytest.raises(FourEyes):
        roll_back_model("consumer", by=admin, reason="Nothing to undo.")
    approve(proposal, supervisor)
    with pytest.raises(BadDecision):
        roll_back_model("consumer", by=admin, reason="")
    assert roll_back_model("consumer", by=admin, reason="It declines everybody.") == champion
    assert statuses() == {1: "champion", 2: "retired"}
    last = ModelStep.objects.latest("pk")
    assert (last.name, last.note, last.facts) == (
        "roll_back", "It declines everybody.", {"instead_of": proposal.model_id, "smoke_vectors": 19},
    )  # fmt: skip
    assert way_back("consumer") is None
    with pytest.raises(FourEyes):
        roll_back_model("consumer", by=admin, reason="And forth again.")
    assert statuses() == {1: "champion", 2: "retired"}


def test_a_rollback_to_a_model_whose_file_is_gone_leaves_the_present_one_in_force(
    proposal: Promotion, champion: ModelVersion, supervisor: User, admin: User
) -> None:
    approve(proposal, supervisor)
    path = project.ARTEFACTS / f"{champion.sha256}.json"
    kept = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(ArtefactError):
            roll_back_model("consumer", by=admin, reason="It declines everybody.")
    finally:
        path.write_bytes(kept)
    assert statuses() == {1: "retired", 2: "champion"}


def refused_by_the_database(write: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        write()


def test_the_database_lets_no_proposer_promote_by_sql(
    proposal: Promotion, champion: ModelVersion, challenger: ModelVersion, admin: User, supervisor: User
) -> None:
    before = everything()
    models, mine = ModelVersion.objects.filter(pk=challenger.pk), Promotion.objects.filter(pk=proposal.pk)
    approval = {"approved_at": timezone.now(), "starts_at": timezone.now()}

    def swap(name: str, **facts: Any) -> None:
        ModelVersion.objects.filter(pk=champion.pk).update(status="retired")
        ModelStep.objects.create(model=champion, name="retire", actor=admin, facts={"for": challenger.pk})
        ModelStep.objects.create(model=challenger, name=name, actor=admin, note="Mine.", facts=facts)
        models.update(status="champion", promoted_at=timezone.now(), promoted_by=admin)

    def approved_by(person: User, *, told: User) -> None:
        facts = {"comparison_sha256": proposal.comparison_sha256}
        ModelStep.objects.create(model=challenger, name="approve", actor=told, facts=facts)
        mine.update(status="promoted", approved_by=person, **approval)

    for attempt in (
        lambda: models.update(status="champion"),
        lambda: swap("first"),
        lambda: swap("activate", promotion=proposal.pk),
        lambda: swap("roll_back", instead_of=champion.pk),
        lambda: approved_by(admin, told=admin),
        lambda: approved_by(supervisor, told=admin),
        lambda: mine.update(status="promoted"),
        lambda: mine.update(proposed_by=supervisor),
        lambda: mine.update(comparison={}),
        lambda: mine.delete(),
        lambda: ModelStep.objects.all().delete(),
        lambda: ModelStep.objects.update(actor=supervisor),
    ):
        refused_by_the_database(attempt)
    assert everything() == before


def test_the_database_allows_one_champion_a_product(proposal: Promotion, supervisor: User) -> None:
    facts = {"comparison_sha256": proposal.comparison_sha256}
    ModelStep.objects.create(model=proposal.model, name=Step.APPROVE, actor=supervisor, facts=facts)
    now = timezone.now()
    Promotion.objects.update(status="promoted", approved_by=supervisor, approved_at=now, starts_at=now)
    ModelStep.objects.create(model=proposal.model, name=Step.ACTIVATE, facts={"promotion": proposal.pk})
    with pytest.raises(IntegrityError, match="model_one_champion_a_product"), transaction.atomic():
        ModelVersion.objects.filter(pk=proposal.model_id).update(status="champion")


def test_two_approvals_at_once_promote_once(
    shared_db: None, champion: ModelVersion, trained: Champion, admin: User, supervisor: User
) -> None:
    challenger = register_model(replace(trained, seed=1))
    proposal = propose_model(challenger.pk, by=admin, comparison=make.comparison(challenger, champion))
    second = make.user("second_supervisor", Role.SUPERVISOR)

    def attempt(by: User) -> str:
        try:
            approve(proposal, by)
        except CaseMoved as refusal:
            return refusal.code
        return "promoted"

    assert sorted(together([lambda: attempt(supervisor), lambda: attempt(second)])) == ["moved", "promoted"]
    assert statuses() == {1: "retired", 2: "champion"}
    assert [step[1] for step in steps()].count("activate") == 1
