"""What every reader gives: records, or the reasons why there are none."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

import pyarrow as pa

from headstart.labels.sources.files import SourceFile
from headstart.spec import FieldsSpec, Split, TaskName

Names = tuple[str, ...]
"""Names of labels; of none, where an annotator looked and chose none."""


class Span(NamedTuple):
    """A labeled part of a text: from the character at ``start`` up to, and without, the one at ``end``."""

    start: int
    end: int
    label: str


Value = Names | tuple[Span, ...] | float
Kind = Literal["names", "spans", "number"]
"""What the votes of a file are: names of labels, labeled parts of the text, or numbers."""


class Vote(NamedTuple):
    """What an annotator said of a record, and who it was, where the export knows."""

    value: Value
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One labeled thing as the export has it.

    ``place`` says where in which file it stands. ``text`` is the text, or the name of the ``image``, whose file's bytes
    stand beside it; ``pair`` is the second text of a pair. ``group`` must not be divided by a split; ``time`` orders
    records, in seconds since 1970.
    """

    place: str
    text: str
    votes: tuple[Vote, ...]
    split: Split | None = None
    group: str | None = None
    pair: str | None = None
    image: bytes | None = None
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot become a row: a stable reason, its place, and what the export says there.

    ``text`` is its text, where it has one: whoever mends the record then has only to add what is missing.
    """

    place: str
    reason: str
    content: Any
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What the spec wants of a reader: which fields hold what, the task that the records are for, its vocabulary."""

    fields: FieldsSpec = field(default_factory=FieldsSpec)
    group_by: str | None = None
    time: str | None = None
    task: TaskName | Literal["auto"] = "auto"
    labels: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """What the task's labels are; None where the task is to be derived."""
        return None if self.task == "auto" else KINDS[self.task]


KINDS: dict[TaskName, Kind] = {
    "text-classification": "names",
    "multi-label": "names",
    "token-classification": "spans",
    "regression": "number",
    "pair-regression": "number",
    "image-classification": "names",
}


@dataclass
class Reading:
    """A file being read: which of its fields hold what (in words), what its votes are, and its records in order.

    An item may also be a block, many records as an Arrow batch (:mod:`.reconciling.blocks`). ``aside`` counts what the
    format holds beside records and labels and is left aside, such as predictions; it is complete once all items were
    taken.
    """

    fields: str
    kind: Kind
    items: Iterator[Record | Reject | pa.RecordBatch]
    aside: Counter[str] = field(default_factory=Counter)


class Reader(Protocol):
    """A format. Adding one is a module with these two functions and a line in :mod:`.detect`."""

    def recognise(self, file: SourceFile) -> str | None:
        """Why the file is of this format, or None if it is not."""

    def read(self, file: SourceFile, ask: Ask) -> Reading:
        """Read the file.

        Raises:
            DataError: The file as a whole cannot be read, now or while its records are taken; a single bad
                record is a :class:`Reject` instead.
        """


def printable(text: str) -> str:
    """The text with whatever cannot be written as UTF-8 spelt out: file names and ids may hold anything."""
    return text.encode("utf-8", errors="backslashreplace").decode()


def is_clean(text: str) -> bool:
    """Whether the text can be written as UTF-8: JSON's escapes can spell half a character."""
    return printable(text) == text
