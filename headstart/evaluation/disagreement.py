"""Disagreement: how often two models answer the same texts differently, and where. Nobody knows here who is right."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.evaluation.estimate import Estimate
from headstart.evaluation.shares import wilson

_EXAMPLES = 20
_PAIRS = 20


class Pair(BaseModel):
    """On how many rows one model says ``label`` and the other ``other``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    other: str
    rows: int


class Sureness(BaseModel):
    """The mean probability of both models' answers on some rows; of no rows, 0."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: int
    ours: float
    others: float


class Example(BaseModel):
    """A row on which the models differ, and how sure each of them is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    row: int
    text: str
    label: str
    probability: float
    other: str
    other_probability: float

    @property
    def doubt(self) -> tuple[float, str, int]:
        """By what examples stand: those first of which the less sure model is surest, for one of them is wrong."""
        return -min(self.probability, self.other_probability), self.source, self.row


class Disagreement(BaseModel):
    """How two models differ on ``rows`` texts: ours, and the ``other`` (``name@number``), whose answers are in ``out``.

    ``share`` is that of rows with different answers; its interval takes rows for independent, so that the same text
    many times makes it too narrow. ``pairs`` are the most frequent, ``examples`` those where both are surest.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    other: str
    out: str
    rows: int
    share: Estimate
    pairs: tuple[Pair, ...]
    agreeing: Sureness
    differing: Sureness
    examples: tuple[Example, ...]

    def summary(self) -> str:
        """One line for people."""
        return f"{self.other} answers {self.differing.rows} of {self.rows} rows differently, {self.share}"


@dataclass(frozen=True)
class Answers:
    """What one model says of rows: labels and their probability, shape (rows,)."""

    labels: Sequence[str]
    probabilities: npt.NDArray[np.float64]


@dataclass
class Tally:
    """Disagreement while it is counted, part by part; tallies of parts can be added up in any order."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: tuple[int, int] = (0, 0)
    sure: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))
    examples: list[Example] = field(default_factory=list)

    @classmethod
    def of(cls, source: str, first: int, texts: Sequence[str], ours: Answers, others: Answers) -> "Tally":
        """Count rows of a source, of which the first has the number ``first``."""
        differs = np.array([one != other for one, other in zip(ours.labels, others.labels, strict=True)], dtype=bool)
        examples = [
            Example(
                source=source,
                row=first + row,
                text=texts[row],
                label=ours.labels[row],
                probability=float(ours.probabilities[row]),
                other=others.labels[row],
                other_probability=float(others.probabilities[row]),
            )
            for row in np.flatnonzero(differs).tolist()
        ]
        return cls(
            Counter((each.label, each.other) for each in examples),
            (int((~differs).sum()), int(differs.sum())),
            (_sums(ours, others, ~differs), _sums(ours, others, differs)),
            _doubtful(examples),
        )

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.pairs + other.pairs,
            (self.rows[0] + other.rows[0], self.rows[1] + other.rows[1]),
            (_added(self.sure[0], other.sure[0]), _added(self.sure[1], other.sure[1])),
            _doubtful([*self.examples, *other.examples]),
        )

    def told(self, other: str, out: str) -> Disagreement:
        """What was counted.

        Args:
            other: The other model.
            out: Where its answers are.
        """
        pairs = sorted(self.pairs.items(), key=lambda each: (-each[1], each[0]))[:_PAIRS]
        agreeing, differing = (_sureness(rows, sums) for rows, sums in zip(self.rows, self.sure, strict=True))
        return Disagreement(
            other=other,
            out=out,
            rows=sum(self.rows),
            share=wilson(self.rows[1], sum(self.rows)),
            pairs=tuple(Pair(label=one, other=another, rows=rows) for (one, another), rows in pairs),
            agreeing=agreeing,
            differing=differing,
            examples=tuple(self.examples),
        )


def _sums(ours: Answers, others: Answers, rows: npt.NDArray[np.bool]) -> tuple[float, float]:
    return float(ours.probabilities[rows].sum()), float(others.probabilities[rows].sum())


def _added(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return one[0] + other[0], one[1] + other[1]


def _sureness(rows: int, sums: tuple[float, float]) -> Sureness:
    return Sureness(rows=rows, ours=sums[0] / max(1, rows), others=sums[1] / max(1, rows))


def _doubtful(examples: Iterable[Example]) -> list[Example]:
    return sorted(examples, key=lambda each: each.doubt)[:_EXAMPLES]
