"""Plots as numbers: where each mark stands. The template draws them, and escapes every label."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from headstart.evaluation.estimate import Estimate

WIDTH, HEIGHT = 400, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 16, 10, 196
_NARROWEST = 0.05  # an axis shorter than this would make much of nothing
_MOST_ON_X = 12

Series = Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Tick:
    """A place on an axis, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True)
class Mark:
    """An estimate as a dot with a whisker, in percent of the axis, and in words."""

    label: str
    at: float
    low: float
    high: float
    words: str
    strong: bool


@dataclass(frozen=True)
class Intervals:
    """Estimates under each other on one axis; all places in percent of it, so that text keeps its size."""

    title: str
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    line: Tick | None


def intervals(
    rows: Sequence[tuple[str, Estimate, bool]],
    title: str,
    line: tuple[float, str] | None = None,
    axis: Sequence[float] = (),
) -> Intervals:
    """Names with their estimates; the flag says which to stress.

    Args:
        rows: What to draw, from the top.
        title: What the axis shows.
        line: A value to compare them all with, and what it is.
        axis: Where the ticks stand; by default at round values around the estimates.
    """
    ends = [end for _, each, _ in rows for end in (each.low, each.high)] + ([line[0]] if line else [])
    low, high = min(ends), max(ends)
    values = axis or nice(min(low, high - _NARROWEST), high)
    low, high = min(low, values[0]), max(high, values[-1])

    def at(value: float) -> float:
        return round((value - low) / (high - low) * 100, 2)

    return Intervals(
        title,
        tuple(Tick(at(value), f"{value:g}") for value in values),
        tuple(
            Mark(name, at(each.value), at(each.low), at(each.high), str(each), strong) for name, each, strong in rows
        ),
        Tick(at(line[0]), line[1]) if line else None,
    )


@dataclass(frozen=True)
class Dot:
    """A point of a line, in pixels, and in words; ``style`` is the line's number in the plot."""

    x: float
    y: float
    words: str
    style: int


@dataclass(frozen=True)
class Line:
    """A named line through dots."""

    name: str
    points: str
    dots: tuple[Dot, ...]
    style: int

    @property
    def words(self) -> str:
        """The whole line for who cannot see it."""
        return f"{self.name}: {', '.join(dot.words for dot in self.dots)}"


@dataclass(frozen=True)
class Lines:
    """Lines over a common axis, in pixels, or only their points where these are not ``joined``.

    ``ring`` stresses a point; ``band`` is a range of y, its top first.
    """

    title: str
    x_title: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    ring: Dot | None
    band: tuple[float, float] | None
    joined: bool

    width, height, left, right, bottom = WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, _BOTTOM

    @property
    def words(self) -> str:
        """The plot for who cannot see it."""
        found = [f"{self.title} by {self.x_title}", *(line.words for line in self.lines)]
        return "; ".join(found + ([self.ring.words] if self.ring else []))


@dataclass(frozen=True)
class Axis:
    """How an x axis runs.

    ``ticks`` gives those for the values on it and ``scale`` their places; ``written`` is how values are formatted, and
    ``joined`` whether points that follow each other belong together.
    """

    ticks: Callable[[Sequence[float]], Sequence[float]]
    scale: Callable[[float], float]
    written: str
    joined: bool


def lines(
    series: Series,
    title: str,
    x_title: str,
    ring: tuple[str, float, float, str] | None = None,
    band: tuple[float, float] | None = None,
    over: Axis | None = None,
) -> Lines:
    """Named series of (x, y).

    Args:
        series: The lines; each has a point at least.
        title: What the y axis shows, with its unit.
        x_title: What the x axis shows.
        ring: A point to stress: the name of its series, where it is, and why.
        band: A range of y to shade, from low to high.
        over: How the x axis runs; by default for whole numbers, with lines between the points.
    """
    over = over or WHOLE
    xs = sorted({x for points in series.values() for x, _ in points} | ({ring[1]} if ring else set()))
    ys = [y for points in series.values() for _, y in points] + ([ring[2]] if ring else []) + list(band or ())
    values, x_ticks = nice(min(ys), max(ys)), over.ticks(xs)
    low, high = min(*ys, values[0]), max(*ys, values[-1])
    first, last = (over.scale(end) for end in (min(xs[0], *x_ticks[:1]), max(xs[-1], *x_ticks[-1:])))

    def x_at(x: float) -> float:
        share = (over.scale(x) - first) / (last - first) if last > first else 0.5
        return round(_LEFT + 8 + share * (WIDTH - _LEFT - _RIGHT - 16), 1)

    def y_at(y: float) -> float:
        return round(_BOTTOM - (y - low) / (high - low) * (_BOTTOM - _TOP), 1)

    def dot(style: int, x: float, y: float, words: str = "") -> Dot:
        return Dot(x_at(x), y_at(y), words or f"{y:.3g} at {x:{over.written}}", style)

    drawn = [(name, tuple(dot(style, x, y) for x, y in points)) for style, (name, points) in enumerate(series.items())]
    return Lines(
        title,
        x_title,
        tuple(Tick(x_at(x), f"{x:g}") for x in x_ticks),
        tuple(Tick(y_at(value), f"{value:g}") for value in values),
        tuple(
            Line(name, " ".join(f"{each.x},{each.y}" for each in dots), dots, style)
            for style, (name, dots) in enumerate(drawn)
        ),
        dot(list(series).index(ring[0]), *ring[1:]) if ring else None,
        (y_at(band[1]), y_at(band[0])) if band else None,
        over.joined,
    )


def _thinned(xs: Sequence[float]) -> Sequence[float]:
    """The whole numbers to write on the axis: all, or the multiples of a round step where all would not fit."""
    for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        found = [x for x in xs if x % step == 0]
        if len(found) <= _MOST_ON_X + 1:
            return found
    return [xs[0], xs[-1]]


def _decades(xs: Sequence[float]) -> Sequence[float]:
    """Round numbers from the one below the first to the one above the last, a decade apart or less."""
    low, high = math.floor(math.log10(xs[0])), math.ceil(math.log10(xs[-1]))
    steps = (1, 2, 5) if high - low <= 3 else (1,)
    # A decade more at both ends, for the logarithm of a number just below a power of ten may be rounded to it.
    found = [step * 10.0**decade for decade in range(low - 1, high + 2) for step in steps]
    first = max(number for number, each in enumerate(found) if each <= xs[0])
    last = min(number for number, each in enumerate(found) if each >= xs[-1])
    return found[first : last + 1]


WHOLE = Axis(_thinned, float, "g", joined=True)
"""Whole numbers, such as layers and epochs."""
SHARES = Axis(lambda xs: (0.0, 0.25, 0.5, 0.75, 1.0), lambda x: x, ".2f", joined=True)
"""Shares, from none to all."""
DECADES = Axis(_decades, math.log10, ".2g", joined=False)
"""Positive numbers of any size, on a logarithmic scale, each for itself."""


def nice(low: float, high: float) -> list[float]:
    """About five round values, two at least, that lie within the range or just around it."""
    span = high - low
    if span <= 1e-9 * max(1.0, abs(low), abs(high)):
        span = max(1.0, abs(high))
    step = 10 ** math.floor(math.log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]
