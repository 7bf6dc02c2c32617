"""Retraining sets: nothing from after the decision, weights and their effective size, what is left out, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from cases.models import Case, User
from learning.actions import ObservedOutcome, record_outcomes
from learning.as_decided import as_decided, blank_later, undo
from learning.dataset import read_table
from learning.label_conflicts import find_conflicts, out_of_fold
from learning.label_weights import set_weights
from learning.models import Label, TrainingSet, TrainingSetRow
from learning.set_building import NothingToLearn, build_training_set
from learning.set_compare import compare_rows, shifts
from learning.set_files import path_of
from routing.models import Policy, Route
from scoring.ml.columns import Columns
from scoring.models import ModelVersion
from tests import make
from tests.learning.test_exploration import explored
from tests.routing.tampering import tampering

AGO = timedelta(days=730)


def told(cases: list[Case], *, days: int = 400, bad: bool = False) -> None:
    outcomes = [ObservedOutcome(case.pk, case.applied_at + timedelta(days=days), bad) for case in cases]
    assert record_outcomes(outcomes, given_by="tests").accepted == len(cases)


@pytest.fixture
def loans(champion: ModelVersion, policy: Policy) -> list[Case]:
    """Six loans that the machine granted, all repaid."""
    make.cases(6, applied_at=timezone.now() - AGO)
    make.run_machine()
    granted = list(Case.objects.order_by("pk"))
    told(granted)
    return granted


def rows_of(dataset: TrainingSet) -> dict[str, dict[str, object]]:
    return {str(row["case_ref"]): row for row in read_table(path_of(dataset))}


def test_facts_that_were_altered_after_the_machine_decided_are_left_out_and_told(loans: list[Case]) -> None:
    before = build_training_set("consumer")
    with tampering():
        Case.objects.filter(pk=loans[0].pk).update(features={**loans[0].features, "annual_income": 1})
    after = build_training_set("consumer")
    assert after.card["excluded"] == {"facts_changed": 1}
    assert set(rows_of(before)) - set(rows_of(after)) == {loans[0].ref}
    # A column that no model of ours reads cannot give anything away to one, and the database lets nobody add it.
    with pytest.raises(IntegrityError, match="its facts change only with a move"), transaction.atomic():
        Case.objects.filter(pk=loans[1].pk).update(features={**loans[1].features, "recoveries": 500})


def test_a_persons_decision_is_learned_from_with_the_facts_of_its_packet(
    champion: ModelVersion, reviewer: User, admin: User, supervisor: User
) -> None:
    make.policy(admin, supervisor, **make.UNCERTAIN)
    make.released_at_once(admin)
    held = make.claimed_case(reviewer, key_customer=False, applied_at=timezone.now() - AGO)
    make.decide(held, reviewer)
    case = make.reread(held)
    assert case.decided_by == "person"
    told([case])
    with tampering():
        late = {**case.features, "annual_income": 1, "recoveries": 500}
        Case.objects.filter(pk=case.pk).update(features=late, amount=1)
    row = rows_of(build_training_set("consumer"))[case.ref]
    assert (row["annual_income"], row["amount"]) == (case.features["annual_income"], float(case.amount))
    assert "recoveries" not in row


def test_a_change_on_record_after_the_decision_is_undone(loans: list[Case]) -> None:
    case, now = loans[0], timezone.now()
    facts = {"before": {"annual_income": case.features["annual_income"], "recoveries": None}, "after": {}}
    with tampering():
        late = {**case.features, "annual_income": 1, "recoveries": 500}
        QuerySet(Case).filter(pk=case.pk).update(features=late, version=case.version + 1)
        case.events.create(seq=case.version + 1, name="supply_data", from_state="x", to_state="x", facts=facts)
    found = as_decided(list(Case.objects.filter(pk=case.pk)), as_of=now)[case.pk]
    assert (found.version, found.altered, found.undone) == (case.version, False, ["annual_income", "recoveries"])
    assert found.values["annual_income"] == case.features["annual_income"]
    assert "recoveries" not in found.values
    dataset = build_training_set("consumer")
    assert (dataset.rows, dataset.card["undone"], dataset.card["excluded"]) == (6, [case.ref], {})


def test_changes_are_undone_the_latest_first() -> None:
    later: list[dict[str, Any]] = [
        {"before": {"a": 2}},
        {"before": {"a": 1, "b": None}},
        {"reason": "no change of facts"},
    ]
    assert undo({"a": 3, "b": 1, "c": 9}, later) == ({"a": 1, "c": 9}, ["a", "b"])


@dataclass(frozen=True)
class Feature:
    name: str
    as_of: str = ""


def test_what_was_looked_up_after_the_decision_is_blanked_by_its_own_date() -> None:
    decided_at = datetime(2025, 3, 10, 12, tzinfo=UTC)
    features = [Feature("a", "a_on"), Feature("b", "b_on"), Feature("c", "c_on"), Feature("d")]
    values = {"a": 1, "a_on": "2025-03-10", "b": 2, "b_on": "2025-03-11", "c": 3, "c_on": "no date", "d": 4}
    assert blank_later(values, features, decided_at) == ["b", "c"]
    assert (values["a"], values["b"], values["c"], values["d"]) == (1, None, None, 4)


def test_a_set_as_of_an_earlier_moment_knows_nothing_of_what_came_since(loans: list[Case]) -> None:
    moment = Label.objects.latest("pk").recorded_at
    assert build_training_set("consumer", as_of=moment).rows == 6
    with pytest.raises(NothingToLearn):
        build_training_set("consumer", as_of=moment - timedelta(seconds=1))


def test_an_outcome_can_be_followed_into_every_set_that_holds_it(loans: list[Case]) -> None:
    one = build_training_set("consumer")
    told(loans[:1], days=420, bad=True)
    two = build_training_set("consumer")
    old, new = Label.objects.filter(case=loans[0]).order_by("pk")
    assert list(TrainingSetRow.objects.filter(label=old).values_list("dataset", flat=True)) == [one.pk]
    assert list(TrainingSetRow.objects.filter(label=new).values_list("dataset", flat=True)) == [two.pk]
    row = rows_of(two)[loans[0].ref]
    assert (row["label_id"], row["is_bad"], row["case_version"]) == (new.pk, True, loans[0].version)
    assert two.previous == one
    compared = two.card["compared"]
    assert (compared["new"], compared["gone"], compared["restated"]) == (0, 0, [loans[0].ref])
    assert compared["shifts"] == []


def test_explored_loans_weigh_by_their_draw_and_the_set_is_worth_fewer(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    _exploration, lot = explored(admin, supervisor)
    told(lot[:2])
    make.cases(2, source="good", applied_at=timezone.now() - AGO)
    make.run_machine()
    good = list(Case.objects.filter(source="good", outcome="approve").order_by("pk"))
    assert len(good) == 2
    told(good)
    assert list(Route.objects.filter(case__in=lot[:2]).values_list("exploration_probability", flat=True)) == [0.5, 0.5]
    dataset = build_training_set("consumer")
    weights = dict(TrainingSetRow.objects.values_list("label__case", "weight"))
    # Of 1 / 0.5 and 1 / 1 the mean is 1.5.
    assert [weights[case.pk] for case in (*lot[:2], *good)] == pytest.approx([2 / 1.5] * 2 + [1 / 1.5] * 2)
    assert dataset.effective_size == pytest.approx(6**2 / 10)
    assert dataset.card["effective_size_without"] == 4.0
    assert dataset.card["weighted_bad_rate"] == {"share": 0.0, "low": 0.0, "high": 0.0}
    assert dataset.card["bases"] == [
        {"basis": "always", "rows": 2, "bads": 0, "propensity": 1.0, "weight": pytest.approx(0.666667)},
        {"basis": "explored", "rows": 2, "bads": 0, "propensity": 0.5, "weight": pytest.approx(1.333333)},
    ]
    set_weights(by=admin, reason="nobody stands for another", changes={"cap": 1.0})
    capped = build_training_set("consumer")
    assert (capped.effective_size, capped.card["capped"], capped.weights.number) == (4.0, 2, 1)  # type: ignore[union-attr]
    assert capped.sha256 != dataset.sha256


def test_a_feature_that_drifts_is_found_and_one_that_does_not_is_not() -> None:
    random = np.random.default_rng(7)

    def rows(count: int, first: int, *, moved: float, region: str) -> list[dict[str, object]]:
        return [
            {"case_ref": f"CR-{first + n}", "is_bad": False, "same": float(a), "moved": float(b), "case_region": region}
            for n, (a, b) in enumerate(zip(random.normal(size=count), random.normal(moved, 1, size=count), strict=True))
        ]

    before = rows(2000, 0, moved=0.0, region="A")
    after = before + rows(400, 2000, moved=1.0, region="B")
    compared = compare_rows(after, before, ["same", "moved"])
    assert (compared["new"], compared["gone"], compared["restated_count"]) == (400, 0, 0)
    assert [(each["feature"], each["grade"]) for each in compared["shifts"]] == [("moved", "red"), ("same", "")]
    assert compared["segments"] == [{"dimension": "case_region", "value": "B", "rows": 400}]
    # Ten bins, two features at 1 %: chi-square of nine degrees beyond 0.5 % is 23.589.
    assert compared["shifts"][1]["critical"] == pytest.approx(23.589 * (1 / 400 + 1 / 2000), rel=1e-3)
    assert shifts(after[-49:], before, ["moved"]) == []


def test_labels_in_conflict_are_those_that_reach_the_other_classs_threshold() -> None:
    pd = np.array([0.1, 0.2, 0.9, 0.3, 0.8, 0.7, 0.1])
    bad = np.array([0, 0, 0, 0, 1, 1, 1])
    found = find_conflicts(pd, bad)
    # Good: (0.9 + 0.8 + 0.1 + 0.7) / 4; bad: (0.8 + 0.7 + 0.1) / 3.
    assert [found.good_threshold, found.bad_threshold] == pytest.approx([0.625, 1.6 / 3])
    assert found.rows.tolist() == [2, 6]
    # A good outcome is doubted from a PD of 0.533 on (0.9, 0.8, 0.7), a bad one up to 0.375 (0.1, 0.2, 0.3, 0.1).
    assert found.expected == pytest.approx(0.1 + 0.2 + 0.3 + 0.1 + 0.2 + 0.3 + 0.1)
    with pytest.raises(ValueError, match="both outcomes"):
        find_conflicts(pd, np.zeros(7, dtype=np.int64))


def test_a_model_that_did_not_see_them_doubts_the_labels_that_were_turned() -> None:
    random = np.random.default_rng(3)
    values = random.normal(size=(1200, 3))
    bad = (values[:, 0] > 1.0).astype(np.int64)
    bad[:10] = 1 - bad[:10]
    pd = out_of_fold(values, bad, Columns.plain(3))
    found = find_conflicts(pd, bad)
    assert len(set(range(10)) & set(found.rows[:30].tolist())) == 9


def test_where_every_label_is_right_there_are_as_many_conflicts_as_chance_brings() -> None:
    random = np.random.default_rng(5)
    pd = random.beta(1, 12, size=20_000)
    found = find_conflicts(pd, (random.random(20_000) < pd).astype(np.int64))
    assert found.expected > 1000
    assert len(found.rows) == pytest.approx(found.expected, rel=0.05)
