"""Drawings stay inside their frame, and printed figures add up."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import charts

pds = st.floats(0.001, 0.999)


def part(text: str) -> float:
    return float(text.removesuffix("%"))


def test_points_are_600_at_odds_of_50_and_20_more_double_them() -> None:
    assert charts.points_of(1 / 51) == pytest.approx(600)
    assert charts.points_of(1 / 101) == pytest.approx(620)


@pytest.mark.parametrize(("pd", "anchor"), [(0.0005, "end"), (0.2, "middle"), (0.95, "start")])
def test_the_words_above_the_dot_stay_inside_the_ruler(pd: float, anchor: str) -> None:
    ruler = charts.ruler(pd=pd, pd_low=pd * 0.99, pd_high=pd * 1.01, approve_below=0.12, decline_above=0.3)
    assert ruler.anchor == anchor


@settings(deadline=None)
@given(pds, pds, pds, pds, pds)
def test_the_ruler_orders_its_bands_and_holds_the_case(a: float, b: float, c: float, d: float, e: float) -> None:
    low, middle, high = sorted((a, b, c))
    approve, decline = sorted((d, e))
    ruler = charts.ruler(pd=middle, pd_low=low, pd_high=high, approve_below=approve, decline_above=decline)
    assert part(ruler.decline_cut) <= part(ruler.approve_cut)
    assert 0 <= part(ruler.interval.x) <= part(ruler.dot) <= part(ruler.interval.x) + part(ruler.interval.width) + 0.02
    assert math.isclose(
        sum(part(band.width) for band in (ruler.decline, ruler.review, ruler.approve)), 100, abs_tol=0.03
    )


@settings(deadline=None)
@given(st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=9))
def test_the_printed_steps_of_a_waterfall_sum_to_the_printed_difference(changes: list[float]) -> None:
    base = 0.5
    pd = base + sum(changes) / 10
    steps = charts.waterfall(base, [(f"reason {i}", change / 10) for i, change in enumerate(changes)], pd)
    printed = sum(round(float(step.points.replace("−", "-")) * 10) for step in steps)
    assert printed == round((round(pd * 100, 1) - round(base * 100, 1)) * 10)
    assert all(0 <= part(step.bar.x) <= 100 and part(step.bar.width) > 0 for step in steps)


def test_a_waterfall_floats_from_the_base_and_says_the_direction() -> None:
    up, down = charts.waterfall(0.10, [("more debt", 0.10), ("long work", -0.05)], 0.15)
    assert up == charts.Step("more debt", "+10.0", charts.Bar("50.00%", "50.00%", "up"), "up")
    assert down == charts.Step("long work", "−5.0", charts.Bar("75.00%", "25.00%", "down"), "down")
    assert charts.waterfall(0.1, [], 0.1) == ()


def test_a_small_value_keeps_a_sliver_and_nothing_has_no_bar() -> None:
    assert charts.bar(1, 10_000).width == "0.80%"
    assert charts.bar(0, 10_000).width == "0.00%"
    assert charts.bar(5, 0).width == "0.80%"
    assert charts.bar(9, 3).width == "100.00%"
