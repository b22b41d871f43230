"""The account of a scoring without a scoring: for what only shows it."""

import numpy as np

from headstart.arrays import Computed, unit
from headstart.evaluation.disagreement import Answers, Tally
from headstart.evaluation.drift import Drift, Seen, drift
from headstart.scoring import Scores


def scores(
    labels: tuple[str, ...] = ("parcel", "refund", "login"), drifted: bool = True, shadow: bool = True
) -> Scores:
    """Scores of any labels, with drift that was found or not, and a shadow."""
    generator = np.random.default_rng(0)
    rows = 100
    answers = generator.integers(len(labels), size=rows)
    others = np.where(generator.random(rows) < 0.2, (answers + 1) % len(labels), answers)
    ours, theirs = (Answers([labels[each] for each in said], generator.random(rows)) for said in (answers, others))
    texts = [f"{labels[each]} in a text" for each in answers]
    return Scores(
        model="messages",
        version=3,
        out=f"s3://scores/{'nested/' * 20}",
        rows=rows,
        labels={label: int((answers == number).sum()) for number, label in enumerate(labels)},
        parts=("part-00000-00000.parquet",),
        drift=_drift(labels, drifted),
        undrifted="",
        shadow=Tally.of(f"{labels[0]}.csv", 1, texts, ours, theirs).told("messages@4", "s3://scores/4")
        if shadow
        else None,
    )


def _drift(labels: tuple[str, ...], drifted: bool) -> Drift | None:
    generator = np.random.default_rng(1)

    def seen(prior: float) -> Seen:
        x = unit(generator.normal(size=(120, 8)).astype(np.float32))
        outputs = generator.normal(size=(120, len(labels)))
        outputs[:, 0] += prior
        return Seen.of(Computed(x, outputs))

    return drift(seen(0.0), seen(3.0 if drifted else 0.0), labels)
