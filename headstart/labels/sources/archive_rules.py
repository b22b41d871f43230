"""What an archive may hold and how much: the limits, the names, and how a refusal is said."""

import contextlib
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from headstart.labels.records import is_clean

# Exports of text seldom reach a gigabyte and COCO's images are 18: what is larger would rather fill the disk.
MOST_BYTES = 32 << 30
# COCO's largest part holds 118 000 images. A zip's directory is held in memory, at about 1 kB a member.
MOST_MEMBERS = 200_000
# JSON with many repetitions packs 20 to 50 times smaller; zip's bombs reach 1 000, those of bzip2 and xz far more.
# What stays below FREE_BYTES harms nobody, whatever its ratio.
MOST_RATIO = 200
FREE_BYTES = 256 << 20
# Removing the folders again takes a call a level: deeper ones would exhaust Python's stack, and stay.
DEEPEST = 64

CHUNK = 1 << 20
_AGAIN = "Get or pack the archive again."
_REPACK = "Pack plain files under plain names again, or unpack it yourself and name the folder."
_SHOWN = 200  # characters of a name that an error repeats


class ArchiveError(Exception):
    """An archive or a member is not unpacked: ``problem`` is what it does or is, as in "is damaged"."""

    def __init__(self, problem: str, remedy: str = _REPACK, member: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.member = member

    def sentence(self) -> str:
        """The problem with its subject."""
        return f"{'it' if self.member is None else f'member {self.member[:_SHOWN]!r}'} {self.problem}."


@dataclass(frozen=True, slots=True)
class Member:
    """One member: ``chunks`` gives its bytes, to be taken before the next member is asked for."""

    name: str
    is_folder: bool
    chunks: Callable[[], Iterator[bytes]]


class Meter:
    """Counts what an archive of ``packed`` bytes unpacks to; its headers may claim what they like."""

    def __init__(self, packed: int) -> None:
        self._packed = packed
        self._bytes = 0

    def count(self, size: int) -> None:
        """Add to the sum.

        Raises:
            ArchiveError: It became too large.
        """
        self._bytes += size
        remedy = "If it is no decompression bomb, unpack it yourself and name the folder."
        if self._bytes > MOST_BYTES:
            raise ArchiveError(f"unpacks to more than {MOST_BYTES >> 20} MiB", remedy)
        if self._bytes > FREE_BYTES and self._bytes > MOST_RATIO * self._packed:
            raise ArchiveError(f"unpacks to more than {MOST_RATIO} times its size of {self._packed} bytes", remedy)


def checked(name: str) -> tuple[str, ...]:
    """The parts of a member's name, which lie inside the folder that it is unpacked to; none for that folder.

    Raises:
        ArchiveError: The name could lead elsewhere, or cannot be a name on every system.
    """
    parts = PurePosixPath(name).parts
    problems = {
        "has an absolute name": name.startswith("/"),
        "has a backslash in its name": "\\" in name,
        "has a drive letter in its name": re.match("[A-Za-z]:", name),
        "leaves the archive's folder": ".." in parts,
        "has a control character in its name": re.search(r"[\x00-\x1f\x7f]", name),
        "has a name that is not UTF-8": not is_clean(name),
        f"lies more than {DEEPEST} folders deep": len(parts) > DEEPEST,
    }
    for problem, is_met in problems.items():
        if is_met:
            raise ArchiveError(problem, member=name)
    return parts


@contextlib.contextmanager
def reading(member: str | None = None) -> Iterator[None]:
    """Within, whatever the decoders make of damaged bytes is one refusal."""
    try:
        yield
    except EOFError:
        raise ArchiveError("is truncated", _AGAIN, member) from None
    except (OSError, ValueError, OverflowError, IndexError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(_damage(error), _AGAIN, member) from None
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error) as error:
        raise ArchiveError(_damage(error), _AGAIN, member) from None


def _damage(error: Exception) -> str:
    reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
    return f"is damaged or not supported: {reason[:_SHOWN]}"
