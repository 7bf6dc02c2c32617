"""Caution from blind opinions: people's sight is told from their noise, one lean from many, and it is never bold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from learning.bands import BANDS
from learning.early_caution import LEAST_OPINIONS, PRIOR, EarlyCaution, Views, early_caution
from routing.facts import lowered
from scoring.ml.calibration import sigmoid

CASES = 1500


def views(*, off: float = 0.0, sight: float = 0.0, noise: float = 0.9, leans: tuple[float, ...] = (0.0,) * 4) -> Views:
    """Everybody's opinion on every case: people see `off` log-odds more risk than the model, and the rest of it with
    deviation `sight`, each with noise and a lean of their own."""
    random = np.random.default_rng(7)
    log_odds, seen = random.normal(-2.0, 0.4, CASES), random.normal(0.0, 1.0, CASES)
    person, case = np.repeat(np.arange(len(leans)), CASES), np.tile(np.arange(CASES), len(leans))
    own = log_odds[case] + off + sight * seen[case] + noise * random.normal(size=len(case)) + np.array(leans)[person]
    band = np.searchsorted(BANDS, sigmoid(own), side="right") + 1
    return Views(person, case, log_odds[case], band, np.ones(len(case)))


def found(given: Views) -> EarlyCaution:
    said = early_caution(given)
    assert said is not None
    return said


def test_noise_alone_makes_no_model_look_too_hopeful() -> None:
    said = found(views(noise=1.2))
    assert (said.people, said.opinions, said.pairs) == (4, 4 * CASES, 6 * CASES)
    assert said.effective == pytest.approx(4 * CASES)
    assert said.agreement == pytest.approx(0.0, abs=0.02)
    assert said.said == pytest.approx(0.0, abs=0.05)


def test_what_people_see_and_the_model_does_not_raises_the_pd_as_much_as_it_should() -> None:
    given = views(off=0.3, sight=0.8)
    said = found(given)
    true = sigmoid(given.log_odds[:, None] + 0.3 + 0.8 * np.random.default_rng(1).normal(size=400))
    assert sigmoid(given.log_odds + said.said).mean() == pytest.approx(true.mean(), abs=0.006)
    # The middle of what they see is 0.3 off; what they see apart from each other raises the PD by the rest.
    assert said.said == pytest.approx(0.43, abs=0.01)
    # Of 0.64 + 0.81 the first is sight; the bands hide some of it.
    assert said.agreement == pytest.approx(0.34, abs=0.01)
    assert said.agreement < 0.64 / 1.45


def test_people_who_lean_apart_are_believed_less() -> None:
    agreed, apart = found(views(off=0.5)), found(views(off=0.5, leans=(-0.9, -0.3, 0.3, 0.9)))
    assert agreed.error == pytest.approx(0.0, abs=0.05)
    assert apart.error == pytest.approx(0.387, abs=0.04)
    assert apart.said == pytest.approx(agreed.said, abs=0.1)
    assert apart.shift == pytest.approx(apart.said * PRIOR**2 / (PRIOR**2 + apart.error**2))
    assert (agreed.shift > apart.shift, agreed.low > 0 > apart.low) == (True, True)


def test_opinions_never_make_lending_looser() -> None:
    said = found(views(off=-0.6))
    assert said.high < 0
    assert said.caution == 0.0
    assert found(views(off=0.6)).caution == pytest.approx(0.6, abs=0.05)


def test_an_opinion_that_the_lot_asked_for_stands_for_many() -> None:
    given = views(off=0.0, leans=(0.0, 0.0, 0.0))
    bold = given.case < CASES // 2
    moved = replace(given, log_odds=np.where(bold, given.log_odds - 0.8, given.log_odds))
    plain, weighted = found(moved), found(replace(moved, weight=np.where(bold, 5.0, 1.0)))
    assert plain.said == pytest.approx(0.4, abs=0.08)
    assert weighted.said > plain.said + 0.15
    assert weighted.effective == pytest.approx(3 * CASES * 9 / 13)


def test_nothing_is_told_of_two_people_or_of_a_handful_of_opinions() -> None:
    assert early_caution(views(leans=(0.0, 0.0))) is None
    given = views(leans=(0.0, 0.0, 0.0))
    keep = (given.person < 2) | (given.case < LEAST_OPINIONS - 1)
    few = Views(*(getattr(given, name)[keep] for name in ("person", "case", "log_odds", "band", "weight")))
    assert early_caution(few) is None
    nobody = Views(*(getattr(given, name)[:0] for name in ("person", "case", "log_odds", "band", "weight")))
    assert early_caution(nobody) is None


def test_lines_are_lowered_by_odds_and_stay_to_the_digit_without_caution() -> None:
    lines = np.array([0.12, 0.5, 1.0, np.nan])
    assert lowered(lines, 0.0) is lines
    assert lowered(lines, float(np.log(2.0))).tolist() == pytest.approx([0.06 / 0.94, 1 / 3, 1.0, np.nan], nan_ok=True)
