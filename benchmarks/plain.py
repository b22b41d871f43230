"""The peer: what a practitioner writes by hand with scikit-learn and PyTorch, in one process.

``python -m benchmarks.plain ROWS MODEL EPOCHS`` reads rows (JSON Lines of text, label, split) and prints one
JSON line: the seconds of each part, and the accuracy on the test rows. It does what Headstart's steps do on
the last layer of the same backbone, with the same rows, batch size and epochs, and keeps nothing.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from torch import nn
from transformers import AutoModel, AutoTokenizer

BATCH, FOLDS = 32, 5
STRENGTHS = np.geomspace(0.3, 100, 8)
RATE, HEAD_RATE, DECAY, WARMUP = 5e-5, 1e-3, 0.01, 0.06
T = TypeVar("T")


def main(rows_path: str, model_path: str, epochs: int) -> None:
    """Do the job, and say how long each part took."""
    warnings.filterwarnings("ignore")
    torch.manual_seed(0)
    seconds: dict[str, float] = {}

    def timed(part: str, function: Callable[[], T]) -> T:
        started = time.perf_counter()
        result = function()
        seconds[part] = round(time.perf_counter() - started, 2)
        return result

    rows = [json.loads(line) for line in Path(rows_path).read_text().splitlines()]
    names = sorted({row["label"] for row in rows})
    texts = {split: [row["text"] for row in rows if row["split"] == split] for split in ("train", "validation", "test")}
    targets = {split: np.array([names.index(row["label"]) for row in rows if row["split"] == split]) for split in texts}
    tokenizer = AutoTokenizer.from_pretrained(model_path)
    body = AutoModel.from_pretrained(model_path)
    features = timed("features", lambda: {split: embed(body, tokenizer, texts[split]) for split in texts})

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    bag = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000))
    probe = LogisticRegression(C=10, max_iter=1000)
    timed(
        "verdict",
        lambda: [
            cross_val_score(bag, texts["train"], targets["train"], cv=folds),
            cross_val_score(probe, features["train"], targets["train"], cv=folds),
        ],
    )
    grid = GridSearchCV(LogisticRegression(max_iter=1000), {"C": STRENGTHS}, cv=folds, scoring="accuracy")
    head = timed("search", lambda: grid.fit(features["train"], targets["train"]).best_estimator_)
    frozen = float((head.predict(features["test"]) == targets["test"]).mean())
    network = Classifier(body, len(names))
    timed("tune", lambda: tune(network, tokenizer, texts, targets, epochs))
    found = timed("evaluate", lambda: predict(network, tokenizer, texts["test"]))
    tuned = float((found == targets["test"]).mean())
    print(json.dumps({"seconds": seconds, "frozen": frozen, "tuned": tuned}))


class Classifier(nn.Module):
    """Mean-pooled, normalised features, and a linear layer with a learned scale."""

    def __init__(self, body: Any, labels: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(body.config.hidden_size, labels)
        self.scale = nn.Parameter(torch.tensor(10.0))

    def forward(self, tokens: Any) -> torch.Tensor:
        return self.head(self.scale * pooled(self.body, tokens))


def pooled(body: Any, tokens: Any) -> torch.Tensor:
    mask = tokens["attention_mask"].unsqueeze(-1).float()
    states = body(**tokens).last_hidden_state
    return nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)


def batches(tokenizer: Any, texts: list[str], order: Any) -> Any:
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        yield rows, tokenizer([texts[row] for row in rows], padding=True, truncation=True, return_tensors="pt")


def embed(body: Any, tokenizer: Any, texts: list[str]) -> Any:
    body.eval()
    with torch.inference_mode():
        found = [pooled(body, tokens).numpy() for _, tokens in batches(tokenizer, texts, range(len(texts)))]
    return np.concatenate(found)


def tune(network: Classifier, tokenizer: Any, texts: Any, targets: Any, epochs: int) -> None:
    """Train everything; end with the weights that scored best on the validation rows."""
    rows = len(texts["train"])
    steps = epochs * -(-rows // BATCH)
    groups = [
        {"params": network.body.parameters(), "lr": RATE},
        {"params": [*network.head.parameters(), network.scale], "lr": HEAD_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    warm = max(1, int(WARMUP * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: (
            (step + 1) / warm if step < warm else 0.5 * (1 + np.cos(np.pi * (step - warm) / max(1, steps - warm)))
        ),
    )
    best, kept = -1.0, {}
    for _ in range(epochs):
        network.train()
        for batch, tokens in batches(tokenizer, texts["train"], torch.randperm(rows).tolist()):
            loss = nn.functional.cross_entropy(network(tokens), torch.from_numpy(targets["train"][batch]))
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        score = float((predict(network, tokenizer, texts["validation"]) == targets["validation"]).mean())
        if score > best:
            best, kept = score, {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.load_state_dict(kept)


def predict(network: Classifier, tokenizer: Any, texts: list[str]) -> Any:
    network.eval()
    with torch.inference_mode():
        found = [network(tokens).argmax(1).numpy() for _, tokens in batches(tokenizer, texts, range(len(texts)))]
    return np.concatenate(found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
