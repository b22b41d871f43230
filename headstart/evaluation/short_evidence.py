"""What short trainings say: paired gains over the runs, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.intervals import moderated, no_narrower
from headstart.evaluation.paired import difference
from headstart.evaluation.short_plan import Planned
from headstart.evaluation.verdict import ShortTrainings
from headstart.spec import Metric

_RESAMPLINGS = 400


@dataclass(frozen=True)
class Compared:
    """One fold's judged rows: their true labels, and what each contender says, all of shape (rows,)."""

    targets: Targets
    by_name: Mapping[str, Targets]


def summed_up(runs: Sequence[Compared], metric: Metric, labels: int, planned: Planned, shared: float) -> ShortTrainings:
    """Scores and gains; what a run lacks (not every one has a network from random weights) takes no part.

    Args:
        runs: One a fold: "tuned", "head" and "control", and "scratch" in some of them.
        metric: What is compared.
        labels: The number of labels.
        planned: On how many rows each was trained, and how often.
        shared: What rows that runs share add to the variance (:func:`headstart.evaluation.intervals.moderated`).
    """

    def estimate(name: str) -> Estimate:
        judged = [run for run in runs if name in run.by_name]
        samples = [_samples(run, name, metric, labels) for run in judged]
        found = moderated([float(each[0]) for each in samples], [float(each[1:].var()) for each in samples], shared)
        return no_narrower(found.within(0.0, 1.0), metric, np.concatenate([run.targets for run in judged]))

    def gain(name: str, less: str) -> Estimate:
        found = [
            difference(metric, run.targets, run.by_name[name], run.by_name[less], labels)
            for run in runs
            if name in run.by_name and less in run.by_name
        ]
        return moderated([each for each, _ in found], [error**2 for _, error in found], shared)

    return ShortTrainings(
        rows=planned.rows,
        cut=planned.cut,
        judged=sum(len(run.targets) for run in runs),
        epochs=planned.epochs,
        runs=sum("tuned" in run.by_name for run in runs),
        scratch_runs=sum("scratch" in run.by_name for run in runs),
        tuned=estimate("tuned"),
        head=estimate("head"),
        control=estimate("control"),
        scratch=estimate("scratch"),
        tuned_over_head=gain("tuned", "head"),
        tuned_over_control=gain("tuned", "control"),
        scratch_over_head=gain("scratch", "head"),
    )


def _samples(run: Compared, name: str, metric: Metric, labels: int) -> metrics.Scores:
    """The score, and then those of the bootstrap's resamplings of the judged rows, the same for all contenders."""
    rows = len(run.targets)
    drawn = np.random.default_rng(0).multinomial(rows, np.full(rows, 1 / rows), size=_RESAMPLINGS)
    weights = np.concatenate([np.ones((1, rows)), drawn])
    return metrics.weighted(metric, run.targets, run.by_name[name], labels, weights)
