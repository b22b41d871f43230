"""Label exports made for a test, and what reading or importing them gives."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, settings

from headstart.dataset import Dataset, import_dataset
from headstart.labels import detect, source
from headstart.labels.records import Record, Reject, SourceFile
from headstart.spec import SPLITS, DataSpec, FieldsSpec, Split, SplitSpec
from headstart.stores.memory import MemoryStore
from headstart.workspace import Workspace
from tests.support.label_studio import choice, skip, task, tasks, tasks_file  # noqa: F401 (for tests of other formats)

EXAMPLE = Path(__file__).parents[2] / "examples" / "support-tickets.json"

# Random, and the same on every machine and in every run.
STEADY = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Line = tuple[str, str]  # a text and its label
Read = Record | Reject


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


def read(
    path: Path,
    *,
    form: str = "auto",
    text: str = "auto",
    label: str = "auto",
    group_by: str | None = None,
    split: Split | None = None,
) -> list[Read]:
    """What a file's reader yields."""
    file = SourceFile(path, path.name, split)
    name, _ = detect.detect(file, form)
    return list(detect.READERS[name].read(file, FieldsSpec(text=text, label=label), group_by).records)


def read_bytes(path: Path, content: bytes | str, **options: Any) -> list[Read]:
    """What a reader yields for these bytes, written to ``path``."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, **options)


def import_export(
    source_: str | Path | Sequence[str] | Mapping[str, str], workspace: Workspace | None = None, **data: Any
) -> Dataset:
    """The dataset that an import of the source makes, by default in a workspace in memory."""
    named = {"source": str(source_) if isinstance(source_, Path) else source_}
    spec = DataSpec.model_validate(named | data)
    with source.gather(spec) as files:
        return import_dataset(spec, "text-classification", files, workspace or in_memory())


def in_memory() -> Workspace:
    """A new workspace in memory."""
    return Workspace(MemoryStore())


def texts_by_split(dataset: Dataset, workspace: Workspace) -> dict[Split, tuple[str, ...]]:
    """The texts of each split."""
    return {split: dataset.read(workspace, split).texts for split in SPLITS}


def counts_by_reason(dataset: Dataset) -> dict[str, int]:
    """How many records were rejected for each reason."""
    return {each.reason: each.records for each in dataset.reconciliation.rejected}


def split_of(**changes: Any) -> SplitSpec:
    """A split specification."""
    return SplitSpec.model_validate(changes)
