"""Dataset: labeled rows in Parquet, each with its split, and the account of where they came from."""

import itertools
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Targets
from headstart.blobs import File
from headstart.digest import canonical_json, digest_of
from headstart.errors import DataError
from headstart.labels import detect
from headstart.labels.reconcile import Reconciled, Row, reconcile
from headstart.labels.records import SourceFile
from headstart.spec import SPLITS, DataSpec, Split
from headstart.split import assign, group_of
from headstart.tasks import get_task
from headstart.values import Value
from headstart.workspace import Workspace

_EXAMPLES = 5
_LEAST: Mapping[Split, int] = {"train": 10, "validation": 2, "test": 2}


class Source(BaseModel):
    """A file of the export: its name, the format it was read as and why, and the fields that were read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    format: str
    reason: str
    fields: str


class Rejected(BaseModel):
    """A reason for rejection, how many records it met, and where the first of them stand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str
    records: int
    examples: tuple[str, ...]


class Reconciliation(BaseModel):
    """The account of every record: ``records == rows + merged + the sum of rejected``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[Source, ...]
    records: int
    rows: int
    merged: int
    outvoted: int
    rejected: tuple[Rejected, ...]
    rejects: File | None

    @property
    def rejected_records(self) -> int:
        """The number of records that became no part of any row."""
        return sum(each.records for each in self.rejected)

    def adds_up(self) -> bool:
        """Whether every record is accounted for once."""
        return self.records == self.rows + self.merged + self.rejected_records


class Dataset(Value):
    """Labeled rows. ``labels`` is the vocabulary in output order; ``counts`` the rows of each label by split.

    ``content`` is the digest of what the rows say, whatever files hold them and in whatever order the
    export had them; it is all that later steps see.
    """

    kind: ClassVar[str] = "dataset"

    task: str
    labels: tuple[str, ...]
    counts: Mapping[Split, Mapping[str, int]]
    content: str
    files: tuple[File, ...]
    reconciliation: Reconciliation

    @property
    def identity(self) -> str:
        """The content digest: a new account of the same rows changes no later step."""
        return self.content

    def rows(self, split: Split) -> int:
        """The number of rows in a split."""
        return sum(self.counts[split].values())

    def summary(self) -> str:
        """One line for people."""
        account = self.reconciliation
        sizes = ", ".join(f"{self.rows(split)} {split}" for split in SPLITS)
        accounted = f"{account.rows} rows + {account.merged} merged + {account.rejected_records} rejected"
        return f"{account.records} records = {accounted}; {len(self.labels)} labels; {sizes}"

    def read(self, workspace: Workspace, split: Split) -> "Rows":
        """The rows of one split, by id. The files of other splits are not touched.

        Raises:
            IntegrityError: A file is missing or damaged.
        """
        file = next(file for file in self.files if file.path == f"{split}.parquet")
        table = pq.read_table(workspace.blobs.fetch(file))
        labels = table["label"].to_pylist()
        targets = get_task(self.task).encode(labels, self.labels)
        return Rows(
            tuple(table["id"].to_pylist()), tuple(table["text"].to_pylist()), targets, tuple(table["group"].to_pylist())
        )


@dataclass(frozen=True)
class Rows:
    """Rows in memory: ``ids``, ``texts`` and ``groups`` of length n, ``targets`` of shape (n,).

    Rows of one group must not be separated by a split; a row without a group is one by itself.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    targets: Targets
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def __add__(self, other: "Rows") -> "Rows":
        """These rows and then the other ones."""
        targets = np.concatenate([self.targets, other.targets])
        return Rows(self.ids + other.ids, self.texts + other.texts, targets, self.groups + other.groups)


def import_dataset(data: DataSpec, task_name: str, files: Sequence[SourceFile], workspace: Workspace) -> Dataset:
    """Read an export, account for every record, split the rows, and store them.

    Raises:
        DataError: The export cannot be read, or its rows cannot train a model.
    """
    task = get_task(task_name)
    found = [detect.detect(file, data.format) for file in files]
    readings = [
        detect.READERS[format_].read(file, data.fields, data.split.group_by)
        for file, (format_, _) in zip(files, found, strict=True)
    ]
    sources = tuple(
        Source(name=file.name, format=format_, reason=reason, fields=reading.fields)
        for file, (format_, reason), reading in zip(files, found, readings, strict=True)
    )
    records = itertools.chain.from_iterable(reading.records for reading in readings)
    outcome = reconcile(records, task.vote_problem, data.on_conflict)
    # Sorted by content, so that the order of the export decides nothing.
    rows = sorted(outcome.rows, key=lambda row: row.id)
    splits = assign(rows, data.split)
    by_split: dict[Split, list[Row]] = {split: [] for split in SPLITS}
    for row, split in zip(rows, splits, strict=True):
        by_split[split].append(row)
    _check(by_split, outcome, ", ".join(each.name for each in sources[:3]))
    account = _account(sources, outcome, workspace)
    vocabulary = task.vocabulary([row.label for row in rows])
    said = [[row.id, row.label, row.group, split] for split in SPLITS for row in by_split[split]]
    return Dataset(
        task=task_name,
        labels=vocabulary,
        counts={split: dict(sorted(Counter(row.label for row in by_split[split]).items())) for split in SPLITS},
        content=digest_of([task_name, vocabulary, said]),
        files=tuple(_store(split, by_split[split], workspace) for split in SPLITS),
        reconciliation=account,
    )


def _check(by_split: Mapping[Split, Sequence[Row]], outcome: Reconciled, where: str) -> None:
    if not outcome.rows:
        reasons = ", ".join(
            f"{count} {reason}" for reason, count in Counter(each.reason for each in outcome.rejected).most_common()
        )
        problem = (
            f"none of {outcome.records} records became a row ({reasons})."
            if outcome.records
            else "there are no records."
        )
        raise DataError("data/no-rows", problem, remedy="Check data.fields and the export.", where=where)
    labels = {row.label for row in outcome.rows}
    if len(labels) < 2:
        remedy = "A classifier needs at least two labels; check data.fields.label."
        raise DataError("data/one-class", f"every row has the label {labels.pop()!r}.", remedy=remedy, where=where)
    for split, least in _LEAST.items():
        found = len(by_split[split])
        if found < least:
            raise DataError(
                "data/too-few-rows",
                f"{len(outcome.rows)} rows leave {found} for {split}; at least {least} are needed.",
                remedy="Label more, or change data.split.",
                where=where,
            )


def _account(sources: tuple[Source, ...], outcome: Reconciled, workspace: Workspace) -> Reconciliation:
    by_reason: dict[str, list[str]] = {}
    for reject in outcome.rejected:
        by_reason.setdefault(reject.reason, []).append(reject.place)
    lines = [
        canonical_json({"place": each.place, "reason": each.reason, "record": _writable(each.content)})
        for each in outcome.rejected
    ]
    return Reconciliation(
        sources=sources,
        records=outcome.records,
        rows=len(outcome.rows),
        merged=len(outcome.merged),
        outvoted=outcome.outvoted,
        rejected=tuple(
            Rejected(reason=reason, records=len(places), examples=tuple(places[:_EXAMPLES]))
            for reason, places in sorted(by_reason.items())
        ),
        rejects=workspace.blobs.add_bytes(b"\n".join(lines) + b"\n", "rejected.jsonl") if lines else None,
    )


def _writable(content: object) -> object:
    """The content as JSON data, whatever the export held (dates, bytes, NaN, half characters)."""
    try:
        canonical_json(content)
    except (TypeError, ValueError):
        return ascii(content)
    return content


def _store(split: Split, rows: Sequence[Row], workspace: Workspace) -> File:
    table = pa.table(
        {
            "id": pa.array([row.id for row in rows], pa.string()),
            "text": pa.array([row.text for row in rows], pa.string()),
            "label": pa.array([row.label for row in rows], pa.string()),
            "group": pa.array([group_of(row) for row in rows], pa.string()),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        pq.write_table(table, path, compression="zstd")
        return workspace.blobs.add(path, f"{split}.parquet")
