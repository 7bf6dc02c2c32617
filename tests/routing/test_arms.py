"""Random arms: draws that can be repeated, a blind audit, and explorations that stay within budget and stop in time."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cases.draws import draw, draws
from routing.arms import (
    AUDIT,
    EXPLORE,
    EXPLORE_ORDER,
    Exploration,
    Explored,
    Outcomes,
    SettingError,
    audit,
    evidence,
    explore,
    should_stop,
)

SECRET = "a secret"
TERMS = Exploration(
    rate=0.2,
    highest_pd=0.3,
    highest_exposure=1_000.0,
    budget=20_000.0,
    most_bads=30,
    most_loss_share=0.25,
    tolerated_bad_rate=0.3,
)


def keys(count: int, start: int = 0) -> list[str]:
    return [f"branch/{number}" for number in range(start, start + count)]


def both_draws(secret: str, names: list[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return draws(secret, EXPLORE, names), draws(secret, EXPLORE_ORDER, names)


def explored(
    count: int = 500, *, terms: Exploration = TERMS, left: float | None = None, secret: str = SECRET, **columns: Any
) -> Explored:
    """Explore so many marginal declines, but for the columns given."""
    given: dict[str, Any] = {
        "pd": np.full(count, 0.2),
        "exposure": np.full(count, 100.0),
        "declined_by_machine": np.ones(count, dtype=np.bool_),
        **columns,
    }
    budget = terms.budget if left is None else left
    return explore(*both_draws(secret, keys(count)), cut_off=0.15, terms=terms, budget_left=budget, **given)


def test_a_draw_is_the_hmac_of_arm_and_case() -> None:
    digest = hmac.new(SECRET.encode(), b"explore:branch/7", hashlib.sha256).digest()
    assert draw(SECRET, EXPLORE, "branch/7") == int.from_bytes(digest[:8], "big") / 2**64


def test_the_audit_draws_as_it_always_has() -> None:
    digests = [hmac.new(SECRET.encode(), f"audit:{key}".encode(), hashlib.sha256).digest() for key in keys(300)]
    assert draws(SECRET, AUDIT, keys(300)).tolist() == [int.from_bytes(each[:8], "big") / 2**64 for each in digests]
    assert draws(SECRET, AUDIT, []).tolist() == []


def test_draws_depend_on_the_secret_the_arm_and_the_case() -> None:
    known = draws(SECRET, EXPLORE, keys(1_000))
    assert known.tolist() == [draw(SECRET, EXPLORE, key) for key in keys(1_000)]
    assert len(set(known.tolist())) == 1_000
    for other in (draws("another", EXPLORE, keys(1_000)), draws(SECRET, AUDIT, keys(1_000))):
        assert not (known == other).any()
        assert abs(np.corrcoef(known, other)[0, 1]) < 0.1


@pytest.mark.parametrize("arm", ["", "Audit", "audit:", "audit:branch", "prüfung", "audit "])
def test_only_plain_names_are_arms_so_that_two_never_share_a_draw(arm: str) -> None:
    with pytest.raises(ValueError, match="not the name of an arm"):
        draw(SECRET, arm, "1")
    with pytest.raises(ValueError, match="not the name of an arm"):
        draws(SECRET, arm, [])


def test_only_automatic_decisions_are_audited_each_with_its_probability() -> None:
    decided = np.arange(20_000) % 2 == 0
    audited = audit(draws(SECRET, AUDIT, keys(20_000)), decided, 0.05)
    assert not audited.chosen[~decided].any()
    assert set(audited.probability[decided]) == {0.05}
    assert set(audited.probability[~decided]) == {0.0}
    assert (audited.chosen == (decided & (draws(SECRET, AUDIT, keys(20_000)) < 0.05))).all()
    assert abs(audited.chosen.sum() - 500) < 4 * math.sqrt(10_000 * 0.05 * 0.95)


@pytest.mark.parametrize(("rate", "count"), [(0.0, 0), (1.0, 50)])
def test_a_rate_of_nothing_audits_nothing_and_of_one_everything(rate: float, count: int) -> None:
    assert audit(draws(SECRET, AUDIT, keys(50)), np.ones(50, dtype=np.bool_), rate).chosen.sum() == count


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_an_audit_rate_that_cannot_be_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        audit(draws(SECRET, AUDIT, keys(1)), np.ones(1, dtype=np.bool_), rate)


def test_exploration_is_off_until_it_is_set() -> None:
    off = explored(terms=Exploration(), left=1e9)
    assert (int(off.chosen.sum()), float(off.probability.sum()), off.spent) == (0, 0.0, 0.0)
    assert should_stop(Outcomes(10, 10, 1e9), Exploration()) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate": -0.1}, "rate"),
        ({"rate": 0.51}, "rate"),
        ({"rate": math.nan}, "rate"),
        ({"highest_pd": 0.0}, "highest_pd"),
        ({"highest_pd": 1.0}, "highest_pd"),
        ({"budget": 0.0}, "budget"),
        ({"budget": math.inf}, "budget"),
        ({"highest_exposure": 0.0}, "highest_exposure"),
        ({"highest_exposure": 20_001.0}, "highest_exposure"),
        ({"highest_exposure": math.nan}, "highest_exposure"),
        ({"most_bads": 0}, "most_bads"),
        ({"most_loss_share": 0.0}, "most_loss_share"),
        ({"most_loss_share": 1.1}, "most_loss_share"),
        ({"tolerated_bad_rate": 0.0}, "tolerated_bad_rate"),
        ({"tolerated_bad_rate": 1.0}, "tolerated_bad_rate"),
        ({"confidence": 0.4}, "confidence"),
        ({"confidence": 1.0}, "confidence"),
    ],
)
def test_exploration_terms_that_cannot_be_are_refused_in_both_languages(change: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingError, match=f"^{field}: ") as refusal:
        replace(TERMS, **change)
    assert refusal.value.field == field
    assert refusal.value.en
    assert any("一" <= letter <= "鿿" for letter in refusal.value.zh)


def test_only_marginal_declines_of_the_machine_are_explored() -> None:
    always = replace(TERMS, rate=0.5)
    pd = np.array([0.2, 0.2, 0.14, 0.15, 0.3, math.nan, 0.2, 0.2] * 50)
    exposure = np.array([100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 1_001.0, math.nan] * 50)
    machine = np.array([True, False, True, True, True, True, True, True] * 50)
    out = explored(400, terms=always, left=1e9, pd=pd, exposure=exposure, declined_by_machine=machine)
    assert (out.probability > 0).reshape(50, 8).tolist() == [[True, False, False, True, *[False] * 4]] * 50
    assert set(out.probability) == {0.0, 0.5}
    assert out.chosen[out.probability > 0].any()
    assert not out.chosen[out.probability == 0].any()
    assert out.spent == 100.0 * out.chosen.sum()


def test_with_budget_to_spare_a_case_is_chosen_by_its_own_draw_alone() -> None:
    wide = explored(2_000, left=1e9)
    assert (wide.chosen == (draws(SECRET, EXPLORE, keys(2_000)) < TERMS.rate)).all()
    assert set(wide.probability) == {TERMS.rate}


def test_the_budget_closes_while_the_largest_case_still_fits_and_stays_closed() -> None:
    out = explored(2_000, left=3_000.0)
    # 21 cases of 100 leave 900, which is less than the largest exposure allowed.
    assert (int(out.chosen.sum()), out.spent) == (21, 2_100.0)
    assert set(out.probability) == {0.0, TERMS.rate}
    assert not out.chosen[out.probability == 0].any()


@pytest.mark.parametrize("left", [0.0, -5.0, 999.99, math.nan])
def test_a_budget_that_does_not_hold_the_largest_case_explores_nothing(left: float) -> None:
    out = explored(left=left)
    assert (int(out.chosen.sum()), float(out.probability.sum()), out.spent) == (0, 0.0, 0.0)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.floats(0.01, 1_000), max_size=40),
    st.floats(-10, 20_000),
    st.floats(0.01, 0.5),
    st.integers(0, 10**6).map(str),
)
def test_the_budget_is_never_exceeded(exposure: list[float], left: float, rate: float, secret: str) -> None:
    terms = replace(TERMS, rate=rate)
    out = explored(len(exposure), terms=terms, left=left, secret=secret, exposure=np.array(exposure, dtype=np.float64))
    assert out.spent <= max(left, 0.0)
    assert out.spent == math.fsum(np.array(exposure)[out.chosen])
    assert set(out.probability) <= {0.0, rate}


def test_the_chance_of_a_case_does_not_depend_on_its_own_size_or_place() -> None:
    exposure = np.random.default_rng(2).uniform(1, 1_000, 300)
    plain = explored(300, left=8_000.0, exposure=exposure)
    for row in np.flatnonzero(plain.probability > 0)[:40]:
        other = exposure.copy()
        other[row] = 1_000.0
        assert explored(300, left=8_000.0, exposure=other).probability[row] == plain.probability[row]
    order = np.random.default_rng(3).permutation(300)
    names = np.array(keys(300))
    given: dict[str, Any] = {"cut_off": 0.15, "terms": TERMS, "budget_left": 8_000.0}
    machine: NDArray[np.bool_] = np.ones(300, dtype=np.bool_)
    mixed = explore(
        *both_draws(SECRET, names[order].tolist()),
        np.full(300, 0.2),
        exposure=exposure[order],
        declined_by_machine=machine,
        **given,
    )
    assert (mixed.chosen == plain.chosen[order]).all()
    assert (mixed.probability == plain.probability[order]).all()


def test_inverse_weights_of_the_stored_probabilities_are_unbiased_when_the_budget_binds() -> None:
    """Over many secrets the chosen cases, weighted, count the cases that the budget was open for."""
    exposure = np.random.default_rng(4).uniform(1, 1_000, 100)
    off, offered = [], []
    for number in range(1_500):
        out = explored(100, left=4_000.0, secret=f"secret {number}", exposure=exposure)
        is_open = out.probability > 0
        offered.append(is_open.mean())
        off.append(float((exposure * (out.chosen / TERMS.rate - is_open)).sum()))
    assert 0.1 < np.mean(offered) < 0.9
    assert abs(np.mean(off)) < 3 * np.std(off) / math.sqrt(len(off))


def test_exploration_and_audit_do_not_draw_the_same_cases() -> None:
    count = 20_000
    first = explored(count, left=1e9).chosen
    second = audit(draws(SECRET, AUDIT, keys(count)), np.ones(count, dtype=np.bool_), 0.2).chosen
    assert abs((first & second).mean() - 0.04) < 4 * math.sqrt(0.04 * 0.96 / count)


def test_no_cases_are_explored_where_there_are_none() -> None:
    assert explored(0).chosen.tolist() == []


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (Outcomes(0, 0, 0.0), None),
        (Outcomes(100, 29, 4_999.99), None),
        (Outcomes(100, 30, 0.0), "bads"),
        (Outcomes(0, 0, 0.0, early_bads=29), None),
        (Outcomes(100, 20, 0.0, early_bads=10), "bads"),
        (Outcomes(100, 1, 5_000.0), "loss"),
        (Outcomes(0, 0, math.nan), "loss"),
        (Outcomes(20, 18, 100.0), "bad_rate"),
    ],
)
def test_exploration_stops_at_the_first_of_its_limits(outcomes: Outcomes, code: str | None) -> None:
    stop = should_stop(outcomes, TERMS)
    assert (stop.code if stop else None) == code


def test_a_stop_tells_its_figures() -> None:
    stop = should_stop(Outcomes(20, 18, 100.0), TERMS)
    assert stop is not None
    assert json.loads(stop.stored) == {
        "code": "bad_rate", "bads": 18, "matured": 20, "tolerated": 0.3, "confidence": 0.95,
    }  # fmt: skip


@pytest.mark.parametrize(("matured", "bads"), [(3, 4), (3, -1)])
def test_outcomes_that_cannot_be_are_refused(matured: int, bads: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Outcomes(matured, bads, 0.0)


def test_the_evidence_is_the_mean_likelihood_ratio_of_all_higher_rates() -> None:
    grid = np.linspace(0.3, 1.0, 200_001)
    ratio = (grid / 0.3) ** 7 * ((1 - grid) / 0.7) ** 5
    assert evidence(7, 12, 0.3) == pytest.approx(math.log(np.trapezoid(ratio, grid) / 0.7), abs=1e-6)
    assert evidence(0, 0, 0.3) == pytest.approx(0.0, abs=1e-12)
    assert evidence(0, 100_000, 0.3) == -math.inf


def test_looking_after_every_outcome_seldom_stops_a_book_that_is_as_good_as_tolerated() -> None:
    draw_of = np.random.default_rng(6)
    stopped = 0
    for _book in range(400):
        bads = np.cumsum(draw_of.random(150) < 0.3)
        stopped += any(
            evidence(int(seen), matured, 0.3) >= -math.log(0.05) for matured, seen in enumerate(bads, start=1)
        )
    assert stopped / 400 < 0.05


def test_a_book_twice_as_bad_as_tolerated_is_stopped_soon() -> None:
    draw_of, needed = np.random.default_rng(7), []
    for _book in range(100):
        bads = np.cumsum(draw_of.random(300) < 0.6)
        needed.append(next(m for m, seen in enumerate(bads, start=1) if evidence(int(seen), m, 0.3) >= -math.log(0.05)))
    assert np.median(needed) < 30
