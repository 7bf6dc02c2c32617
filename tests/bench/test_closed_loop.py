"""The simulated lender: its figures can be repeated to the digit, and nobody in it knows an outcome before its time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import _loop, _rivals
from bench._chances import Routes
from bench._habits import measured
from bench._lender import Calendar
from bench._lessons import WINDOW, Ledger
from bench._loop import Parts
from bench._reviewers import Habits
from bench._rivals import RIVALS, Ground
from bench._sources import unwatched, watched
from bench.closed_loop import PRODUCT, Setting, compared, figures, ground_of, pooled

TINY = Setting(Calendar(months=10, cases_a_month=120), people=3)
WORLD, SEED = "turning", 3
LEARNERS = ("overrides_as_labels", "outcomes_unweighted")


@pytest.fixture(scope="module")
def ground() -> Ground:
    return ground_of(TINY, WORLD, SEED)


@pytest.fixture(scope="module")
def decided(ground: Ground) -> dict[str, Ledger]:
    return ledgers(ground)


def ledgers(ground: Ground) -> dict[str, Ledger]:
    plain = {name: _rivals.lend(RIVALS[name], ground) for name in ("no_review", *LEARNERS)}
    return plain | {PRODUCT: _loop.lend(Parts(), ground).ledger}


def test_the_same_seed_gives_the_same_figures_to_the_digit(ground: Ground, decided: dict[str, Ledger]) -> None:
    assert {name: round(figures(ledger, ground)["loss"], 2) for name, ledger in decided.items()} == {
        "no_review": 540.86,
        "overrides_as_labels": 453.87,
        "outcomes_unweighted": 485.3,
        PRODUCT: 467.59,
    }


def test_an_outcome_changes_no_decision_before_its_window_is_over(ground: Ground, decided: dict[str, Ledger]) -> None:
    moment = 8.0
    cases = ground.cases
    open_ = cases.at + WINDOW >= moment
    other = replace(ground, cases=replace(cases, bad=np.where(open_, ~cases.bad, cases.bad)))
    after = ledgers(other)
    for name, ledger in decided.items():
        early = cases.live & (ledger.decided_at < moment)
        assert (ledger.granted[early] == after[name].granted[early]).all(), name
        assert (ledger.sent[early] == after[name].sent[early]).all(), name
    later = cases.live & (decided[PRODUCT].decided_at >= moment + 1)
    assert not (decided[PRODUCT].granted[later] == after[PRODUCT].granted[later]).all()


def test_a_learner_is_refused_outcomes_that_nobody_knows(ground: Ground, decided: dict[str, Ledger]) -> None:
    ledger = decided["no_review"]
    known = ledger.matured(8.0)
    assert (ledger.decided_at[known] + WINDOW <= 8.0).all()
    assert ledger.granted[known].all()
    refused = np.flatnonzero(ground.cases.live & ~ledger.granted)[:1]
    young = np.flatnonzero(ledger.granted & (ground.cases.month == 5))[:1]
    for rows in (refused, young):
        with pytest.raises(ValueError, match="nobody knows"):
            ledger.outcomes(rows, 8.0)


def test_all_ways_meet_the_same_cases_whoever_looks_at_them(ground: Ground) -> None:
    other = ground_of(replace(TINY, habits=Habits(noise=0.1), people=5, capacity=0.3), WORLD, SEED)
    for name in ("values", "pd", "bad", "exposure", "margin", "seen_risk"):
        assert (getattr(ground.cases, name) == getattr(other.cases, name)).all(), name
    alone = [_rivals.lend(RIVALS["no_review"], each).granted for each in (ground, other)]
    assert (alone[0] == alone[1]).all()


def test_nobody_sees_more_than_the_capacity(ground: Ground, decided: dict[str, Ledger]) -> None:
    live = ground.cases.live
    for name, ledger in decided.items():
        assert ledger.looks[live].sum() <= 1.1 * ground.capacity * live.sum(), name


def test_a_failing_source_is_stopped_after_its_first_case_with_the_breaker_or_without_it(ground: Ground) -> None:
    both, watch_alone = (
        watched(ground.cases, ground.calendar, fails=True, breaks=breaks).zeroed.sum() for breaks in (True, False)
    )
    nobody_looks = unwatched(ground.cases, ground.calendar, fails=True).zeroed.sum()
    assert (both, watch_alone, nobody_looks) == (1, 1, 70)


def test_a_chance_of_being_seen_is_that_of_the_product_and_unknown_where_nobody_decided_like_cases() -> None:
    routes, seen = Routes(70), np.zeros(70, dtype=np.bool_)
    # Way, advice, audited and its chance, explored and its chance: approved by the machine, by lot, and by people.
    routes.table[0], routes.table[1] = (0, 0, 0, 0.01, 0, 0.0), (0, 1, 0, 0.0, 1, 0.2)
    routes.table[2:], routes.pd[:] = (2, 1, 0, 0.0, 0, 0.0), 0.12
    seen[2:42] = True
    found = routes.propensities(np.array([0, 1, 2]), seen, np.arange(70) < 12)
    assert found.tolist() == pytest.approx([1 - 0.01 * 0.5, 0.2, 11 / 42])
    seen[31:] = False
    assert np.isnan(routes.propensities(np.array([2]), seen, np.arange(70) < 12)).all()


def test_differences_are_paired_seed_by_seed() -> None:
    runs = [
        {PRODUCT: {"loss": 9.0}, "no_review": {"loss": 10.0}},
        {PRODUCT: {"loss": 20.0}, "no_review": {"loss": 23.0}},
        {PRODUCT: {"loss": 32.0}, "no_review": {"loss": 30.0}},
    ]
    assert compared(runs, "loss") == {
        "no_review": {"difference": -0.67, "interval": [-6.92, 5.58], "percent": -3.17, "seeds_lower": 0.67}
    }
    calmer = [{PRODUCT: {"loss": 1.0}, "no_review": {"loss": each}} for each in (2.0, 2.0, 5.0)]
    # Of each seed the mean of both worlds: -1, -2, -1.
    assert pooled({"one": runs, "other": calmer}, "loss") == {
        "no_review": {"difference": -1.33, "interval": [-2.77, 0.1], "percent": -11.11, "seeds_lower": 1.0}
    }


def test_a_table_without_what_habits_are_measured_on_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("session_id,defendant_id\na,1\n")
    with pytest.raises(ValueError, match=r"--overrides: some\.csv has no column treatment"):
        measured(path)
