"""Reading all files of an export: records to the spool, and what is known of them as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from headstart.errors import DataError
from headstart.labels import plan
from headstart.labels.reconciling import blocks, derive
from headstart.labels.reconciling.account import Source
from headstart.labels.reconciling.ahead import ahead
from headstart.labels.reconciling.index import WRITTEN, Index, Indices
from headstart.labels.reconciling.reconcile import Ballot
from headstart.labels.reconciling.rejects import Rejects
from headstart.labels.reconciling.spool import Spool
from headstart.labels.records import Ask, Kind, Reject
from headstart.labels.sources.files import SourceFile
from headstart.spec import DataSpec, TaskName

_SHOWN_FILES = 3


@dataclass(frozen=True)
class Gathered:
    """What the readers gave: the records, what decides about them, which files they are of, and what they hold."""

    spool: Spool
    index: Index
    sources: tuple[Source, ...]
    kind: Kind
    is_closed: bool

    @property
    def where(self) -> str:
        """What errors call the export."""
        return ", ".join(each.name for each in self.sources[:_SHOWN_FILES])

    def ballots(self, records: Indices) -> Iterator[tuple[int, Ballot]]:
        """The votes of records whose votes are written."""
        for record, (votes, text) in self.spool.taken(records, ["votes", "text"]):
            yield record, Ballot(blocks.read(votes, self.kind), text)


def gather(
    data: DataSpec, task: TaskName | Literal["auto"], files: Sequence[SourceFile], path: Path, rejects: Rejects
) -> Gathered:
    """Read all files, one after the other.

    Args:
        data: What the spec says of the data.
        task: What the records are for.
        files: The export.
        path: A file for the records.
        rejects: Takes in entries that cannot be read.

    Raises:
        DataError: A file cannot be read, or files hold labels of several kinds.
    """
    ask = Ask(data.fields, data.split.group_by, data.split.time, task, data.labels)
    spool = Spool(path)
    sources = []
    kinds: dict[Kind, str] = {}
    for part in plan.parts(files, data.format):
        reading = part.open(ask)
        records = 0
        for item in ahead(blocks.pack(reading.items)):
            if isinstance(item, Reject):
                rejects.add(item, reading.kind)
                records += 1
            else:
                spool.add(item)
                kinds.setdefault(reading.kind, part.name)
                records += len(item)
        sources.append(
            Source(
                name=part.name,
                format=part.format,
                reason=part.reason,
                fields=reading.fields,
                records=records,
                aside=dict(sorted(reading.aside.items())),
            )
        )
    if len(kinds) > 1:
        told = " and ".join(f"{kind} in {name}" for kind, name in kinds.items())
        remedy = "Name the task, or import files of one kind of label."
        raise DataError("data/ambiguous", f"the labels are {told}.", remedy=remedy, where=files[0].name)
    is_closed = not any(file.elsewhere.was_asked for file in files)
    index = spool.close()
    pa.default_memory_pool().release_unused()  # it keeps what blocks took; deciding needs it as much
    return Gathered(spool, index, tuple(sources), next(iter(kinds), "names"), is_closed)


def task_of(wanted: TaskName | Literal["auto"], gathered: Gathered) -> tuple[TaskName, str]:
    """What the records are for, and why.

    Raises:
        DataError: The task is said, and the records are not what it is about.
    """
    if wanted != "auto":
        if len(gathered.index) and (lack := derive.lack_of(wanted, gathered.spool.pairs, gathered.spool.images)):
            problem, remedy = f"the task is {wanted}, and {lack}.", "Name another task (--task), or leave it at auto."
            raise DataError("data/unknown-field", problem, remedy=remedy, where=gathered.where)
        return wanted, "the spec says so"
    index = gathered.index
    written = np.flatnonzero(index.name == WRITTEN)
    several = 0
    if gathered.kind == "names":
        ballots = (ballot for _, ballot in gathered.ballots(written))
        several = sum(any(len(vote.value) > 1 for vote in ballot.votes) for ballot in ballots)  # type: ignore[arg-type]
    labeled = len(written) + int((index.name >= 0).sum())
    spool = gathered.spool
    return derive.task_of(derive.Seen(gathered.kind, spool.pairs, spool.images, labeled, several))
