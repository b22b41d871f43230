"""Plots: every mark inside the picture, whatever the numbers."""

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.estimate import Estimate
from headstart.report import plots

numbers = st.floats(-1, 1, allow_nan=False)
estimates = (
    st.tuples(numbers, numbers, numbers)
    .map(sorted)
    .map(lambda each: Estimate(low=each[0], value=each[1], high=each[2]))
)


@given(found=st.lists(estimates, min_size=1, max_size=6))
def test_every_estimate_is_drawn_inside_the_picture_in_order(found: list[Estimate]) -> None:
    plot = plots.intervals([(f"name {number}", each, False) for number, each in enumerate(found)])
    for mark in plot.marks:
        assert plot.left <= mark.low <= mark.x <= mark.high <= plot.width
        assert 0 < mark.y < plot.height
    assert len(plot.ticks) >= 2
    assert all(plot.left - 1 <= tick.at <= plot.width for tick in plot.ticks)


@given(
    points=st.lists(
        st.tuples(st.integers(0, 30), st.floats(-1e6, 1e6)), min_size=1, max_size=30, unique_by=lambda point: point[0]
    )
)
def test_every_point_is_drawn_inside_the_picture(points: list[tuple[int, float]]) -> None:
    plot = plots.lines({"name": sorted(points)}, "x")
    for x, y in plot.lines[0].dots:
        assert math.isfinite(x)
        assert math.isfinite(y)
        assert plot.left <= x <= plot.width
        assert 0 <= y <= plot.bottom + 1


def test_names_at_the_lines_ends_do_not_overlap() -> None:
    plot = plots.lines({name: [(0, 0.5), (1, 0.5)] for name in "abcd"}, "layer")
    heights = sorted(line.end[1] for line in plot.lines)
    assert all(below - above >= 14 for above, below in itertools.pairwise(heights))


@given(low=st.floats(-1e3, 1e3), span=st.floats(0, 1e3))
def test_ticks_are_few_distinct_and_around_the_range(low: float, span: float) -> None:
    ticks = plots._nice(low, low + span)
    assert 2 <= len(ticks) <= 8
    assert ticks == sorted(set(ticks))
    assert ticks[0] <= low + 1e-6 * max(1, abs(low))
    assert ticks[-1] >= (low + span) - 1e-6 * max(1, abs(low + span))
