"""Slices: test rows told apart by a field of the export, or by what can be seen of a text."""

import itertools
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Targets
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.intervals import measured
from headstart.evaluation.shares import wilson
from headstart.spec import Metric

FEWEST = 10  # rows of a slice or a label that a floor is held against
_MOST = 12  # values of a field
NONE, OTHERS = "(none)", "(others)"
LENGTH, SCRIPT, NEAR = "text length", "script", "near a training row"
_PARTS = 3  # of the range of lengths
_LOOKED_AT = 200  # characters of a text that tell its script


class Slice(BaseModel):
    """The candidate's score on the test rows that have this value of this field.

    ``score`` is in the gate's metric, over the labels that occur there. ``is_asked_for`` tells fields that the spec
    names from those that Headstart looks at by itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    value: str
    rows: int
    score: Estimate
    is_asked_for: bool


def sliced(
    metric: Metric,
    targets: Targets,
    predicted: Targets,
    labels: int,
    asked: Mapping[str, Sequence[str | None]],
    own: Mapping[str, Sequence[str]],
) -> tuple[Slice, ...]:
    """The score on every slice; a field that has one value for all rows makes none, unless it was asked for.

    Args:
        metric: The gate's.
        targets: Shape (rows,).
        predicted: The candidate's answers, shape (rows,).
        labels: The number of labels.
        asked: The value of each row for each field that the spec names.
        own: Likewise, for what Headstart looks at by itself.
    """
    fields = {field: _frequent(values) for field, values in asked.items()}
    fields |= {field: list(values) for field, values in own.items() if len(set(values)) > 1 and field not in asked}
    return tuple(
        Slice(
            field=field,
            value=value,
            rows=len(rows),
            score=_score(metric, targets[rows], predicted[rows], labels),
            is_asked_for=field in asked,
        )
        for field, values in fields.items()
        for value in sorted(set(values), key=lambda each: (each in (NONE, OTHERS), each))
        for rows in (np.flatnonzero(np.array(values, dtype=object) == value),)
    )


def by_length(texts: Sequence[str]) -> list[str]:
    """For each text whether it is among the shorter, the middle or the longer ones, in characters."""
    lengths = np.array([len(text) for text in texts])
    cuts = np.unique(np.quantile(lengths, [part / _PARTS for part in range(1, _PARTS)], method="lower"))
    place = np.searchsorted(cuts, lengths)
    names = [f"up to {cuts[0]} characters"]
    names += [f"{low + 1} to {high} characters" for low, high in itertools.pairwise(cuts)]
    names.append(f"over {cuts[-1]} characters")
    return [names[each] for each in place]


def by_script(texts: Sequence[str]) -> list[str]:
    """For each text the script of most of its letters, as Unicode names it."""
    return [_script(text) for text in texts]


def by_nearness(near: npt.NDArray[np.bool]) -> list[str]:
    """For each row whether it has a neighbour among the training rows."""
    return ["yes" if each else "no" for each in near.tolist()]


def _script(text: str) -> str:
    letters = (each for each in text[:_LOOKED_AT] if each.isalpha())
    scripts = Counter(unicodedata.name(each, "unknown").split()[0] for each in letters)
    if not scripts:
        return "no letters"
    name = scripts.most_common(1)[0][0]
    return name if name == "CJK" else name.capitalize()


def _frequent(values: Sequence[str | None]) -> list[str]:
    named = [value or NONE for value in values]
    counts = Counter(named)
    kept = {value for value, _ in counts.most_common(_MOST)}
    return [value if value in kept else OTHERS for value in named]


def _score(metric: Metric, targets: Targets, predicted: Targets, labels: int) -> Estimate:
    if metric == "accuracy":
        return wilson(int((targets == predicted).sum()), len(targets))
    return measured(metric, targets, predicted, labels)
