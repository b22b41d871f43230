"""The claim: texts like the test rows are called drifted as seldom as is said, and plain changes are found.

``python -m benchmarks.drift BANKING77 SMS_SPAM`` (folders) fits a linear head on frozen features of each data set,
parts its test rows at random into a reference and others many times, and counts the alarms: where the others are as
they are, and where something was done to them. The peers are the rule of thumb that a population stability index above
0.1 is a change, and a reference of training rows, which the model knows.
"""

import sys
from collections.abc import Callable

import numpy as np

from benchmarks.head_tasks import Task, load
from headstart.arrays import Computed, Targets
from headstart.evaluation.calibration import temperature
from headstart.evaluation.drift import Drift, Seen, drift
from headstart.evaluation.shares import wilson
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs
from headstart.search import SEED

_SAME, _CHANGED = 1000, 100  # repetitions
_SIZES = (100, 400)
_THUMB = 0.1

Draw = Callable[[np.random.Generator, int], Seen]


class Model:
    """A head on a data set's features, and what it makes of rows."""

    def __init__(self, task: Task) -> None:
        made = FAMILIES["linear"]
        heads = made.fit(task.train[-1], task.train_targets, task.labels, made.settings(4), SEED)
        self._head = max(heads, key=lambda each: float((self._on(each, task.test[-1]) == task.test_targets).mean()))
        self._scale = temperature(outputs(self._head, task.test[-1]), task.test_targets)
        self.labels = tuple(map(str, range(task.labels)))

    def of(self, x: np.ndarray) -> Seen:
        return Seen.of(Computed(x, outputs(self._head, x) / self._scale))

    @staticmethod
    def _on(head: object, x: np.ndarray) -> Targets:
        found: Targets = outputs(head, x).argmax(axis=1)  # type: ignore[arg-type]
        return found


def main(banking77: str, sms_spam: str) -> None:
    """A table of alarms."""
    tasks = {"Banking77": load("banking77", banking77), "SMS Spam": load("sms_spam", sms_spam)}
    print("| data | the new texts | rows | alarms | index above 0.1 | training rows as reference, alarms |")
    print("|---|---|---|---|---|---|")
    for name, task in tasks.items():
        model = Model(task)
        (other,) = (each for each in tasks if each != name)
        seen, known, strange = model.of(task.test[-1]), model.of(task.train[-1]), model.of(tasks[other].test[-1])
        for what, changed in _changes(task, seen, strange, other).items():
            for rows in _SIZES:
                _count(name, what, rows, _SAME if changed is None else _CHANGED, changed, seen, known, model.labels)


def _changes(task: Task, seen: Seen, strange: Seen, other: str) -> dict[str, Callable | None]:
    """What is done to new rows, by name: each takes their numbers and gives what the model makes of them."""
    rare = np.bincount(task.test_targets).argmin()

    def mixed(share: float) -> Callable:
        def change(rows: np.ndarray, generator: np.random.Generator) -> Seen:
            count = round(share * len(rows))
            return _joined(
                _some(seen, rows[count:]), _some(strange, generator.permutation(len(strange.answers))[:count])
            )

        return change

    def more_of_rare(rows: np.ndarray, generator: np.random.Generator) -> Seen:
        weights = np.where(task.test_targets[rows] == rare, 3.0, 1.0)
        return _some(seen, generator.choice(rows, len(rows), p=weights / weights.sum()))

    def without_some(rows: np.ndarray, generator: np.random.Generator) -> Seen:
        kept = rows[task.test_targets[rows] >= task.labels // 4]
        return _some(seen, kept)

    return {
        "as they are": None,
        f"5 % from {other}": mixed(0.05),
        f"10 % from {other}": mixed(0.1),
        f"20 % from {other}": mixed(0.2),
        **({"the rarer label three times as often": more_of_rare} if task.labels == 2 else {}),
        **({"a quarter of the labels gone": without_some} if task.labels > 2 else {}),
    }


def _count(
    data: str,
    what: str,
    rows: int,
    times: int,
    change: Callable | None,
    seen: Seen,
    known: Seen,
    labels: tuple[str, ...],
) -> None:
    alarms = thumb = flattered = 0
    for number in range(times):
        generator = np.random.default_rng(number)
        order = generator.permutation(len(seen.answers))
        drawn = order[rows : 2 * rows]
        new = _some(seen, drawn) if change is None else change(drawn, generator)
        found = drift(_some(seen, order[:rows]), new, labels)
        alarms += _alarm(found)
        thumb += found is not None and found.shifts[1].effect > _THUMB
        flattered += _alarm(drift(_some(known, generator.permutation(len(known.answers))[:rows]), new, labels))
    told = " | ".join(_said(each, times) for each in (alarms, thumb, flattered))
    print(f"| {data} | {what} | {rows} | {told} |", flush=True)


def _alarm(found: Drift | None) -> bool:
    return found is not None and found.is_found


def _said(hits: int, of: int) -> str:
    found = wilson(hits, of)
    return f"{100 * found.value:.1f} % [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _some(seen: Seen, rows: np.ndarray) -> Seen:
    return Seen(seen.features[rows], seen.answers[rows], seen.confidence[rows])


def _joined(one: Seen, other: Seen) -> Seen:
    return Seen(
        np.concatenate([one.features, other.features]),
        np.concatenate([one.answers, other.answers]),
        np.concatenate([one.confidence, other.confidence]),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
