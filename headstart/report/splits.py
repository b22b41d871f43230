"""How an import's rows were divided, and what was found on both sides."""

from collections.abc import Iterator
from typing import NamedTuple

from headstart.dataset import Dataset
from headstart.labels.reconciling.audit import MOST_TEXTS, SAMPLE, SHOWN
from headstart.report.differences import Pieces, differences
from headstart.report.templates import number, share
from headstart.spec import SPLITS, Split


class Part(NamedTuple):
    """A split, its rows, their share of all rows, and what was asked for."""

    split: Split
    rows: int
    share: str
    asked: str


class Pair(NamedTuple):
    """Two texts that are almost the same, each with its split and in pieces, and how alike they are."""

    first: tuple[str, Pieces]
    second: tuple[str, Pieces]
    similarity: str


def division(dataset: Dataset) -> list[Part]:
    """The splits as they are and as they were asked for."""
    passport, rows = dataset.passport, dataset.reconciliation.rows
    held = [split for split in passport.published if split != "train"]
    asked = {"train": "the rest", "validation": share(passport.validation), "test": share(passport.test)}
    found = []
    for split in SPLITS:
        wanted = f"{asked[split]} of train" if held and split != "train" else asked[split]
        told = "as published" if split in held else wanted
        found.append(Part(split, dataset.rows(split), share(dataset.rows(split), rows), told))
    return found


def pairs(dataset: Dataset) -> list[Pair]:
    """The near duplicates that the passport shows, side by side."""
    found = []
    for leak in dataset.passport.leaks:
        for split, text, other_split, other, similarity in leak.examples if leak.kind == "near-duplicate" else ():
            one, two = differences(text, other)
            found.append(Pair((split, _ended(one, text)), (other_split, _ended(two, other)), similarity))
    return found


def _ended(pieces: Pieces, text: str) -> Pieces:
    """The pieces of a text that goes on: whether its end differs is not known."""
    return pieces if len(text) < SHOWN else [*pieces[:-1], (f"{pieces[-1][0].rstrip()}…", False)]


def clean(dataset: Dataset) -> list[str]:
    """What was looked for and not found, and what was not looked for."""
    return list(_clean(dataset))


def _clean(dataset: Dataset) -> Iterator[str]:
    passport, rows = dataset.passport, dataset.reconciliation.rows
    found = {leak.kind for leak in passport.leaks}
    among = f", among {number(SAMPLE)} rows drawn at random of {number(rows)}" if rows > MOST_TEXTS else ""
    if dataset.task == "image-classification":
        yield "Images are not compared with each other."
    elif "near-duplicate" not in found:
        yield f"No validation or test row is almost a row of another split{among}."
    if dataset.task == "text-classification" and "label-in-text" not in found:
        yield f"No label is told by its name in the texts{among}."
    if "group" not in found and passport.group_by is not None:
        yield "No group stands in several splits."
    elif "group" not in found:
        yield "No groups are named (data.split.group_by): texts of one author or customer may stand in several splits."
