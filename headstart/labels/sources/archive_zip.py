"""Zip archives."""

import contextlib
import io
import os
import stat
import struct
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from headstart.labels.sources import archive_rules as rules
from headstart.labels.sources.archive_rules import ArchiveError, Member, Meter, reading

_ENTRY = b"PK\1\2"
_LEAST_BYTES, _MOST_BYTES = 46, 256  # of the directory, for one member: the most is of the average
_END, _END64, _LOCATOR64_BYTES, _SEE_END64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), 20, 0xFFFF
_UTF8, _ENCRYPTED = 0x800, 0x2041  # flags; encryption may be old or strong, of contents or of the directory
_OTHERS = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd"}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SPECIAL = {stat.S_IFLNK: "is a symbolic link", stat.S_IFIFO: "is a named pipe", stat.S_IFSOCK: "is a socket"}


def members(path: Path, meter: Meter) -> Iterator[Member]:
    """Every member, by name.

    Raises:
        ArchiveError: The archive is damaged, truncated or encrypted, or a member is neither a file nor a folder.
    """
    with _opened(path) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.orig_filename):
            name = _name(info)
            _check(info, name)
            yield Member(name, info.is_dir(), partial(_chunks, archive, info, name, meter))


def names(path: Path) -> list[str]:
    """The names of all members, as they stand.

    Raises:
        ArchiveError: The archive is damaged or truncated.
    """
    with _opened(path) as archive:
        return archive.namelist()


class _Guarded(io.FileIO):
    """A file that gives no directory with too many members: zipfile would hold them all before one can be counted."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file."""
        left = os.fstat(self.fileno()).st_size - self.tell()
        wanted = left if size is None or size < 0 else min(size, left)
        too_many = wanted > max(_MOST_BYTES * rules.MOST_MEMBERS, rules.CHUNK)
        data = b"" if too_many else super().read(wanted)
        if too_many or (len(data) > _LEAST_BYTES * rules.MOST_MEMBERS and data.count(_ENTRY) > rules.MOST_MEMBERS):
            raise ArchiveError(f"holds more than {rules.MOST_MEMBERS} members")
        return data


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with reading():
        file = _Guarded(path)
    with file:
        with reading():
            try:
                archive = zipfile.ZipFile(file)
            except UnicodeDecodeError as error:
                raise ArchiveError(f"has a member whose name is not UTF-8: {error.object!r}") from None
            if _counted(file, archive) != len(archive.infolist()):
                raise ArchiveError("is damaged: its directory has another number of members than it says")
        yield archive


def _counted(file: io.FileIO, archive: zipfile.ZipFile) -> int:
    """How many members the archive's end says there are; zipfile does not ask, and a damaged entry can hide others."""
    end = file.seek(-_END.size - len(archive.comment), os.SEEK_END)
    count: int = _END.unpack(file.read(_END.size))[4]
    if count == _SEE_END64:
        file.seek(end - _LOCATOR64_BYTES - _END64.size)
        signature, *_, count64, _, _ = _END64.unpack(file.read(_END64.size))
        return int(count64) if signature == b"PK\6\6" else count
    # Writers that know no more than 65535 members count on from nothing.
    return count + (len(archive.infolist()) & ~0xFFFF)


def _name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename  # ``filename`` ends at a zero and has other separators on Windows
    if info.flag_bits & _UTF8:
        return name
    # macOS and others write UTF-8 without saying so; what is not becomes half characters, which are refused.
    return name.encode("cp437").decode(errors="surrogateescape")


def _check(info: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError("is encrypted", "Unpack it yourself and name the folder.", name)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveError(_SPECIAL.get(kind, "is a device"), member=name)
    if info.compress_type not in _METHODS:
        method = _OTHERS.get(info.compress_type, f"method {info.compress_type}")
        raise ArchiveError(f"is packed by {method}", "Pack it as a usual zip: deflated, or stored.", name)
    if info.is_dir() and info.file_size:
        raise ArchiveError("is a folder with content", member=name)


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, meter: Meter) -> Iterator[bytes]:
    left = info.file_size
    with reading(name):
        stream = archive.open(info)
    with stream:
        while True:
            with reading(name):
                chunk = stream.read(rules.CHUNK)
            if not chunk:
                break
            left -= len(chunk)
            meter.count(len(chunk))
            yield chunk
    if left:
        raise ArchiveError("is truncated", member=name)
