"""Smoke vectors: they hold the whole assessment, and tell any other model."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scoring.ml.assessment import SHOWN
from scoring.ml.champion import Champion
from scoring.ml.smoke import assessment_differences, is_whole, score_difference


def fields(champion: Champion) -> set[str]:
    """The fields in which the champion differs from its vectors."""
    return {field.split("[")[0].split(".")[0] for field, _stored, _recomputed in assessment_differences(champion)}


def test_a_champion_reproduces_all_that_an_assessment_shows(champion: Champion) -> None:
    assert set(champion.smoke.assessed) == set(SHOWN)
    assert is_whole(champion)
    assert score_difference(champion) == 0.0
    assert list(assessment_differences(champion)) == []


def test_the_vectors_reach_missing_unreadable_and_stale_inputs_and_every_kind_of_reason(champion: Champion) -> None:
    assessed, names = champion.smoke.assessed, list(champion.table.names)
    assert {len(column) for column in assessed.values()} == {19}
    assert assessed["values"][-3] == assessed["values"][-2] == [None] * len(names)
    assert assessed["unreadable"][-3:] == [[], names, []]
    assert set(assessed["stale"][-1]) == {
        name for name, value in zip(names, assessed["values"][-1], strict=True) if value is not None
    }
    assert {one["direction"] for row in assessed["reasons"] for one in row} == {"up", "down"}
    assert any(one.get("given") for row in assessed["reasons"] for one in row)
    assert any(assessed["applicant_reasons"])
    assert any(assessed["cohort_reasons"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda one: {"intervals": replace(one.intervals, below=one.intervals.below * 2.0)}, "pd_low"),
        (lambda one: {"weights": dict.fromkeys(one.weights, 1 / len(one.weights))}, "doubt_parts"),
        (lambda one: {"supplied": dict.fromkeys(one.supplied, 0.5)}, "doubt"),
        (lambda one: {"norms": {**one.norms, "interest_rate": 6.0}}, "reasons"),
        (lambda one: {"norms": {**one.norms, "interest_rate": 6.0}}, "usual"),
        (lambda one: {"cohort_norms": {**one.cohort_norms, "interest_rate": 29.0}}, "cohort_reasons"),
        (lambda one: {"disagreement": replace(one.disagreement, votes=one.disagreement.votes[::-1])}, "doubt_parts"),
        (lambda one: {"blend": one.blend.with_cohort(np.full((1, len(one.table.names)), np.nan))}, "cohort_base_value"),
    ],
)
def test_another_part_of_the_model_is_told_by_what_it_shows(
    champion: Champion, change: Callable[[Champion], dict[str, Any]], field: str
) -> None:
    other = replace(champion, **change(champion))
    assert score_difference(other) == 0.0
    assert field in fields(other)


def test_another_score_is_told_without_an_explanation(champion: Champion) -> None:
    other = replace(champion, blend=replace(champion.blend, intercept=champion.blend.intercept + 0.001))
    assert score_difference(other) > 0.0005
