"""The chance that a reviewer errs by kind of case: shrunk to the team, right on average, silent on too little."""

from __future__ import annotations

import pytest

from learning.error_chances import Cell, error_chances
from learning.reviewer_accuracy import FEATURES, PRIOR_JUDGED
from routing.kinds import KINDS, accuracy_key, kind_of


def cells(person: int, kind: str, judged: int, wrong: int) -> list[Cell]:
    """Spread over the five folds alike."""
    return [Cell(person, kind, fold, judged // 5, wrong // 5) for fold in range(5)]


def test_a_case_lies_below_near_or_above_its_own_cut_off() -> None:
    # Odds at 0.2 are 1/4; within a factor of two: 1/8 (PD 1/9) to 1/2 (PD 1/3).
    assert [kind_of(pd, 0.2, 0.1) for pd in (0.111, 0.1112, 0.33, 0.34)] == ["below", "near", "near", "above"]
    assert kind_of(0.05, 0.2, 0.5) == "below-doubtful"
    assert [kind_of(None, 0.2, 0), kind_of(0.1, None, 0), kind_of(0.1, 0.0, 0)] == ["", "", ""]
    assert set(FEATURES) == {"", *KINDS}
    assert (accuracy_key("car", "near"), accuracy_key("car", "")) == ("car/near", "car")


def test_where_the_team_errs_near_the_line_everybody_is_expected_to() -> None:
    found = error_chances(
        [*cells(1, "below", 200, 10), *cells(1, "near", 200, 60), *cells(2, "below", 200, 10)], FEATURES, PRIOR_JUDGED
    )
    assert found is not None
    assert found.helps
    assert found.team["below"] == pytest.approx(0.05, abs=0.01)
    assert found.team["near"] == pytest.approx(0.30, abs=0.02)
    # The second person was never judged near the line: there the team speaks for them, with their own touch.
    assert found.people[2]["near"] == pytest.approx(0.30, abs=0.03)
    assert [(check.kind, check.judged, check.wrong) for check in found.checks] == [
        ("below", 400, 20),
        ("near", 200, 60),
    ]
    # Calibrated on what was held out: expected errors are those that were found.
    assert [check.expected for check in found.checks] == [pytest.approx(20, abs=1.5), pytest.approx(60, abs=1.5)]


def test_a_person_with_few_judged_decisions_is_drawn_to_the_team() -> None:
    team = [*cells(1, "near", 400, 80), *cells(1, "below", 400, 80)]
    few, many = cells(2, "near", 10, 10), cells(3, "near", 200, 200)
    found = error_chances([*team, *few, *many], FEATURES, PRIOR_JUDGED)
    assert found is not None
    assert 0.2 < found.people[1]["near"] < found.people[2]["near"] < 0.8
    assert found.people[3]["near"] > 0.9


def test_a_kind_that_tells_nothing_is_not_used_and_too_little_makes_no_model() -> None:
    alike = [*cells(1, "near", 200, 40), *cells(1, "below", 200, 40), *cells(1, "above", 200, 40)]
    uneven = [Cell(1, "near", 0, 40, 20), Cell(1, "near", 1, 40, 0), *alike]
    found = error_chances(uneven, FEATURES, PRIOR_JUDGED)
    assert found is not None
    assert not found.helps
    assert error_chances(cells(1, "near", 95, 45), FEATURES, PRIOR_JUDGED) is None
    assert error_chances(cells(1, "near", 100, 5), FEATURES, PRIOR_JUDGED) is None
    assert error_chances(cells(1, "near", 100, 95), FEATURES, PRIOR_JUDGED) is None
    assert error_chances([], FEATURES, PRIOR_JUDGED) is None
