"""What a simulation must name before it is frozen with a proposal."""

from __future__ import annotations

from typing import Any

import pytest

from routing.frozen import fault_of, without_cases

FIGURES = {
    "approve_share": 0.6, "decline_share": 0.3, "review_share": 0.1, "reviews_a_day": 10.0,
    "band": {"approve_share": [0.55, 0.65]},
}  # fmt: skip
SOUND: dict[str, Any] = {
    **without_cases("a", 7, "b"), "cases": 1000, "period": {"days": 10}, "predicted": FIGURES, "present": FIGURES,
}  # fmt: skip


def test_sound_ones_have_no_fault() -> None:
    assert fault_of(without_cases("a", None, "")) == ""
    assert fault_of(SOUND) == ""
    assert fault_of({**SOUND, "present": None, "more": "figures"}) == ""


@pytest.mark.parametrize("part", ["terms_sha256", "against", "period", "cases", "predicted"])
def test_a_missing_part_is_named(part: str) -> None:
    assert fault_of({name: value for name, value in SOUND.items() if name != part}) == part


def test_what_is_no_mapping_is_no_simulation() -> None:
    assert fault_of([]) == fault_of(None) == "simulation"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"approve_share": 1.1}, ".approve_share"),
        ({"approve_share": True}, ".approve_share"),
        ({"approve_share": float("nan")}, ".approve_share"),
        ({"approve_share": 0.7}, ".approve_share"),
        ({"decline_share": -0.1}, ".decline_share"),
        ({"review_share": "0.1"}, ".review_share"),
        ({"reviews_a_day": None}, ".reviews_a_day"),
        ({"reviews_a_day": -1}, ".reviews_a_day"),
        ({"band": []}, ".band"),
        ({"band": {"approve_share": [0.7, 0.6]}}, ".band.approve_share"),
        ({"band": {"decline_share": [0.1, 0.6]}}, ".band.decline_share"),
        ({"band": {"review_share": [0.1]}}, ".band.review_share"),
    ],
)
@pytest.mark.parametrize("of", ["predicted", "present"])
def test_an_impossible_figure_is_named(of: str, change: dict[str, Any], path: str) -> None:
    assert fault_of({**SOUND, of: {**FIGURES, **change}}) == f"{of}{path}"


def test_figures_without_cases_and_cases_without_figures_are_a_contradiction() -> None:
    assert fault_of({**SOUND, "cases": 0}) == "cases"
    assert fault_of({**SOUND, "predicted": None}) == "predicted"
    assert fault_of({**SOUND, "predicted": []}) == "predicted"
    assert fault_of({**SOUND, "cases": True}) == "cases"
