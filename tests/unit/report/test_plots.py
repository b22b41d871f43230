"""Plots: every mark inside the picture, whatever the numbers."""

import itertools
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headstart.evaluation.estimate import Estimate
from headstart.report import plots

numbers = st.floats(-1, 1, allow_nan=False)
estimates = (
    st.tuples(numbers, numbers, numbers)
    .map(sorted)
    .map(lambda each: Estimate(low=each[0], value=each[1], high=each[2]))
)


@given(found=st.lists(estimates, min_size=1, max_size=6), line=st.none() | st.floats(0, 1))
def test_every_estimate_is_drawn_inside_the_picture_in_order(found: list[Estimate], line: float | None) -> None:
    rows = [(f"name {number}", each, False) for number, each in enumerate(found)]
    plot = plots.intervals(rows, "score", None if line is None else (line, "compared"))
    for mark in plot.marks:
        assert 0 <= mark.low <= mark.at <= mark.high <= 100
    assert len(plot.ticks) >= 2
    assert all(0 <= tick.at <= 100 for tick in plot.ticks)
    assert plot.line is None or 0 <= plot.line.at <= 100


def test_scores_have_no_axis_beyond_one() -> None:
    plot = plots.intervals([("perfect", Estimate(value=1, low=1, high=1), True)], "score")
    assert plot.ticks[-1].text == "1"


@given(
    points=st.lists(
        st.tuples(st.integers(0, 30), st.floats(-1e6, 1e6)), min_size=1, max_size=30, unique_by=lambda point: point[0]
    ),
    ringed=st.booleans(),
)
def test_every_point_is_drawn_inside_the_picture(points: list[tuple[int, float]], ringed: bool) -> None:
    ring = ("name", float(points[0][0]), points[0][1], "chosen") if ringed else None
    plot = plots.lines({"name": sorted(points)}, "score", "epoch", ring)
    for dot in (*plot.lines[0].dots, *([plot.ring] if plot.ring else [])):
        assert math.isfinite(dot.x)
        assert math.isfinite(dot.y)
        assert plot.left <= dot.x <= plot.right
        assert 0 <= dot.y <= plot.bottom + 1


def test_a_plot_is_told_in_words() -> None:
    plot = plots.lines({"ridge": [(0, 0.5), (1, 0.75)]}, "score", "layer", ("ridge", 1, 0.75, "chosen"))
    assert plot.words == "score by layer; ridge: 0.5 at 0, 0.75 at 1; chosen"


def test_a_band_is_drawn_between_its_ends() -> None:
    plot = plots.lines({"ridge": [(0, 0.5), (1, 0.75)]}, "score", "layer", band=(0.6, 0.75))
    assert plot.band is not None
    assert plot.band[0] == pytest.approx(plot.lines[0].dots[1].y)
    assert plot.band[0] < plot.band[1] < plot.lines[0].dots[0].y


@pytest.mark.parametrize("most", [1, 7, 13, 25, 100, 1000])
def test_numbers_on_the_axis_leave_each_other_room(most: int) -> None:
    plot = plots.lines({"name": [(x, 0.5) for x in range(most)]}, "score", "epoch")
    places = [tick.at for tick in plot.x_ticks]
    assert all(right - left >= 25 for left, right in itertools.pairwise(places))


@given(low=st.floats(-1e3, 1e3), span=st.floats(0, 1e3))
def test_ticks_are_few_distinct_and_around_the_range(low: float, span: float) -> None:
    ticks = plots.nice(low, low + span)
    assert 2 <= len(ticks) <= 8
    assert ticks == sorted(set(ticks))
    assert ticks[0] <= low + 1e-6 * max(1, abs(low))
    assert ticks[-1] >= (low + span) - 1e-6 * max(1, abs(low + span))


@given(
    points=st.lists(st.tuples(st.floats(1e-6, 1e6), st.floats(0, 1)), min_size=1, max_size=30),
    ringed=st.booleans(),
)
@example(points=[(999999.9999999999, 0.0)], ringed=False)
def test_every_point_over_a_logarithmic_axis_is_inside_the_picture(
    points: list[tuple[float, float]], ringed: bool
) -> None:
    ring = ("name", *points[0], "chosen") if ringed else None
    plot = plots.lines({"name": points}, "score", "seconds", ring, over=plots.DECADES)
    for dot in (*plot.lines[0].dots, *([plot.ring] if plot.ring else [])):
        assert plot.left <= dot.x <= plot.right
    assert len(plot.x_ticks) >= 1
    assert all(plot.left <= tick.at <= plot.right for tick in plot.x_ticks)
    assert not plot.joined
