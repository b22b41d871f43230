"""The learning curve as a plot: what was measured, the law through it, and how sure it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headstart.evaluation.learning_curve import LearningCurve, Point
from headstart.report import plots
from headstart.report.plots import Tick


@dataclass(frozen=True)
class Whisker:
    """A measured size, in pixels, and in words."""

    x: float
    y: float
    low: float
    high: float
    words: str


@dataclass(frozen=True)
class CurvePlot:
    """All places in pixels. ``fit`` and ``band`` are SVG points, empty where nothing is foretold.

    ``today`` is where the rows of today are, and ``target`` the height of the target, if there is one.
    """

    title: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    points: tuple[Whisker, ...]
    fit: str
    band: str
    today: float
    target: float | None
    words: str

    width, height, left, right, top, bottom = plots.WIDTH, plots.HEIGHT, 46, plots.WIDTH - 16, 10, 196


def curve_plot(curve: LearningCurve, metric: str) -> CurvePlot:
    """The plot of a curve, over rows on a logarithmic scale."""
    target = curve.needed.target if curve.needed else None
    known = (*curve.points, *curve.band)
    rows = sorted({float(each.rows) for each in known} | {float(curve.rows)})
    ends = [end for each in known for end in (each.score.low, each.score.high)] + ([] if target is None else [target])
    x_values, y_values = plots.DECADES.ticks(rows), plots.nice(min(ends), max(ends))
    x_at = _onto(plots.DECADES.scale, [*rows, *x_values], CurvePlot.left, CurvePlot.right)
    y_at = _onto(float, [*ends, *y_values], CurvePlot.bottom, CurvePlot.top)

    def line(points: Sequence[Point], value: Callable[[Point], float]) -> list[str]:
        return [f"{x_at(each.rows)},{y_at(value(each))}" for each in points]

    upper, lower = (line(curve.band, lambda p: p.score.high), line(curve.band, lambda p: p.score.low))
    return CurvePlot(
        title=f"{metric} by rows to fit on",
        x_ticks=tuple(Tick(x_at(value), f"{value:g}") for value in x_values),
        y_ticks=tuple(Tick(y_at(value), f"{value:g}") for value in y_values),
        points=tuple(
            Whisker(
                x_at(each.rows),
                y_at(each.score.value),
                y_at(each.score.low),
                y_at(each.score.high),
                f"{each.score} with {each.rows} rows",
            )
            for each in curve.points
        ),
        fit=" ".join(line(curve.band, lambda p: p.score.value)),
        band=" ".join(upper + lower[::-1]),
        today=x_at(curve.rows),
        target=None if target is None else y_at(target),
        words="; ".join(f"{each.score} with {each.rows} rows" for each in curve.points),
    )


def _onto(
    scale: Callable[[float], float], values: Sequence[float], start: float, end: float
) -> Callable[[float], float]:
    """Where a value stands on an axis from ``start`` to ``end`` that has room for all of them."""
    first, last = scale(min(values)), scale(max(values))
    return lambda value: round(start + (end - start) * (scale(value) - first) / (last - first), 1)
