"""Scores and gains of answers that were given out of fold, and how sure they are.

A score is that of the answers to all rows together, not the mean of the folds' scores: a fold that holds a row or two
of a label, or none, tells little of its F1, and a mean over folds would be biased by it (Forman and Scholz 2010,
"Apples-to-apples in cross-validation studies"). How much folds differ still says how sure it is.
"""

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.cross_validation import FOLDS, Ground
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.intervals import above_zero, cross_validated, no_narrower
from headstart.evaluation.paired import compare

Answers = Sequence[Targets]
"""What one way answers, for the rows that each fold judges on."""


class OutOfFold:
    """All estimates on one ground."""

    def __init__(self, ground: Ground) -> None:
        fit, judge = ground.folds[0]
        self._ground = ground
        self._sizes = len(fit), len(judge)
        self._targets = [ground.labeled.targets[judge] for _, judge in ground.folds]

    def value(self, answers: Answers) -> float:
        """The score of the answers to all rows, the mean over the repetitions of the folds."""
        metric, labels = self._ground.metric, self._ground.labels
        whole = zip(self._whole(self._targets), self._whole(answers), strict=True)
        return float(np.mean([metrics.score(metric, targets, each, labels) for targets, each in whole]))

    def by_fold(self, answers: Answers) -> list[float]:
        """The folds' scores, moved together so that their mean is the score of the answers to all rows."""
        ground = self._ground
        each = np.array(
            [
                metrics.score(ground.metric, targets, answer, ground.labels)
                for targets, answer in zip(self._targets, answers, strict=True)
            ]
        )
        moved: list[float] = (each + self.value(answers) - each.mean()).tolist()
        return moved

    def score(self, answers: Answers) -> Estimate:
        """The score with its interval: by the folds, and no narrower than the rows allow."""
        return self.no_narrower(cross_validated(self.by_fold(answers), *self._sizes).within(0.0, 1.0))

    def no_narrower(self, found: Estimate) -> Estimate:
        """A score of all rows, with an interval no narrower than they allow."""
        return no_narrower(found, self._ground.metric, self._ground.labeled.targets)

    def gain(self, mine: Answers, theirs: Answers) -> Estimate:
        """What one gains over the other: by the folds, and no surer than the rows on which they differ."""
        by_fold = [one - other for one, other in zip(self.by_fold(mine), self.by_fold(theirs), strict=True)]
        found = cross_validated(by_fold, *self._sizes)
        ground = self._ground
        whole = zip(self._whole(self._targets), self._whole(mine), self._whole(theirs), strict=True)
        by_rows = [compare(ground.metric, targets, one, other, ground.labels).gain for targets, one, other in whole]
        low = found.value - float(np.mean([each.value - each.low for each in by_rows]))
        high = found.value + float(np.mean([each.high - each.value for each in by_rows]))
        return found.model_copy(update={"low": min(found.low, low), "high": max(found.high, high)})

    def is_better(self, gain: Estimate) -> float:
        """How probable it is that such a gain is truly above zero."""
        return above_zero(gain, len(self._targets) - 1)

    def _whole(self, by_fold: Answers) -> list[Targets]:
        """What stands by folds for all rows, once for each time that the rows were folded."""
        starts = range(0, len(by_fold), FOLDS)
        return [np.concatenate(by_fold[start : start + FOLDS]) for start in starts]
