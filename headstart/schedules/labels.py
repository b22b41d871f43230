"""How many labels differ between two imports."""

import json
from collections.abc import Iterator

from headstart.dataset import Dataset
from headstart.spec import SPLITS
from headstart.workspace import Workspace


def changed(one: Dataset, other: Dataset, workspace: Workspace) -> int:
    """How many rows stand in one of the datasets only, or have another label in each.

    Raises:
        IntegrityError: A file of a dataset is missing or damaged.
    """
    if one.identity == other.identity:  # the content has labels by their numbers
        return 0
    here, there = dict(_labels(one, workspace)), dict(_labels(other, workspace))
    return sum(here.get(row) != there.get(row) for row in here.keys() | there.keys())


def _labels(dataset: Dataset, workspace: Workspace) -> Iterator[tuple[bytes, str]]:
    for split in SPLITS:
        if dataset.files_of(split):
            table = dataset.table(workspace, split).select(["id", "label"])
            for row, label in zip(table["id"].to_pylist(), table["label"].to_pylist(), strict=True):
                yield row, json.dumps(label, sort_keys=True)
