"""The claim: of the ways to promise a coverage, the threshold on the label's probability (LAC) has the smallest sets.

``python -m benchmarks.prediction_sets FOLDER`` (with the folders of the data sets) fits a head on frozen features,
learns temperature and thresholds from some of the test rows and looks at the others, for many divisions. The peer is
the adaptive way (APS: Romano, Sesia and Candès 2020, "Classification with valid and adaptive coverage"): labels from
the most probable on, until their sum reaches a threshold, with the last one in or out by chance; and without chance.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.head_tasks import load
from headstart.arrays import Targets, softmax
from headstart.evaluation.calibration import temperature
from headstart.evaluation.conformal import Probabilities, sets
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs
from headstart.search import SEED

_COVERAGES = (0.9, 0.95)
_CALIBRATING = 500
_DIVISIONS = 50
_HARD = 0.2  # of the rows: those whose best label is least probable

Members = npt.NDArray[np.bool]
Way = Callable[[Probabilities, Targets, Probabilities, float], Members]


def lac(known: Probabilities, targets: Targets, unseen: Probabilities, coverage: float) -> Members:
    """The labels of a probability or more; the best one always."""
    found = sets(known, targets, coverage)
    assert found is not None
    return found.of(unseen)


def aps(known: Probabilities, targets: Targets, unseen: Probabilities, coverage: float) -> Members:
    """The most probable labels up to a sum, the last one by chance; the best one always."""
    generator = np.random.default_rng(SEED)
    return _up_to_a_sum(known, targets, unseen, coverage, *(generator.random(len(each)) for each in (known, unseen)))


def aps_without_chance(known: Probabilities, targets: Targets, unseen: Probabilities, coverage: float) -> Members:
    """The most probable labels up to a sum."""
    return _up_to_a_sum(known, targets, unseen, coverage, np.zeros(len(known)), np.zeros(len(unseen)))


WAYS: Mapping[str, Way] = {"LAC": lac, "APS": aps, "APS, without chance": aps_without_chance}


def main(folder: str) -> None:
    print("| data, coverage wished | way | covered | labels a set | sets of one | hard fifth: covered | labels a set |")
    print("|---|---|---|---|---|---|---|")
    for name in ("banking77", "sms_spam", "goemotions"):
        task = load(name, str(Path(folder) / name))
        x, unseen, truth = task.train[-1], task.test[-1], task.test_targets
        (head,) = FAMILIES["linear"].fit(x, task.train_targets, task.labels, [{"c": 10.0}], SEED)
        found = outputs(head, unseen)
        for coverage in _COVERAGES:
            for way, members in WAYS.items():
                mean = np.mean(
                    [_looked_at(members, found, truth, coverage, seed) for seed in range(_DIVISIONS)], axis=0
                )
                covered, size, single, hard, hard_size = mean
                told = f"{covered:.3f} | {size:.2f} | {single:.0%} | {hard:.3f} | {hard_size:.2f}"
                print(f"| {name}, {coverage:g} | {way} | {told} |", flush=True)


def _looked_at(way: Way, found: npt.NDArray[np.float32], truth: Targets, coverage: float, seed: int) -> list[float]:
    """Coverage, labels a set and the share of sets of one, and the first two on the hard rows, for one division."""
    order = np.random.default_rng(seed).permutation(len(truth))
    fit, judge = order[:_CALIBRATING], order[_CALIBRATING:]
    probabilities = softmax(found / temperature(found[fit], truth[fit]))
    members = way(probabilities[fit], truth[fit], probabilities[judge], coverage)
    covered, sizes = members[np.arange(len(judge)), truth[judge]], members.sum(axis=1)
    best = probabilities[judge].max(axis=1)
    hard = best <= np.quantile(best, _HARD)
    return [covered.mean(), sizes.mean(), (sizes == 1).mean(), covered[hard].mean(), sizes[hard].mean()]


def _up_to_a_sum(
    known: Probabilities,
    targets: Targets,
    unseen: Probabilities,
    coverage: float,
    chance: npt.NDArray[np.float64],
    other_chance: npt.NDArray[np.float64],
) -> Members:
    """Labels whose score is no more than the calibration rows' quantile.

    A label's score is the sum of the probabilities down to its own, less ``chance`` times its own.
    """
    scores = _sums(known, chance)[np.arange(len(targets)), targets]
    rank = int(np.ceil((len(targets) + 1) * coverage - 1e-9))
    members: Members = _sums(unseen, other_chance) <= np.sort(scores)[rank - 1]
    members[np.arange(len(unseen)), unseen.argmax(axis=1)] = True
    return members


def _sums(probabilities: Probabilities, chance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    order = np.argsort(-probabilities, axis=1)
    down = np.take_along_axis(probabilities, order, axis=1)
    sums = np.empty_like(probabilities)
    np.put_along_axis(sums, order, down.cumsum(axis=1) - chance[:, None] * down, axis=1)
    return sums


if __name__ == "__main__":
    main(*sys.argv[1:])
