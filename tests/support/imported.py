"""Imports for what only shows them: one with everything that can be found, and values like those of huge ones."""

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from headstart.dataset import Dataset
from headstart.labels.reconciling.account import Lengths
from tests.support.evidence import evidence
from tests.support.exports import import_export, in_memory

_OF_EACH = {"train": 6, "validation": 2, "test": 2}


def everything(names: Sequence[str], file: str = "export.jsonl") -> Dataset:
    """A second import of published splits: with all kinds of rejects, conflicts, leaks, and changes of the vocabulary.

    The names are labels, texts, groups and what else comes from data.
    """
    workspace = in_memory()
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.jsonl", Path(folder) / file
        before.write_text("\n".join(map(json.dumps, _rows([*names[1:], "retired"], random.Random(1)))))
        after.write_text("\n".join([*map(json.dumps, _rows(names, random.Random(1))), *_broken(names)]))
        group_by = {"group_by": "customer"}
        earlier = import_export(before, workspace, split=group_by)
        return import_export(after, workspace, earlier=earlier, split=group_by)


def _rows(names: Sequence[str], generator: random.Random) -> Iterator[dict[str, Any]]:
    for place, name in enumerate(names):
        for split, count in _OF_EACH.items():
            for _ in range(count):
                yield _row(f"{names[place - 1]} {_words(generator)}", name, split)
    for _ in range(40):
        yield _row(f"my refund {_words(generator)}", "refund", generator.choice(list(_OF_EACH)))
    for place, name in enumerate(names):
        told = f"{name}: {_words(generator)}"
        yield from (_row(told, each) for each in ("refund", "refund", name, *([name] if place % 2 else [])))
    for place in range(7):
        text = _words(generator)
        yield _row(f"{text} {names[place % len(names)]} once", names[0], "train")
        yield _row(f"{text} {names[place % len(names)]} twice", names[0], "test")
    for split in _OF_EACH:
        yield _row(_words(generator), names[0], split, names[0])


def _row(text: str, label: str | None, split: str = "train", customer: str | None = None) -> dict[str, Any]:
    return {"text": text, "label": label, "split": split, "customer": customer}


def _broken(names: Sequence[str]) -> Iterator[str]:
    """A line with a misspelled label, and lines that are rejected, seven of each reason."""
    yield json.dumps(_row("my money, please", "refnud"))
    for place in range(7):
        name = names[place % len(names)]
        yield json.dumps(_row("\u200b \x1b"[place % 3 :], name))
        yield json.dumps(_row(f"{name} \x1b[31m not labeled {place}", None))
        yield json.dumps(_row(f"of no split {place}", name, name))
        yield json.dumps({"text": {"nested": name}, "label": name, "split": "train"})
        yield f"not JSON: {name}"


def _words(generator: random.Random) -> str:
    return " ".join("".join(generator.choices("abcdefghijklmnoprstuvw", k=6)) for _ in range(9))


def counted(rows: Sequence[int], **changes: Any) -> Dataset:
    """A dataset of labels with so many rows each, a fifth of them for test and a tenth for validation."""
    made = evidence().dataset
    labels = tuple(f"label_{number:05d}" for number in range(len(rows)))
    counts: dict[str, dict[str, int]] = {"train": {}, "validation": {}, "test": {}}
    for label, count in zip(labels, rows, strict=True):
        held = {"validation": count // 10, "test": count // 5}
        for split, each in {"train": count - sum(held.values()), **held}.items():
            counts[split] |= {label: each} if each else {}
    account = made.reconciliation.model_copy(
        update={
            "records": sum(rows),
            "rows": sum(rows),
            "merged": 0,
            "outvoted": 0,
            "rejected": (),
            "lengths": Lengths(ends=(10, 20), rows=(0, sum(rows)), longest=20, median=15),
        }
    )
    sizes = {split: sum(each.values()) for split, each in counts.items()}
    update = {"labels": labels, "counts": counts, "sizes": sizes, "reconciliation": account}
    return made.model_copy(update=update | changes)
