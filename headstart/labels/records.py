"""What every reader yields: a record, or the reason why there is none."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from headstart.spec import FieldsSpec, Split


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of an export: where its bytes are now, what users call it, and the split it is published as."""

    path: Path
    name: str
    split: Split | None


@dataclass(frozen=True, slots=True)
class Record:
    """One labeled text as the export has it.

    ``votes`` holds one tuple of labels an annotation: several annotators give several votes, and a vote
    with several labels is a multiple choice. ``place`` says where in which file the record stands.
    """

    place: str
    text: str
    votes: tuple[tuple[str, ...], ...]
    split: Split | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot become a row: a stable reason, its place, and what the export says there."""

    place: str
    reason: str
    content: Any


class Reader(Protocol):
    """A format. Adding one is a module with these two functions and a line in :mod:`.detect`."""

    def recognise(self, head: bytes, name: str) -> str | None:
        """Why a file that starts with ``head`` and is called ``name`` is of this format, or None if it is not."""

    def read(self, file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Iterator[Record | Reject]:
        """Every record of the file, in order.

        Raises:
            DataError: The file as a whole cannot be read; a single bad record is a :class:`Reject` instead.
        """
