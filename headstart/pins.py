"""What an import carries over to the next one of the same name: label ids, and which rows train and which judge.

A workspace keeps for each name a log of its datasets, of which the newest counts.
"""

import json
from collections.abc import Callable

from headstart import numbered
from headstart.dataset import Dataset
from headstart.division import are_placed_alike
from headstart.errors import HeadstartError, IntegrityError
from headstart.labels.reconciling.vocabulary import pinned
from headstart.workspace import Workspace

_ATTEMPTS = 20


def following(workspace: Workspace, name: str, make: Callable[[Dataset | None], Dataset]) -> Dataset:
    """Import with what the name's newest dataset decides, and put the result at the end of its log.

    Args:
        workspace: Where the log is.
        name: Whose.
        make: Imports, given the newest dataset.

    Raises:
        HeadstartError: Others kept importing under the name at the same time.
        IntegrityError: The log is damaged.
    """
    for _ in range(_ATTEMPTS):
        number, newest = _newest(workspace, name)
        dataset = make(newest)
        if newest is not None and newest.identity == dataset.identity:
            return dataset  # which decides what the newest one does
        record = json.dumps({"dataset": dataset.digest}).encode()
        if workspace.store.create(numbered.key(_folder(name), number + 1), record):
            return dataset
    problem, remedy = f"{_ATTEMPTS} other imports of this name came first.", "Import it again."
    raise HeadstartError("data/contended", problem, remedy=remedy, where=name)


def goes_with(dataset: Dataset, newest: Dataset | None, are_declared: bool, workspace: Workspace) -> bool:
    """Whether a dataset that was made before keeps the ids and the places of the newest one of its name.

    Args:
        dataset: What was made before.
        newest: The newest one, if there is one.
        are_declared: Whether the spec itself gives the labels their ids.
        workspace: Where both are.
    """
    if newest is None or newest.digest == dataset.digest:
        return True
    are_kept = are_declared or dataset.labels == pinned(newest.labels, dataset.labels)
    return are_kept and are_placed_alike(dataset, newest, workspace)


def _newest(workspace: Workspace, name: str) -> tuple[int, Dataset | None]:
    """The number and the dataset at the end of a name's log."""
    number = numbered.newest(workspace.store, _folder(name))
    if not number:
        return 0, None
    key = numbered.key(_folder(name), number)
    try:
        digest = str(json.loads(workspace.store.get(key) or b"")["dataset"])
    except (ValueError, TypeError, LookupError):
        digest = ""
    if not digest or not workspace.has(Dataset, digest):
        remedy = "Delete it; the next import then follows the one before it."
        raise IntegrityError(
            "integrity/record", "it names no dataset that there is.", remedy=remedy, where=f"{workspace.uri}/{key}"
        )
    return number, workspace.load(Dataset, digest)


def _folder(name: str) -> str:
    return f"names/{name}"
