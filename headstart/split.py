"""Which rows train, which choose, which judge: decided by content, so that it does not change as data grows.

A row's place follows from the hash of its text (or of its group) and the seed alone. Adding rows does not
move another row, so yesterday's test rows do not become training rows, and rows that share a group or a
normalised text stay together. The price is that the shares are met only on average.

There is one exception: a label must have something to be learned from. One whose every row would be carved
away keeps a row for training, until it gets another.
"""

from collections import defaultdict
from collections.abc import Sequence

from headstart.digest import sha256
from headstart.labels.reconcile import Row, normalise
from headstart.spec import Split, SplitSpec


def assign(rows: Sequence[Row], spec: SplitSpec) -> list[Split]:
    """The split of each row.

    Splits that the source publishes stay as they are; those it lacks are carved out of its training rows.
    """
    published = {row.split for row in rows if row.split}
    test = 0.0 if "test" in published else spec.test
    validation = 0.0 if "validation" in published else spec.validation
    keys = [group_of(row) for row in rows]
    position = {key: _position(key, spec.seed) for key in keys}
    kept = _kept_for_training(rows, keys, position, test + validation)
    return [
        row.split
        if row.split in ("validation", "test")
        else "train"
        if key in kept or position[key] >= test + validation
        else "test"
        if position[key] < test
        else "validation"
        for row, key in zip(rows, keys, strict=True)
    ]


def group_of(row: Row) -> str:
    """The name that rows share which must stay together: their group's, or their normalised text."""
    return f"group:{row.group}" if row.group is not None else f"text:{normalise(row.text)}"


def _position(key: str, seed: int) -> float:
    """A uniform number in [0, 1) that depends on the key and the seed alone."""
    return int(sha256(f"{seed}:{key}".encode())[:13], 16) / 16**13


def _kept_for_training(rows: Sequence[Row], keys: Sequence[str], position: dict[str, float], carved: float) -> set[str]:
    """For each label that would have no training row, the group of its own that is furthest from the test end."""
    labels_of: dict[str, set[str]] = defaultdict(set)
    for row, key in zip(rows, keys, strict=True):
        if row.split in (None, "train"):
            labels_of[key].add(row.label)
    trained = {label for key, labels in labels_of.items() if position[key] >= carved for label in labels}
    furthest: dict[str, str] = {}
    for key in sorted(labels_of, key=lambda key: position[key]):
        if len(labels_of[key]) == 1:
            furthest[next(iter(labels_of[key]))] = key
    return {key for label, key in furthest.items() if label not in trained}
