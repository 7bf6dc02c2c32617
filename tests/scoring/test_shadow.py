"""Challengers on live cases: scored along unseen, in the same chunk, at no risk to anybody; and a share for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from cases.draws import draw
from cases.errors import BadDecision, CaseMoved, FourEyes, NotAllowed
from cases.models import Case, User
from cases.states import Role
from scoring.actions import register_model, score_waiting_cases
from scoring.ml.artefact import load_champion
from scoring.ml.calibration import sigmoid
from scoring.ml.champion import Champion
from scoring.ml.smoke import smoke_of
from scoring.models import Assessment, ModelStep, ModelVersion, ShadowRun, ShadowScore, SplitArm, TrafficSplit
from scoring.promotion import approve_model, propose_model
from scoring.shadow import ask_split, sign_split, start_shadow, stop_shadow, stop_split
from tests import make

WHY = "To see how it does."


@pytest.fixture
def challenger(champion: ModelVersion, trained: Champion) -> ModelVersion:
    """A model with other PDs: the champion's, half a step up on the log-odds."""
    usual: Any = trained.calibration
    calibration = replace(usual, intercept=usual.intercept + 0.5)
    smoke = replace(trained, calibration=calibration, seed=1)
    values = smoke.table.matrix([{**make.CLEAR_FEATURES, "annual_income": 60_000 + at} for at in range(10)])
    return register_model(replace(smoke, smoke=smoke_of(smoke, values)))


def test_a_shadow_scores_every_case_that_the_champion_scores_and_nothing_before_its_start(
    champion: ModelVersion, challenger: ModelVersion, admin: User
) -> None:
    make.case("A-0")
    score_waiting_cases("tests")
    start_shadow(challenger.pk, by=admin, reason=WHY)
    cases = make.cases(5)
    assert score_waiting_cases("tests") == 5
    said = {score.case_id: score for score in ShadowScore.objects.all()}
    assert said.keys() == {case.pk for case in cases}
    for live in Assessment.objects.filter(case__in=said):
        mine = said[live.case_id]
        assert (mine.model, mine.case_version) == (challenger, live.case_version)
        assert mine.log_odds == pytest.approx(live.log_odds + 0.5, abs=1e-9)
        assert mine.pd == pytest.approx(1 / (1 + 2.718281828459045**-mine.log_odds))
    stop_shadow(challenger.pk, by=admin, reason="Seen enough.")
    make.case("A-9")
    score_waiting_cases("tests")
    assert ShadowScore.objects.count() == 5
    assert [(step.name, step.note) for step in challenger.steps.all()] == [
        ("start_shadow", WHY), ("stop_shadow", "Seen enough."),
    ]  # fmt: skip


def test_a_shadow_whose_file_is_gone_or_whose_arithmetic_fails_touches_no_live_case(
    champion: ModelVersion, challenger: ModelVersion, trained: Champion, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = register_model(replace(trained, seed=7))
    for version in (challenger, other):
        start_shadow(version.pk, by=admin, reason=WHY)
    log_odds = Champion.log_odds

    def fails(self: Champion, values: Any) -> Any:
        if self.seed == 1:
            raise FloatingPointError("the shadow's arithmetic")
        return log_odds(self, values)

    monkeypatch.setattr(Champion, "log_odds", fails)
    cases = make.cases(3)
    assert score_waiting_cases("tests") == 3
    assert [case.state for case in Case.objects.filter(pk__in=[case.pk for case in cases])] == ["scored"] * 3
    assert set(ShadowScore.objects.values_list("model", flat=True)) == {other.pk}
    assert (Assessment.objects.count(), ShadowScore.objects.count()) == (3, 3)


def test_only_an_admin_starts_a_shadow_once_and_for_a_reason(
    champion: ModelVersion, challenger: ModelVersion, admin: User, supervisor: User
) -> None:
    with pytest.raises(NotAllowed):
        start_shadow(challenger.pk, by=supervisor, reason=WHY)
    with pytest.raises(BadDecision):
        start_shadow(challenger.pk, by=admin, reason=" ")
    with pytest.raises(CaseMoved, match="in force already"):
        start_shadow(champion.pk, by=admin, reason=WHY)
    with pytest.raises(CaseMoved, match="not in shadow"):
        stop_shadow(challenger.pk, by=admin, reason=WHY)
    start_shadow(challenger.pk, by=admin, reason=WHY)
    with pytest.raises(CaseMoved, match="in shadow already"):
        start_shadow(challenger.pk, by=admin, reason=WHY)
    assert ShadowRun.objects.count() == 1


def test_what_a_shadow_said_is_kept(champion: ModelVersion, challenger: ModelVersion, admin: User) -> None:
    start_shadow(challenger.pk, by=admin, reason=WHY)
    make.case("A-1")
    score_waiting_cases("tests")
    for attempt in (
        lambda: ShadowScore.objects.update(pd=0.5),
        lambda: ShadowScore.objects.all().delete(),
        lambda: ShadowRun.objects.update(reason="Another."),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert ShadowScore.objects.count() == 1


@pytest.fixture
def split(champion: ModelVersion, challenger: ModelVersion, admin: User, supervisor: User) -> TrafficSplit:
    asked = ask_split(challenger.pk, by=admin, share=0.25, reason=WHY)
    return sign_split(asked.pk, by=supervisor, seen_share=0.25)


def test_a_signed_split_draws_the_arm_of_each_case_and_the_other_model_scores_along(
    split: TrafficSplit, champion: ModelVersion, challenger: ModelVersion
) -> None:
    cases = {case.pk: case for case in make.cases(40)}
    score_waiting_cases("tests")
    drawn = {
        key: draw(split.secret, "split", f"{case.source}/{case.external_ref}") < 0.25 for key, case in cases.items()
    }
    shown = dict(Assessment.objects.values_list("case", "model"))
    assert shown == {key: (challenger if theirs else champion).pk for key, theirs in drawn.items()}
    arms = {arm.case_id: (arm.is_challenger, arm.probability) for arm in SplitArm.objects.all()}
    assert arms == {key: (theirs, 0.25 if theirs else 0.75) for key, theirs in drawn.items()}
    along = dict(ShadowScore.objects.values_list("case", "model"))
    assert along == {key: (champion if theirs else challenger).pk for key, theirs in drawn.items()}
    assert 2 <= sum(drawn.values()) <= 20


def test_a_split_needs_a_second_person_and_nothing_happens_before(
    champion: ModelVersion, challenger: ModelVersion, admin: User, supervisor: User
) -> None:
    for share in (0.0, 0.51, float("nan")):
        with pytest.raises(BadDecision):
            ask_split(challenger.pk, by=admin, share=share, reason=WHY)
    asked = ask_split(challenger.pk, by=admin, share=0.5, reason=WHY)
    with pytest.raises(FourEyes):
        sign_split(asked.pk, by=admin, seen_share=0.5)
    with pytest.raises(BadDecision):
        sign_split(asked.pk, by=supervisor, seen_share=0.25)
    with pytest.raises(NotAllowed):
        sign_split(asked.pk, by=make.user("reviewer", Role.REVIEWER), seen_share=0.5)
    with pytest.raises(DatabaseError), transaction.atomic():
        TrafficSplit.objects.update(signed_by=admin, signed_at=timezone.now())
    make.cases(8)
    score_waiting_cases("tests")
    assert set(Assessment.objects.values_list("model", flat=True)) == {champion.pk}
    assert SplitArm.objects.count() == 0


def test_a_stopped_split_leaves_the_next_chunk_to_the_champion(
    split: TrafficSplit, champion: ModelVersion, supervisor: User
) -> None:
    stop_split(split.pk, by=supervisor, reason="It declines too many.")
    make.cases(20)
    score_waiting_cases("tests")
    assert set(Assessment.objects.values_list("model", flat=True)) == {champion.pk}
    with pytest.raises(CaseMoved):
        sign_split(split.pk, by=supervisor, seen_share=0.25)


def test_a_split_whose_challenger_cannot_be_loaded_costs_no_case_its_score(
    split: TrafficSplit, champion: ModelVersion, challenger: ModelVersion, settings: Any
) -> None:
    path = settings.ARTEFACTS / f"{challenger.sha256}.json"
    kept = path.read_bytes()
    path.unlink()
    try:
        cases = make.cases(20)
        assert score_waiting_cases("tests") == 20
    finally:
        path.write_bytes(kept)
    assert set(Assessment.objects.values_list("model", flat=True)) == {champion.pk}
    assert set(SplitArm.objects.values_list("is_challenger", flat=True)) == {False}
    assert SplitArm.objects.count() < len(cases)


def test_promotion_ends_the_split_and_the_shadow_of_the_model(
    split: TrafficSplit, champion: ModelVersion, challenger: ModelVersion, admin: User, supervisor: User
) -> None:
    start_shadow(challenger.pk, by=admin, reason=WHY)
    proposal = propose_model(challenger.pk, by=admin, comparison=make.comparison(challenger, champion))
    seen = proposal.comparison_sha256
    approve_model(proposal.pk, by=supervisor, comparison_sha256=seen, ticked=("comparison_seen",))
    assert TrafficSplit.objects.get().stop_reason == "champion_replaced"
    assert ShadowRun.objects.get().stop_reason == "promoted"
    told = list(ModelStep.objects.filter(actor=None).values_list("name", "facts"))
    assert told == [
        ("stop_split", {"split": split.pk, "code": "champion_replaced"}), ("stop_shadow", {"code": "promoted"}),
    ]  # fmt: skip


def test_the_shadow_says_what_its_model_says(champion: ModelVersion, challenger: ModelVersion, settings: Any) -> None:
    values = load_champion(settings.ARTEFACTS, champion.sha256).table.matrix([dict(make.CLEAR_FEATURES)])
    ours, theirs = (load_champion(settings.ARTEFACTS, each.sha256).log_odds(values) for each in (challenger, champion))
    assert float((ours - theirs)[0]) == pytest.approx(0.5)
    assert sigmoid(ours)[0] > sigmoid(theirs)[0]
