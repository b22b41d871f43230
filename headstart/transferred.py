"""What was transferred, in memory: an encoder with a head on it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from headstart.arrays import Array, Computed
from headstart.encoder import TOKEN_BUDGET, Encoder, Tokenizer, device, of_one_length, pad
from headstart.model import read_head
from headstart.precision import inferring
from headstart.training.network import HeadModule, Network
from headstart.views import View


class Transferred:
    """The network of a model folder. Everything is read at once, so the folder may go.

    Args:
        folder: Where it is.
        view: The features that its head looks at.
        max_tokens: The most tokens of a text that are read.
        labels: The number of labels.

    Raises:
        BackboneError: Its weights cannot be loaded.
    """

    def __init__(self, folder: Path, view: View, max_tokens: int, labels: int) -> None:
        self._labels = labels
        encoder = Encoder(folder, view.pooling, view.layers)
        self._tokenizer = Tokenizer(folder, max_tokens)
        self._network = Network(encoder, HeadModule(read_head(folder))).eval().to(device())

    def compute(self, texts: Sequence[str], report: Callable[[int, int], None]) -> Computed:
        """Features and outputs of the texts, in their order, both float32."""
        tokens = self._tokenizer(texts) if texts else []
        order: list[int] = []
        features: list[Array] = [np.zeros((0, 0), np.float32)]
        outputs: list[Array] = [np.zeros((0, self._labels), np.float32)]
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
        return Computed(np.concatenate(features[1:] or features)[back], np.concatenate(outputs)[back])
