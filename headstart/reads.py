"""The log of who read which test rows: rows that have chosen among many candidates no longer judge them fairly."""

from datetime import UTC, datetime

from headstart.dataset import Dataset
from headstart.digest import canonical_json
from headstart.evaluation.decision import TestUse
from headstart.user import user
from headstart.workspace import Workspace


def record(dataset: Dataset, candidate: str, name: str, workspace: Workspace) -> TestUse:
    """Note that a candidate was judged on a dataset's test rows; the same candidate counts once.

    The workspace keeps a record of each candidate under ``reads/``, below the digest of the rows: for which model's
    name, who read, and when.

    Args:
        dataset: Whose test rows.
        candidate: The digest of the model that is judged.
        name: The model's name in the registry.
        workspace: Where the log is.
    """
    rows = dataset.passport.rows["test"]
    said = {"name": name, "by": user(), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    workspace.store.create(f"reads/{rows}/{candidate}.json", canonical_json(said))
    return TestUse(rows=rows, candidates=sum(1 for _ in workspace.store.list(f"reads/{rows}/")))
