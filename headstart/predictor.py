"""Answers from a model folder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from headstart.arrays import Array, Computed, Outputs, softmax
from headstart.bag import Bag
from headstart.errors import UsageError
from headstart.evaluation.promises import Calibration
from headstart.model import Manifest, read_landmarks, read_manifest
from headstart.tasks import Prediction, get_task


class Answering(Protocol):
    """What computes: a network, or a bag of words."""

    def compute(self, texts: Sequence[str], report: Callable[[int, int], None]) -> Computed:
        """Features (texts, width) and outputs (texts, labels) as they come, in the order of the texts, both float32."""


class Predictor:
    """A model in memory. Everything is read at once, so the folder may go.

    Raises:
        IntegrityError: The folder is no model folder, or of a newer format.
        BackboneError: Its weights cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder)
        self._landmarks = read_landmarks(folder)
        self._answering = _load(folder, self.manifest)

    def __repr__(self) -> str:
        return f"<Predictor of {len(self.labels)} labels, {self.manifest.task}>"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the outputs."""
        return self.manifest.labels

    def compute(self, texts: Sequence[str], report: Callable[[int, int], None] = lambda done, total: None) -> Computed:
        """Features and calibrated outputs of the texts, in their order, both float32."""
        found, calibration = self._answering.compute(texts, report), self.manifest.calibration
        return found if calibration is None else replace(found, outputs=calibration.scaling(found.outputs))

    def outputs(self, texts: Sequence[str], report: Callable[[int, int], None] = lambda done, total: None) -> Outputs:
        """Calibrated outputs of shape (texts, labels), float32; their softmax gives probabilities."""
        return self.compute(texts, report).outputs

    def predict(self, texts: Iterable[str]) -> list[Prediction]:
        """The answer for each text, in their order.

        Args:
            texts: A list, or a column of a table.

        Raises:
            UsageError: It is one text, or a member is none.
        """
        computed = self.compute(_listed(texts))
        answers = get_task(self.manifest.task).decode(computed.outputs, self.labels)
        calibration = self.manifest.calibration
        if calibration is None or not answers:
            return answers
        nearness = None if self._landmarks is None else self._landmarks.nearness(computed.features)
        return list(_promised(answers, computed.outputs, nearness, calibration, self.labels))


def _load(folder: Path, manifest: Manifest) -> Answering:
    if manifest.view is None:
        return Bag.read(folder)
    from headstart.transferred import Transferred  # loads torch, which a bag of words does without

    return Transferred(folder, manifest.view, manifest.max_tokens, len(manifest.labels))


def _listed(texts: Iterable[str]) -> list[str]:
    if isinstance(texts, str):  # a sequence of texts too, each of one character
        raise UsageError(
            "usage", "predict takes a list of texts, and this is one text.", remedy="Write predict([text])."
        )
    listed = list(texts)
    for number, text in enumerate(listed, 1):
        if not isinstance(text, str):
            problem = f"text {number} of {len(listed)} is {text!r:.80}, no text."
            raise UsageError("usage", problem, remedy="Leave it out, or give its text as a string.")
    return listed


def _promised(
    answers: Sequence[Prediction],
    outputs: Outputs,
    nearness: Array | None,
    calibration: Calibration,
    labels: Sequence[str],
) -> Iterator[Prediction]:
    """The answers with what the calibration says of them."""
    probabilities = softmax(outputs)
    members, abstains = calibration.in_set(probabilities), calibration.abstains(probabilities)
    unusual = None if nearness is None else calibration.is_unusual(nearness)
    for row, answer in enumerate(answers):
        ranked = np.argsort(-probabilities[row], kind="stable").tolist()
        yield replace(
            answer,
            candidates=None if members is None else tuple(labels[each] for each in ranked if members[row, each]),
            abstains=None if abstains is None else bool(abstains[row]),
            unusual=None if unusual is None else bool(unusual[row]),
        )
