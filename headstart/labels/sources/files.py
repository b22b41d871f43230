"""The files of an export, as readers see them."""

import mmap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from headstart.spec import Split

_LONGEST_LINE = 1 << 26  # bytes of a first line that are looked at
_BOM = b"\xef\xbb\xbf"


class UnseenImage(Exception):  # noqa: N818 (a reason for a rejection, not an error of its own)
    """An image that a record names cannot be had: ``reason`` is the reason for the record's rejection."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Elsewhere:
    """Whether a reader looked for anything that is none of the export's own files, which alone are fingerprinted."""

    own: frozenset[Path] = frozenset()
    was_asked: bool = False

    def ask(self, path: Path | None) -> None:
        """Note that a file is read, or that it was looked for and is in no folder."""
        self.was_asked |= path not in self.own


def _no_images(reference: str) -> bytes:
    raise UnseenImage("no-image")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of an export: where its bytes are now, what users call it, and the split it is published as.

    ``image`` gives the bytes of an image by what a record calls it, or raises :class:`UnseenImage`. ``is_named`` says
    that the user named the file itself, and not only a folder or an archive that it is in. The export's files share
    ``elsewhere``.
    """

    path: Path
    name: str
    split: Split | None = None
    image: Callable[[str], bytes] = field(default=_no_images, compare=False)
    is_named: bool = True
    elsewhere: Elsewhere = field(default_factory=Elsewhere, compare=False)

    @property
    def suffix(self) -> str:
        """The end of its name from the last dot on, in small letters."""
        return PurePosixPath(self.name).suffix.lower()

    def first_line(self) -> bytes:
        """The first line that is not blank, without a byte-order mark; empty where there is none."""
        with self.path.open("rb") as stream:
            while line := stream.readline(_LONGEST_LINE):
                if line := line.removeprefix(_BOM).strip():
                    return line
        return b""

    def start(self, size: int) -> bytes:
        """Its first bytes, without a byte-order mark."""
        with self.path.open("rb") as stream:
            return stream.read(size).removeprefix(_BOM)

    def contains(self, *needles: bytes) -> bool:
        """Whether any of the needles stands anywhere in the file."""
        if not self.path.stat().st_size:
            return False
        with self.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return any(content.find(needle) >= 0 for needle in needles)

    def beside(self, name: str) -> Path | None:
        """The file of this name in the same folder, if there is one; it must be none elsewhere."""
        path = self.path.parent / name
        if self.is_named:
            self.elsewhere.ask(path)
        return path if "/" not in name and path.is_file() and not path.is_symlink() else None
