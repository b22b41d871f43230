"""Answers from a model folder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from headstart.arrays import Array, Computed, Outputs, softmax
from headstart.encoder import TOKEN_BUDGET, Encoder, Tokenizer, device, of_one_length, pad
from headstart.errors import UsageError
from headstart.evaluation.promises import Calibration
from headstart.model import read_head, read_landmarks, read_manifest
from headstart.precision import inferring
from headstart.tasks import Prediction, get_task
from headstart.training.network import HeadModule, Network


class Predictor:
    """A model in memory. Everything is read at once, so the folder may go.

    Raises:
        IntegrityError: The folder is no model folder, or of a newer format.
        BackboneError: Its weights cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder)
        self._landmarks = read_landmarks(folder)
        encoder = Encoder(folder, self.manifest.view.pooling, self.manifest.view.layers)
        self._tokenizer = Tokenizer(folder, self.manifest.max_tokens)
        self._network = Network(encoder, HeadModule(read_head(folder))).eval().to(device())

    def __repr__(self) -> str:
        return f"<Predictor of {len(self.labels)} labels, {self.manifest.task}>"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the outputs."""
        return self.manifest.labels

    def compute(self, texts: Sequence[str], report: Callable[[int, int], None] = lambda done, total: None) -> Computed:
        """Features and calibrated outputs of the texts, in their order, both float32."""
        tokens = self._tokenizer(texts) if texts else []
        order: list[int] = []
        features: list[Array] = [np.zeros((0, 0), np.float32)]
        outputs: list[Array] = [np.zeros((0, len(self.labels)), np.float32)]
        place = device()
        with torch.inference_mode():
            for batch in of_one_length(tokens, TOKEN_BUDGET[place.type]):
                with inferring(place):
                    vectors = self._network.features(*pad([tokens[row] for row in batch], place)).float()
                features.append(vectors.cpu().numpy())
                outputs.append(self._network.head(vectors).cpu().numpy())
                order.extend(batch.tolist())
                report(len(order), len(texts))
        back = np.argsort(order)
        calibration = self.manifest.calibration
        found = np.concatenate(outputs)[back]
        return Computed(
            np.concatenate(features[1:] or features)[back], found if calibration is None else calibration.scaling(found)
        )

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
