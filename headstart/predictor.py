"""Answers from a model folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from headstart.arrays import Outputs
from headstart.encoder import TOKEN_BUDGET, Encoder, Tokenizer, by_length, device, pad
from headstart.model import read_head, read_manifest
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
        encoder = Encoder(folder, self.manifest.view.pooling, self.manifest.view.layers)
        self._tokenizer = Tokenizer(folder, self.manifest.max_tokens)
        self._network = Network(encoder, HeadModule(read_head(folder))).eval().to(device())

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the outputs."""
        return self.manifest.labels

    def outputs(self, texts: Sequence[str], report: Callable[[int, int], None] = lambda done, total: None) -> Outputs:
        """Calibrated outputs of shape (texts, labels), float32; their softmax gives probabilities."""
        tokens = self._tokenizer(texts) if texts else []
        found = np.zeros((len(texts), len(self.labels)), dtype=np.float32)
        done = 0
        with torch.inference_mode():
            for batch in by_length(tokens, TOKEN_BUDGET[device().type]):
                found[batch] = self._network(*pad([tokens[row] for row in batch], device())).float().cpu().numpy()
                done += len(batch)
                report(done, len(texts))
        return found

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The answer for each text, in their order."""
        return get_task(self.manifest.task).decode(self.outputs(texts), self.labels)
