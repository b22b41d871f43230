"""The leaderboard: every head that was tried, as a table, and its score against layer and cost."""

import io
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from headstart.evaluation import one_error
from headstart.head import Head
from headstart.report import plots
from headstart.report.templates import said
from headstart.search.candidate import Candidate
from headstart.views import View

_MOST_ROWS = 12  # in sight
_SCHEMA = pa.schema(
    [
        ("rank", pa.int64()),
        ("chosen", pa.bool_()),
        ("family", pa.string()),
        ("layers", pa.list_(pa.int64())),
        ("pooling", pa.string()),
        ("setting", pa.map_(pa.string(), pa.float64())),
        ("score", pa.float64()),
        ("log_loss", pa.float64()),
        ("temperature", pa.float64()),
        ("complete", pa.bool_()),
        ("seconds", pa.float64()),
    ]
)


def parquet(head: Head) -> bytes:
    """Every candidate as a Parquet file: first those that were judged to the end, by their score."""
    rows = [
        {
            "rank": rank,
            "chosen": each == head.chosen,
            "family": each.family,
            "layers": list(each.view.layers),
            "pooling": each.view.pooling,
            "setting": list(each.setting.items()),
            "score": each.score,
            "log_loss": each.log_loss,
            "temperature": each.temperature,
            "complete": each.complete,
            "seconds": each.seconds,
        }
        for rank, each in enumerate(head.tried, start=1)
    ]
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, _SCHEMA), stream)
    return stream.getvalue()


def shown(head: Head) -> list[Candidate]:
    """The best of what was tried, and the chosen one wherever it stands."""
    top = list(head.tried[:_MOST_ROWS])
    return top if head.chosen in top else [*top[:-1], head.chosen]


def best(head: Head) -> float:
    """The best score."""
    return max(each.score for each in head.tried if each.complete)


def as_good(head: Head) -> tuple[float, float]:
    """The scores within one standard error of the best, from low to high."""
    return one_error.as_good(best(head), head.judged)


def by_layer(head: Head) -> plots.Lines:
    """The best score of each family on each single layer, and the head that was chosen."""
    found: dict[str, dict[float, float]] = {}
    for each in head.tried:
        if each.complete and len(each.view.layers) == 1:
            layers = found.setdefault(each.family, {})
            layers[each.view.top] = max(layers.get(each.view.top, 0.0), each.score)
    if head.chosen.family not in found:  # it was tried on the mean of several layers alone
        found[head.chosen.family] = {head.chosen.view.top: head.chosen.score}
    return plots.lines(
        {family: sorted(layers.items()) for family, layers in sorted(found.items())},
        f"Best {said(head.metric)} of each family by {head.judged_by}",
        "layer (0: the embeddings)",
        (head.chosen.family, float(head.chosen.view.top), head.chosen.score, f"chosen: {head.chosen.family}"),
        as_good(head),
    )


def by_cost(head: Head) -> plots.Lines:
    """The best score of each population against what it took in all, and that of the head that was chosen."""
    populations: dict[tuple[str, View], list[Candidate]] = {}
    for each in head.tried:
        populations.setdefault((each.family, each.view), []).append(each)
    found: dict[str, list[tuple[float, float]]] = {}
    for (family, _), members in sorted(populations.items(), key=lambda item: item[0][0]):
        complete = [each for each in members if each.complete]
        if complete:
            found.setdefault(family, []).append((_seconds(members), max(each.score for each in complete)))
    seconds = _seconds(populations[head.chosen.family, head.chosen.view])
    return plots.lines(
        {family: sorted(points) for family, points in found.items()},
        f"Best {said(head.metric)} of each family and view",
        "seconds for all its settings",
        (head.chosen.family, seconds, head.chosen.score, f"chosen: {head.chosen.family}"),
        as_good(head),
        over=plots.DECADES,
    )


def cost(head: Head) -> str:
    """What the search took, and what it would have taken with a forward pass for each setting, as a sentence or two."""
    count = len(head.tried)
    computing = _seconds(head.tried)
    said = f"Trying {count} settings took {_written(computing)} s of computing, on features of all layers from one pass"
    if head.pass_seconds is None:
        return f"{said} of the backbone."
    passes = _written(count * head.pass_seconds)
    return (
        f"{said} of the backbone, which takes {_written(head.pass_seconds)} s. "
        f"A pass for each setting would have taken {passes} s."
    )


def _written(seconds: float) -> str:
    return f"{seconds:,.0f}".replace(",", "\u202f") if seconds >= 10 else f"{seconds:.2g}"


def _seconds(members: Iterable[Candidate]) -> float:
    return max(sum(each.seconds for each in members), 1e-4)
