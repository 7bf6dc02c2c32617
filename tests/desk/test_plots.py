"""The calibration plot stays inside its frame, and its axes end at round figures that hold every point."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.plots import calibration_plot, frontier_plot

shares = st.floats(0.0, 1.0)


def part(text: str) -> float:
    return float(text.removesuffix("%"))


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0.041, ["0%", "1.25%", "2.5%", "3.75%", "5%"]),
        (0.2, ["0%", "5%", "10%", "15%", "20%"]),
        (0.61, ["0%", "20%", "40%", "60%", "80%"]),
        (1.0, ["0%", "25%", "50%", "75%", "100%"]),
        (0.0, ["0%", "25%", "50%", "75%", "100%"]),
    ],
)
def test_the_axes_end_at_a_round_figure(highest: float, ticks: list[str]) -> None:
    plot = calibration_plot([(0.0, 0.0, 0.0, highest, "")])
    assert [tick.words for tick in plot.ticks] == ticks
    assert [(tick.x, tick.y) for tick in plot.ticks][:2] == [("0.00%", "100.00%"), ("25.00%", "75.00%")]


def test_a_perfect_point_lies_on_the_diagonal_with_its_interval_around_it() -> None:
    (mark,) = calibration_plot([(0.1, 0.1, 0.05, 0.2, "a tenth")]).marks
    assert (mark.x, mark.y, mark.low, mark.high) == ("50.00%", "50.00%", "75.00%", "0.00%")
    assert mark.words == "a tenth"


def test_without_points_there_are_axes_only() -> None:
    plot = calibration_plot([])
    assert (len(plot.ticks), plot.marks) == (5, ())


@settings(deadline=None)
@given(st.lists(st.tuples(shares, shares, shares, shares), min_size=1, max_size=10))
def test_every_mark_is_inside_and_in_order(points: list[tuple[float, float, float, float]]) -> None:
    drawn = [(pd, middle, low, high, "") for pd, *rate in points for low, middle, high in [sorted(rate)]]
    for mark in calibration_plot(drawn).marks:
        assert 0 <= part(mark.high) <= part(mark.y) <= part(mark.low) <= 100
        assert 0 <= part(mark.x) <= 100


def test_the_frontier_ends_where_the_share_allowed_is_reached() -> None:
    points = [(0.05, 0.8, "a"), (0.1, 0.5, "b"), (0.2, 0.2, "c"), (0.3, 0.1, "d"), (0.5, 0.0, "e")]
    plot = frontier_plot(points, (0.1, 0.5, "b"), 0.1)
    assert [tick.words for tick in plot.across] == ["0%", "7.5%", "15%", "22.5%", "30%"]
    assert [(mark.x, mark.y) for mark in plot.marks] == [
        ("16.67%", "20.00%"), ("33.33%", "50.00%"), ("66.67%", "80.00%"), ("100.00%", "90.00%"),
    ]  # fmt: skip
    assert plot.lines[0] == ("16.67%", "20.00%", "33.33%", "50.00%")
    assert (len(plot.lines), plot.allowed, plot.chosen.x) == (3, "90.00%", "33.33%")
    near = frontier_plot(points[:1], (0.01, 1.0, "f"), 1.0)
    assert near.across[-1].words == "20%"
