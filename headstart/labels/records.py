"""What every reader gives: records, or the reasons why there are none."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from headstart.spec import FieldsSpec, Split

_LONGEST_LINE = 1 << 26  # bytes of a first line that are looked at


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of an export: where its bytes are now, what users call it, and the split it is published as."""

    path: Path
    name: str
    split: Split | None

    def first_line(self) -> bytes:
        """The first line that is not blank, without a byte-order mark; empty where there is none."""
        with self.path.open("rb") as stream:
            while line := stream.readline(_LONGEST_LINE):
                if line := line.removeprefix(b"\xef\xbb\xbf").strip():
                    return line
        return b""

    def contains(self, *needles: bytes) -> bool:
        """Whether any of the needles stands anywhere in the file."""
        if not self.path.stat().st_size:
            return False
        with self.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return any(content.find(needle) >= 0 for needle in needles)


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


class Reading(NamedTuple):
    """A file being read: which of its fields hold text and label (in words), and its records in order."""

    fields: str
    records: Iterator[Record | Reject]


class Reader(Protocol):
    """A format. Adding one is a module with these two functions and a line in :mod:`.detect`."""

    def recognise(self, file: SourceFile) -> str | None:
        """Why the file is of this format, or None if it is not."""

    def read(self, file: SourceFile, fields: FieldsSpec, group_by: str | None) -> Reading:
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
