"""Dataset: labeled rows in Parquet, each with its split, and the account of where they came from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from headstart.arrays import Targets
from headstart.blobs import File
from headstart.digest import digest_of
from headstart.errors import DataError
from headstart.labels.reconciling.account import Reconciliation
from headstart.labels.reconciling.blocks import place
from headstart.passport import Passport
from headstart.spec import SPLITS, Split, TaskName
from headstart.tasks import get_task
from headstart.values import Value
from headstart.workspace import Workspace

_LEAST: Mapping[Split, int] = MappingProxyType({"train": 10, "validation": 2, "test": 2})
PLACES = "places"
FIELDS = "fields/test.parquet"


class Dataset(Value):
    """Labeled rows. ``labels`` is the vocabulary in output order; ``counts`` the rows of each label by split.

    ``content`` is the digest of what the rows say, whatever files hold them and in whatever order the export had
    them; it and the labels are all that later steps see. ``files`` are Parquet files of at most some ten megabytes,
    named as Hugging Face datasets names them; ordered by name and then by row, the rows of a split are ordered by id.
    Beside each, under ``places/``, one says row by row where in the export it stands. :data:`FIELDS` holds what the
    export says of the test rows in the fields that the spec slices by, where it names any.
    """

    kind: ClassVar[str] = "dataset"

    task: TaskName
    labels: tuple[str, ...]
    counts: Mapping[Split, Mapping[str, int]]
    sizes: Mapping[Split, int]
    content: str
    files: tuple[File, ...]
    reconciliation: Reconciliation
    passport: Passport

    @property
    def identity(self) -> str:
        """What the rows say and what their labels are called: a new account of the same changes no later step."""
        return digest_of([self.content, self.labels])

    def rows(self, split: Split) -> int:
        """The number of rows in a split."""
        return self.sizes[split]

    def summary(self) -> str:
        """One line for people."""
        account = self.reconciliation
        sizes = ", ".join(f"{self.rows(split)} {split}" for split in SPLITS)
        accounted = f"{account.rows} rows + {account.merged} merged + {account.rejected_records} rejected"
        labels = f"{len(self.labels)} labels; " if self.labels else ""
        return f"{account.records} records = {accounted}; {labels}{sizes}"

    def files_of(self, split: Split) -> list[File]:
        """The files of a split, in order."""
        return in_split(self.files, split)

    def table(self, workspace: Workspace, split: Split) -> pa.Table:
        """The rows of one split as they are stored. The files of other splits are not touched.

        Columns: ``id`` (the sha256 of the content, 32 bytes), ``text``, ``pair`` and ``image`` where there are any,
        ``label`` (a name; a list of names; a list of spans; a number), ``group`` (as the export names it) and ``unit``,
        16 bytes that rows share which must not be separated by a split.

        Raises:
            IntegrityError: A file is missing or damaged.
        """
        return pa.concat_tables([pq.read_table(workspace.blobs.fetch(file)) for file in self.files_of(split)])

    def places(self, workspace: Workspace, split: Split) -> list[str]:
        """Where in the export each row of a split stands.

        Raises:
            IntegrityError: A file is missing or damaged.
        """
        files = [file for file in self.files if file.path.startswith(f"{PLACES}/{split}-")]
        tables = [pq.read_table(workspace.blobs.fetch(file)) for file in files]
        return [place(*row.values()) for table in tables for row in table.to_pylist()]

    def test_fields(self, workspace: Workspace) -> Mapping[str, Sequence[str | None]]:
        """What the export says of each test row in the fields that the spec slices by, by the name of the field.

        Raises:
            IntegrityError: The file is damaged.
        """
        file = next((file for file in self.files if file.path == FIELDS), None)
        return pq.read_table(workspace.blobs.fetch(file)).to_pydict() if file else {}

    def read(self, workspace: Workspace, split: Split) -> "Rows":
        """The rows of one split, by id, for a task that can be trained.

        Raises:
            SpecError: The task cannot be trained yet.
            IntegrityError: A file is missing or damaged.
        """
        task = get_task(self.task)
        table = self.table(workspace, split)
        targets = task.encode(table["label"].to_pylist(), self.labels)
        ids, units = ([cast("bytes", value).hex() for value in table[name].to_pylist()] for name in ("id", "unit"))
        return Rows(tuple(ids), tuple(table["text"].to_pylist()), targets, tuple(units))


def in_split(files: Iterable[File], split: Split) -> list[File]:
    """The files of a split's rows, in order."""
    return [file for file in files if file.path.startswith(f"{split}-")]


def require_trainable(
    task: TaskName, counts: Mapping[Split, Mapping[str, int]], sizes: Mapping[Split, int], where: str
) -> None:
    """Whether a model can be trained and judged on such rows.

    Args:
        task: What they are for.
        counts: The rows of each label by split.
        sizes: The rows of each split.
        where: What errors call the export.

    Raises:
        SpecError: The task cannot be trained yet.
        DataError: The rows have one label only, or a split has too few.
    """
    get_task(task)
    present = {label for each in counts.values() for label in each}
    if len(present) < 2:
        remedy = "A classifier needs at least two labels; check data.fields.label."
        raise DataError("data/one-class", f"every row has the label {present.pop()!r}.", remedy=remedy, where=where)
    for split, least in _LEAST.items():
        if sizes[split] < least:
            problem = f"{sum(sizes.values())} rows leave {sizes[split]} for {split}; at least {least} are needed."
            remedy = "Label more, or change data.split."
            raise DataError("data/too-few-rows", problem, remedy=remedy, where=where)


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
