"""What a population's settings answered for rows held out, fold after fold, and what that says of each."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array, Outputs, Targets
from headstart.evaluation import metrics
from headstart.evaluation.calibration import log_loss, log_losses, temperature
from headstart.evaluation.one_error import standard_error
from headstart.heads import Fitted
from headstart.heads.fitted import outputs
from headstart.search.candidate import Candidate, Trial
from headstart.spec import Metric

_SURE = 3.0  # standard errors of a paired difference


class Sheet:
    """The answers to a trial. ``alive`` are the numbers of the settings that may still win.

    Args:
        trial: The population.
        labels: The number of labels.
        metric: What scores are of.
        rows: How many different rows are judged on in the end.
    """

    def __init__(self, trial: Trial, labels: int, metric: Metric, rows: int) -> None:
        self.alive = list(range(len(trial.settings)))
        self.seconds = 0.0
        self._trial, self._labels, self._metric, self._rows = trial, labels, metric, rows
        self._targets: Targets = np.zeros(0, dtype=np.int64)
        self._answers: dict[int, list[Outputs]] = {number: [] for number in self.alive}
        self._given_up: dict[int, Candidate] = {}

    @property
    def settings(self) -> Sequence[Mapping[str, float]]:
        """The settings to fit on the next fold."""
        return [self._trial.settings[number] for number in self.alive]

    def add(self, heads: Sequence[Fitted], x: Array, targets: Targets) -> None:
        """Take down what the head of each setting that is alive answers for rows, and more folds are to follow."""
        for number, head in zip(self.alive, heads, strict=True):
            self._answers[number].append(outputs(head, x))
        self._targets = np.concatenate([self._targets, targets])

    def drop(self, is_fitted: Sequence[bool]) -> None:
        """Give up those of the settings that are alive whose head was not fitted to the end."""
        self._keep([number for number, kept in zip(self.alive, is_fitted, strict=True) if kept])

    def race(self) -> None:
        """Give up the settings that cannot win any more (races: Maron and Moore 1994).

        The winner has the least log loss of those within one standard error of the best score. So a setting is given
        up where it is surely further than that behind the best, and where another one that is right at least as often
        has surely less log loss. Sure is what holds for a paired difference less :data:`_SURE` standard errors.
        """
        answers = {number: np.concatenate(self._answers[number]) for number in self.alive}
        right = {number: each.argmax(axis=1) == self._targets for number, each in answers.items()}
        losses = {
            number: log_losses(each / temperature(each, self._targets), self._targets)
            for number, each in answers.items()
        }
        best = max(self.alive, key=lambda number: right[number].mean())
        margin = standard_error(float(right[best].mean()), self._rows)
        surest = min(self.alive, key=lambda number: losses[number].mean())
        self._keep(
            [
                number
                for number in self.alive
                if _surely(right[best].astype(np.float64) - right[number]) <= margin
                and (right[number].mean() > right[surest].mean() or _surely(losses[number] - losses[surest]) <= 0)
            ]
        )

    def so_far(self) -> list[Candidate]:
        """Every setting as it stands, none of them complete."""
        return [self._given_up.get(number) or self._unfinished(number) for number in sorted(self._answers)]

    def finish(self, heads: Sequence[tuple[Fitted, bool]], x: Array, targets: Targets) -> list[Candidate]:
        """Every setting in the end, complete where its head was fitted to the end.

        The last answers are held for one setting at a time: rows that are judged on at once may be many.

        Args:
            heads: The head of each setting that is alive, and whether it was fitted to the end.
            x: The features of the last rows that are judged on.
            targets: Their label numbers.
        """
        self._targets = np.concatenate([self._targets, targets])
        found = dict(self._given_up)
        for number, (head, is_fitted) in zip(self.alive, heads, strict=True):
            answers = np.concatenate([*self._answers[number], outputs(head, x)])
            scale = temperature(answers, self._targets) if is_fitted else 1.0
            found[number] = self._candidate(number, answers, scale, is_fitted)
        return [found[number] for number in sorted(found)]

    def _keep(self, kept: Sequence[int]) -> None:
        for number in set(self.alive) - set(kept):
            self._given_up[number] = self._unfinished(number)
        self.alive = list(kept)

    def _unfinished(self, number: int) -> Candidate:
        return self._candidate(number, np.concatenate(self._answers[number]), 1.0, is_complete=False)

    def _candidate(self, number: int, answers: Outputs, scale: float, is_complete: bool) -> Candidate:
        return Candidate(
            view=self._trial.view,
            family=self._trial.family,
            setting=self._trial.settings[number],
            score=metrics.score(self._metric, self._targets, answers.argmax(axis=1), self._labels),
            log_loss=log_loss(answers / scale, self._targets),
            temperature=scale,
            complete=is_complete,
            seconds=self.seconds / len(self._trial.settings),
        )


def _surely(difference: npt.NDArray[np.float64]) -> float:
    """What the mean of a paired difference is at least."""
    return float(difference.mean() - _SURE * difference.std() / np.sqrt(len(difference)))
