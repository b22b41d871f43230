"""Our own models before the test: what they make of rows, which of them is the candidate, and what it can promise."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from headstart.arrays import Array, Computed, Outputs, Targets
from headstart.assess import trainable
from headstart.backbone import Backbone
from headstart.compute import Report
from headstart.context import Context
from headstart.crossfit import CrossFitted
from headstart.dataset import Dataset, Rows
from headstart.evaluation import metrics
from headstart.evaluation.calibration import log_loss
from headstart.evaluation.decision import CONTROL, FROZEN, TUNED
from headstart.evaluation.novelty import Landmarks
from headstart.evaluation.promises import FEWEST, Calibration, HeldOut, learn
from headstart.features import features
from headstart.head import Head
from headstart.heads.fitted import outputs
from headstart.model import Model
from headstart.search import SEED
from headstart.search.trial import features_of
from headstart.spec import CalibrationSpec, GateSpec, Metric
from headstart.tune import head_only, words_only

if TYPE_CHECKING:
    from headstart.predictor import Predictor

_OF_EACH_LABEL = 50  # training rows whose features by a tuned backbone make its landmarks


class Contender(Protocol):
    """One of our models."""

    name: str

    def on(self, rows: Rows) -> Computed:
        """What it makes of rows; fitted on the training rows alone."""

    def landmarks(self, train: Rows) -> Landmarks:
        """The landmarks of the training rows in its features."""

    def model(self) -> Model:
        """What is published if it is chosen."""


class Frozen:
    """The frozen backbone with the searched head, answered from stored features."""

    name = FROZEN

    def __init__(self, dataset: Dataset, backbone: Backbone, head: Head, on: Context) -> None:
        self._dataset, self._backbone, self._head, self._on = dataset, backbone, head, on

    def on(self, rows: Rows) -> Computed:
        """See :meth:`Contender.on`."""
        x = self.features(rows)
        return Computed(x, outputs(self._head.read(self._on.workspace), x))

    def landmarks(self, train: Rows) -> Landmarks:
        """See :meth:`Contender.landmarks`."""
        return Landmarks.of(self.features(train), train.targets)

    def model(self) -> Model:
        """See :meth:`Contender.model`; with the head that knows the validation rows too, where there is one."""
        why = "the cheapest that is not worse on the validation rows"
        return head_only(self._dataset, self._backbone, self._head, why, self._on, self._head.refitted is not None)

    def features(self, rows: Rows) -> Array:
        """The features that the head looks at, shape (rows, width)."""
        view, backbone = self._head.chosen.view, self._backbone
        # With the last layer, by which neighbours are told: one forward pass gives both.
        layers, poolings = (*view.layers, backbone.layers), (view.pooling, backbone.pooling)
        found = features(rows, backbone, self._on, layers=layers, poolings=poolings)
        return features_of(view, found.layer)


class Tuned:
    """The tuned model."""

    name = TUNED

    def __init__(self, model: Model, on: Context, report: Report) -> None:
        self._model, self._report = model, report
        self._predictor = load(model, on)

    def on(self, rows: Rows) -> Computed:
        """See :meth:`Contender.on`."""
        return self._compute(rows.texts)

    def landmarks(self, train: Rows) -> Landmarks:
        """See :meth:`Contender.landmarks`; of some rows of each label, for their features are not stored."""
        rows = _some_of_each(train.targets)
        return Landmarks.of(self._compute([train.texts[row] for row in rows]).features, train.targets[rows])

    def model(self) -> Model:
        """See :meth:`Contender.model`."""
        return self._model

    def _compute(self, texts: Sequence[str]) -> Computed:
        return self._predictor.compute(texts, lambda done, total: self._report(done, total, self.name))


class Words(Tuned):
    """The bag of words; the one that is published knows the validation rows too, as the control does."""

    name = CONTROL

    def __init__(self, model: Model, dataset: Dataset, metric: Metric, on: Context, report: Report) -> None:
        super().__init__(model, on, report)
        self._dataset, self._metric, self._on = dataset, metric, on

    def model(self) -> Model:
        """See :meth:`Contender.model`."""
        return words_only(self._dataset, trainable(self._dataset, self._on), self._metric, self._model.why, self._on)


def load(model: Model, on: Context) -> "Predictor":
    """A model of the workspace, verified and in memory."""
    from headstart.predictor import Predictor  # loads torch, which most steps do without

    with on.workspace.blobs.checkout(model.files) as folder:
        return Predictor(folder)


def choose(gate: GateSpec, rows: Rows, held_out: Mapping[str, Outputs], labels: int) -> str:
    """The name of the model that goes to the test, by the validation rows.

    The one with the best score, and the least log loss on equal terms. Where the gate welcomes a loss (``min_gain``
    below zero), the cheapest whose score is no further than that below the best.

    Args:
        gate: The metric, and the least gain.
        rows: The validation rows.
        held_out: The outputs of each model on them by name, the cheapest first.
        labels: The number of labels.
    """
    scores = {
        name: metrics.score(gate.metric, rows.targets, found.argmax(axis=1), labels) for name, found in held_out.items()
    }
    if gate.min_gain < 0:
        least = max(scores.values()) + gate.min_gain
        return next(name for name, score in scores.items() if score >= least)
    return max(scores, key=lambda name: (scores[name], -log_loss(held_out[name], rows.targets)))


def calibrate(
    spec: CalibrationSpec,
    validation: Rows,
    answers: Computed,
    landmarks: Landmarks,
    train: Rows,
    cross: CrossFitted | None,
) -> Calibration:
    """What the candidate's answers promise, from the validation rows, or else from cross-fitted training rows.

    Args:
        spec: What is wished for.
        validation: The validation rows.
        answers: What the candidate, fitted on the training rows alone, makes of them.
        landmarks: Its landmarks.
        train: The training rows.
        cross: Where the backbone was not tuned, the training rows answered by heads that do not know them.
    """
    if len(validation) < FEWEST and cross is not None:
        groups = tuple(train.groups[row] for row in cross.rows.tolist())
        targets = train.targets[cross.rows]
        return learn(HeldOut("cross-validation", cross.outputs, cross.nearness, targets, groups), spec)
    nearness = landmarks.nearness(answers.features)
    return learn(HeldOut("validation", answers.outputs, nearness, validation.targets, validation.groups), spec)


def _some_of_each(targets: Targets) -> Targets:
    """The numbers of some rows of each label, in order."""
    order = np.random.default_rng(SEED).permutation(len(targets))
    by_label = order[np.argsort(targets[order], kind="stable")]
    place = np.arange(len(targets)) - np.searchsorted(targets[by_label], targets[by_label])
    return np.sort(by_label[place < _OF_EACH_LABEL])
