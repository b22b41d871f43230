"""Label exports made for a test, and what reading or importing them gives."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from headstart.dataset import Dataset
from headstart.importing import import_dataset
from headstart.labels.sources import source
from headstart.spec import SPLITS, DataSpec, Split, SplitSpec
from headstart.stores.memory import MemoryStore
from headstart.workspace import Workspace
from tests.support.label_studio import choice, skip, task, tasks, tasks_file  # noqa: F401 (for tests of other formats)

EXAMPLE = Path(__file__).parents[2] / "examples" / "support-tickets.json"

Line = tuple[str, str]  # a text and its label


def lines(count: int = 60, labels: int = 2, prefix: str = "message") -> list[Line]:
    """Distinct texts, evenly over the labels."""
    return [(f"{prefix} {number}", f"label{number % labels}") for number in range(count)]


def maps(rows: Iterable[Line]) -> list[dict[str, str]]:
    """The lines as rows of a table."""
    return [{"text": text, "label": label} for text, label in rows]


def csv_file(path: Path, rows: Sequence[Mapping[str, Any]], delimiter: str = ",") -> Path:
    """A CSV file whose header is the first row's keys, or text and label where there are no rows."""
    header = list(rows[0]) if rows else ["text", "label"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows([row[column] for column in header] for row in rows)
    return path


def jsonl_file(path: Path, rows: Iterable[object]) -> Path:
    """A JSON Lines file."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def parquet_file(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A Parquet file."""
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    return path


def import_export(
    source_: str | Path | Sequence[str] | Mapping[str, str],
    workspace: Workspace | None = None,
    *,
    task_: Any = "auto",
    earlier: Dataset | None = None,
    to_train: bool = False,
    **data: Any,
) -> Dataset:
    """The dataset that an import of the source makes, by default in a workspace in memory."""
    named = {"source": str(source_) if isinstance(source_, Path) else source_}
    spec = DataSpec.model_validate(named | data)
    with source.gather(spec) as files:
        return import_dataset(spec, task_, files, workspace or in_memory(), earlier, to_train)


def in_memory() -> Workspace:
    """A new workspace in memory."""
    return Workspace(MemoryStore())


def texts_by_split(dataset: Dataset, workspace: Workspace) -> dict[Split, tuple[str, ...]]:
    """The texts of each split."""
    return {split: tuple(dataset.table(workspace, split)["text"].to_pylist()) for split in SPLITS}


def counts_by_reason(dataset: Dataset) -> dict[str, int]:
    """How many records were rejected for each reason."""
    return {each.reason: each.records for each in dataset.reconciliation.rejected}


def split_of(**changes: Any) -> SplitSpec:
    """A split specification."""
    return SplitSpec.model_validate(changes)
