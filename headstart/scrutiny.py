"""Looking closely at the candidate: its mistakes, its neighbours, suspect labels, slices, and changed texts."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from headstart.arrays import Outputs, Targets, softmax
from headstart.backbone import Backbone
from headstart.context import Context
from headstart.crossfit import CrossFitted
from headstart.dataset import Dataset, Rows
from headstart.evaluation import mistakes, neighbours, robustness, slices, suspects
from headstart.evaluation.findings import Findings
from headstart.evaluation.neighbours import Neighbours
from headstart.evaluation.robustness import Change
from headstart.evaluation.slices import Slice
from headstart.evaluation.suspects import Suspects
from headstart.features import features
from headstart.spec import GateSpec


class Scrutiny:
    """What is looked at once the candidate has answered the test rows.

    Args:
        gate: The metric, and the fields that make slices.
        dataset: The rows.
        outputs: The candidate's calibrated outputs on the test rows, shape (rows, labels).
        backbone: The frozen one, whose features tell which rows are alike.
        on: Where to compute.
    """

    def __init__(self, gate: GateSpec, dataset: Dataset, outputs: Outputs, backbone: Backbone, on: Context) -> None:
        self._gate, self._dataset, self._on = gate, dataset, on
        self._test = dataset.read(on.workspace, "test")
        self._seen = dataset.read(on.workspace, "train") + dataset.read(on.workspace, "validation")
        self._probabilities = softmax(outputs)
        self._answers: Targets = outputs.argmax(axis=1)
        self._compared = neighbours.sample(len(self._seen))
        last = [backbone.layers]
        self._nearest, self._cosine = neighbours.nearest(
            features(self._test, backbone, on, layers=last).layer(backbone.layers),
            features(self._seen, backbone, on, layers=last).layer(backbone.layers)[self._compared],
        )
        self._near: npt.NDArray[np.bool] = self._cosine >= neighbours.THRESHOLD

    def findings(self, cross: CrossFitted, train: Rows, answer: Callable[[list[str]], Targets]) -> Findings:
        """All but the slices.

        Args:
            cross: Training rows as heads answer them that do not know them.
            train: The training rows.
            answer: The candidate's answers to any texts.
        """
        return Findings(
            neighbours=self._neighbours(),
            mistakes=mistakes.mistakes(
                self._probabilities,
                self._test.targets,
                self._test.texts,
                self._dataset.places(self._on.workspace, "test"),
                self._dataset.labels,
                [(self._seen.texts[row], int(self._seen.targets[row])) for row in self._compared[self._nearest]],
                self._cosine,
            ),
            suspects=_suspects(cross, train, self._dataset, self._on),
            changes=self._changes(answer),
        )

    def slices(self) -> tuple[Slice, ...]:
        """The scores on slices: by the fields that the spec names, by length, script and nearness."""
        asked = self._dataset.test_fields(self._on.workspace)
        own: Mapping[str, Sequence[str]] = {
            slices.LENGTH: slices.by_length(self._test.texts),
            slices.SCRIPT: slices.by_script(self._test.texts),
            slices.NEAR: slices.by_nearness(self._near),
        }
        labels = len(self._dataset.labels)
        return slices.sliced(self._gate.metric, self._test.targets, self._answers, labels, asked, own)

    def _neighbours(self) -> Neighbours:
        others = [self._seen.texts[row] for row in self._compared]
        labels = len(self._dataset.labels)
        return Neighbours(
            count=int(self._near.sum()),
            of=len(self._test),
            among=len(self._compared),
            examples=neighbours.examples(self._test.texts, others, self._nearest, self._cosine),
            others=neighbours.without(self._near, self._gate.metric, self._test.targets, self._answers, labels),
        )

    def _changes(self, answer: Callable[[list[str]], Targets]) -> tuple[Change, ...]:
        rows = robustness.sample(len(self._test))
        texts = [self._test.texts[row] for row in rows]
        labels = len(self._dataset.labels)
        return robustness.changes(
            self._gate.metric, texts, self._test.targets[rows], self._answers[rows], labels, answer
        )


def _suspects(cross: CrossFitted, train: Rows, dataset: Dataset, on: Context) -> Suspects:
    places = dataset.places(on.workspace, "train")
    rows = cross.rows.tolist()
    return suspects.suspects(
        softmax(cross.outputs),
        train.targets[cross.rows],
        [train.texts[row] for row in rows],
        [places[row] for row in rows],
        dataset.labels,
    )
