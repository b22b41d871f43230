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
from headstart.arrays import Array, Computed, Targets
from headstart.evaluation.calibration import temperature
from headstart.evaluation.drift import Drift, Seen, drift
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.shares import wilson
from headstart.heads import FAMILIES
from headstart.heads.fitted import Fitted, outputs
from headstart.search import SEED

_SAME, _CHANGED = 300, 40  # repetitions
_SIZES = (100, 300)
_THUMB = 0.1

Change = Callable[[Targets, int, np.random.Generator], Seen]


class Model:
    """A head on a data set's features, and what it makes of rows."""

    def __init__(self, task: Task) -> None:
        made = FAMILIES["linear"]
        heads = made.fit(task.train[-1], task.train_targets, task.labels, made.settings(4), SEED)
        self._head = max(heads, key=lambda each: float((self._on(each, task.test[-1]) == task.test_targets).mean()))
        self._scale = temperature(outputs(self._head, task.test[-1]), task.test_targets)
        self.labels = tuple(map(str, range(task.labels)))

    def of(self, x: Array) -> Seen:
        return Seen.of(Computed(x, outputs(self._head, x) / self._scale))

    @staticmethod
    def _on(head: Fitted, x: Array) -> Targets:
        found: Targets = outputs(head, x).argmax(axis=1)
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
                told = " | ".join(map(_said, _row(changed, rows, seen, known, model.labels)))
                print(f"| {name} | {what} | {rows} | {told} |", flush=True)


def _changes(task: Task, seen: Seen, strange: Seen, other: str) -> dict[str, Change | None]:
    """What is done to new rows, by name: each takes test rows in any order and how many to make, and makes them."""
    rare = np.bincount(task.test_targets).argmin()

    def mixed(share: float) -> Change:
        def change(rest: Targets, rows: int, generator: np.random.Generator) -> Seen:
            count = round(share * rows)
            others = generator.permutation(len(strange.answers))[:count]
            return _joined(_some(seen, rest[: rows - count]), _some(strange, others))

        return change

    def more_of_the_rare(rest: Targets, rows: int, generator: np.random.Generator) -> Seen:
        weights = np.where(task.test_targets[rest] == rare, 3.0, 1.0)
        return _some(seen, generator.choice(rest, rows, replace=False, p=weights / weights.sum()))

    def without_some(rest: Targets, rows: int, generator: np.random.Generator) -> Seen:
        return _some(seen, rest[task.test_targets[rest] >= task.labels // 4][:rows])

    made: dict[str, Change | None] = {"as they are": None}
    made |= {f"{share:.0%} from {other}": mixed(share) for share in (0.05, 0.1, 0.2)}
    if task.labels == 2:
        return made | {"the rarer label three times as often": more_of_the_rare}
    return made | {"a quarter of the labels gone": without_some}


def _row(
    changed: Change | None, rows: int, seen: Seen, known: Seen, labels: tuple[str, ...]
) -> tuple[Estimate, Estimate, Estimate | None]:
    """The share of alarms, of indices above the rule of thumb, and where nothing changed of alarms by training rows."""
    times = _SAME if changed is None else _CHANGED
    alarms = thumb = flattered = 0
    for number in range(times):
        generator = np.random.default_rng(number)
        order = generator.permutation(len(seen.answers))
        rest = order[rows:]
        new = changed(rest, rows, generator) if changed else _some(seen, rest[:rows])
        found = drift(_some(seen, order[:rows]), new, labels)
        alarms += _alarm(found)
        thumb += found is not None and found.shifts[1].effect > _THUMB
        if changed is None:
            trained = generator.permutation(len(known.answers))[:rows]
            flattered += _alarm(drift(_some(known, trained), new, labels))
    return wilson(alarms, times), wilson(thumb, times), None if changed else wilson(flattered, times)


def _alarm(found: Drift | None) -> bool:
    return found is not None and found.is_found


def _said(found: Estimate | None) -> str:
    return "" if found is None else f"{100 * found.value:.1f} % [{100 * found.low:.1f}, {100 * found.high:.1f}]"


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
