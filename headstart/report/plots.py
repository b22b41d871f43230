"""Plots as numbers: where each mark stands. The template draws them, and escapes every label."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headstart.evaluation.estimate import Estimate

WIDTH = 640
_LABEL, _RIGHT = 220, 180
_ROW = 34


@dataclass(frozen=True)
class Tick:
    """A grid line at ``at`` pixels, with its text."""

    at: float
    text: str


@dataclass(frozen=True)
class Mark:
    """An estimate as a dot with a whisker, in pixels, and in words."""

    label: str
    y: float
    x: float
    low: float
    high: float
    words: str
    strong: bool


@dataclass(frozen=True)
class Intervals:
    """Estimates under each other on one scale."""

    width: int
    height: int
    left: int
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


def intervals(rows: Sequence[tuple[str, Estimate, bool]]) -> Intervals:
    """Names with their estimates; the flag says which to stress."""
    low = (
        min(0.0, *(each.low for _, each, _ in rows))
        if any(each.low < 0 for _, each, _ in rows)
        else min(each.low for _, each, _ in rows)
    )
    high = max(each.high for _, each, _ in rows)
    values = _nice(low, high)
    low, high = min(low, values[0]), max(high, values[-1])

    def x(value: float) -> float:
        return round(_LABEL + (value - low) / (high - low) * (WIDTH - _LABEL - _RIGHT), 1)

    marks = tuple(
        Mark(name, 18 + number * _ROW, x(each.value), x(each.low), x(each.high), str(each), strong)
        for number, (name, each, strong) in enumerate(rows)
    )
    return Intervals(
        WIDTH, len(rows) * _ROW + 26, _LABEL, tuple(Tick(x(value), f"{value:g}") for value in values), marks
    )


@dataclass(frozen=True)
class Line:
    """A named line through points, as SVG wants them."""

    name: str
    points: str
    dots: tuple[tuple[float, float], ...]
    end: tuple[float, float]
    style: int


@dataclass(frozen=True)
class Lines:
    """Lines over a common axis."""

    width: int
    height: int
    left: int
    bottom: int
    x_title: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]


def lines(series: Mapping[str, Sequence[tuple[float, float]]], x_title: str) -> Lines:
    """Named series of (x, y); every x is marked on the axis, and each line is named at its end."""
    left, right, top, bottom, height = 48, 120, 14, 226, 268
    xs = sorted({x for points in series.values() for x, _ in points})
    ys = [y for points in series.values() for _, y in points]
    y_values = _nice(min(ys), max(ys))
    low, high = min(ys[0], *ys, y_values[0]), max(*ys, y_values[-1])
    span = (xs[-1] - xs[0]) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            round(left + (x - xs[0]) / span * (WIDTH - left - right), 1),
            round(bottom - (y - low) / ((high - low) or 1.0) * (bottom - top), 1),
        )

    drawn = []
    for style, (name, points) in enumerate(series.items()):
        dots = tuple(place(x, y) for x, y in points)
        drawn.append(Line(name, " ".join(f"{x},{y}" for x, y in dots), dots, dots[-1], style))
    _part_names(drawn)
    return Lines(
        WIDTH,
        height,
        left,
        bottom,
        x_title,
        tuple(Tick(place(x, low)[0], f"{x:g}") for x in xs),
        tuple(Tick(place(xs[0], value)[1], f"{value:g}") for value in y_values),
        tuple(drawn),
    )


def _part_names(drawn: list[Line]) -> None:
    """Move the names at the lines' ends apart where they would overlap."""
    least = 15.0
    order = sorted(range(len(drawn)), key=lambda number: drawn[number].end[1])
    previous = -least
    for number in order:
        line = drawn[number]
        y = max(line.end[1], previous + least)
        drawn[number] = Line(line.name, line.points, line.dots, (line.end[0], y), line.style)
        previous = y


def _nice(low: float, high: float) -> list[float]:
    """About five round values, two at least, that lie within the range or just around it."""
    span = high - low
    if span <= 1e-9 * max(1.0, abs(low), abs(high)):
        span = max(1.0, abs(high))
    step = 10 ** math.floor(math.log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]
