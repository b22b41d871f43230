"""The account of an import: what became of every record, as a value."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from headstart.blobs import File
from headstart.evaluation.agreement import Agreement


class Source(BaseModel):
    """A file of the export: its name, its format and why, the fields that were read, and what was left aside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    format: str
    reason: str
    fields: str
    records: int
    aside: Mapping[str, int] = {}


class Rejected(BaseModel):
    """A reason for rejection, how many records it met, and the first of them: where they stand and what they say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str
    records: int
    examples: tuple[tuple[str, str], ...]


class Conflict(BaseModel):
    """Votes that differ on one content: what it is, how many votes each answer has, and what was made of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    votes: tuple[tuple[str, int], ...]
    settled: str | None
    places: tuple[str, ...]


class Vocabulary(BaseModel):
    """How the labels compare with those of the earlier import, and those that look like misspellings of others.

    A look-alike is a label, what it looks like, and how many rows it has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    look_alikes: tuple[tuple[str, str, int], ...] = ()


class Lengths(BaseModel):
    """How long texts are, in characters: the upper ends of bins, and the rows in each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ends: tuple[int, ...]
    rows: tuple[int, ...]
    longest: int
    median: int


class Reconciliation(BaseModel):
    """The account of every record: ``records == rows + merged + the sum of rejected``.

    ``merged`` records went into a row with the same content; ``outvoted`` counts votes, not records. ``conflicts`` are
    the first of ``conflicting`` contents on which annotators differ. ``is_closed`` says that nothing was read, or
    looked for, but the export's own files: of the same files the import is the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[Source, ...]
    task_reason: str
    records: int
    rows: int
    merged: int
    outvoted: int
    rejected: tuple[Rejected, ...]
    rejects: File | None
    is_closed: bool
    conflicting: int
    conflicts: tuple[Conflict, ...]
    agreement: Agreement | None
    vocabulary: Vocabulary
    lengths: Lengths

    @property
    def rejected_records(self) -> int:
        """The number of records that became no part of any row."""
        return sum(each.records for each in self.rejected)

    def adds_up(self) -> bool:
        """Whether every record is accounted for once."""
        return self.records == self.rows + self.merged + self.rejected_records
