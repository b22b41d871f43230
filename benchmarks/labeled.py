"""Labeled texts of the data sets that benchmarks share, in an order drawn with a fixed seed."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

Labeled = Sequence[tuple[str, str]]


def drawn(rows: Labeled) -> Labeled:
    """The rows in another order."""
    return [rows[number] for number in np.random.default_rng(0).permutation(len(rows))]


def each(rows: Labeled, count: int) -> Labeled:
    """The first rows of each label, so many."""
    seen: dict[str, int] = {}
    kept = []
    for text, label in rows:
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= count:
            kept.append((text, label))
    return kept


def banking77(folder: Path, part: str) -> Labeled:
    """``train`` or ``test``, as published."""
    with (folder / f"{part}.csv").open(newline="") as stream:
        return drawn([(text, label) for text, label in list(csv.reader(stream))[1:]])


def sms_spam(folder: Path) -> Labeled:
    """There is no published split; each text once."""
    lines = dict.fromkeys((folder / "sms.tsv").read_text().splitlines())
    return drawn([(text, label) for label, _, text in (line.partition("\t") for line in lines)])


def goemotions(folder: Path, part: str) -> Labeled:
    """``train``, ``dev`` or ``test``, as published: the comments that have one label."""
    lines = (folder / f"{part}.tsv").read_text().splitlines()
    return drawn([(text, label) for text, label, *_ in (line.split("\t") for line in lines) if "," not in label])
