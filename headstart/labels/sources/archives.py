"""Archives among the sources: told by their content, unpacked under limits, refused where they are hostile."""

import contextlib
import errno
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from headstart.cache import cache_folder
from headstart.errors import DataError, StoreError
from headstart.labels.sources import archive_rules as rules
from headstart.labels.sources import archive_streams, archive_tar, archive_zip
from headstart.labels.sources.archive_rules import ArchiveError, Member, Meter, checked, reading
from headstart.labels.sources.beside import is_system

# bzip2's magic of four bytes could start a text, so that the block's goes with it: of data, or of the end.
_MAGIC = {
    "zip": re.compile(rb"PK(\x03\x04|\x05\x06)"),
    "gz": re.compile(rb"\x1f\x8b\x08"),
    "bz2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "7z": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "rar": re.compile(rb"Rar!\x1a\x07"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "split zip": re.compile(rb"PK\x07\x08"),
}
_NOT_OPENED = ("7z", "rar", "zstd", "split zip")
_PACKED_SUFFIX = re.compile(r"\.(gz|bz2|xz)$", re.IGNORECASE)
# Zips that are formats in themselves, whatever they hold, and the member by which the others are told.
_FORMATS = (".xlsx", ".xlsm", ".xltx", ".docx", ".pptx", ".ods", ".odt", ".odp", ".epub", ".npz", ".jar", ".whl")
_MARKS = ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF")
_NAME_ERRORS = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR)


def kind_of(path: Path, name: str) -> str | None:
    """What a file is packed as, or None where it is to be read as it is.

    Args:
        path: The file.
        name: What it is called, for formats that are zips in themselves, even broken ones.

    Returns:
        ``zip``, ``gz``, ``bz2``, ``xz``, ``tar``, ``tar.gz``, ``tar.bz2`` or ``tar.xz``, or the name of a kind
        that cannot be unpacked.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(archive_tar.BLOCK)
    if archive_tar.is_header(head):
        return "tar"
    kind = next((kind for kind, magic in _MAGIC.items() if magic.match(head)), None)
    if kind == "zip" and _is_a_format(path, name):
        return None
    if kind in ("gz", "bz2", "xz"):
        with contextlib.suppress(ArchiveError), archive_streams.opened(path, kind, Meter(0)) as unpacked:
            if archive_tar.is_header(unpacked.read(archive_tar.BLOCK)):
                return f"tar.{kind}"
    return kind


def unpack(archive: Path, name: str, kind: str, folder: Path) -> list[tuple[Path, str]]:
    """Unpack an archive's files under a folder of their own.

    Args:
        archive: The archive.
        name: What users call it.
        kind: What :func:`kind_of` says of it.
        folder: An empty folder. Nothing is written outside it.

    Returns:
        Each file and its name in the archive, by name. Hidden files and the system's are left aside.

    Raises:
        DataError: The archive is damaged, encrypted or too large, holds another archive, no file at all, or
            members that are no plain files inside it.
        StoreError: The folder cannot be written to.
    """
    try:
        files = [(_write(member, parts, folder), "/".join(parts)) for member, parts in _plain(archive, name, kind)]
        if not files:
            raise ArchiveError("holds no files", "Check it.")
    except ArchiveError as refused:
        raise DataError("data/bad-archive", refused.sentence(), remedy=refused.remedy, where=name) from None
    return sorted(files, key=lambda file: file[1])


def _plain(archive: Path, name: str, kind: str) -> Iterator[tuple[Member, tuple[str, ...]]]:
    """The members to unpack; the others are looked at too."""
    for number, member in enumerate(_members(archive, name, kind), start=1):
        if number > rules.MOST_MEMBERS:
            raise ArchiveError(f"holds more than {rules.MOST_MEMBERS} members")
        parts = checked(member.name)
        if not parts and not member.is_folder:
            raise ArchiveError("has no name", member=member.name)
        if not member.is_folder and not is_system(PurePosixPath(*parts)):
            yield member, parts


def _members(archive: Path, name: str, kind: str) -> Iterator[Member]:
    if kind in _NOT_OPENED:
        raise ArchiveError(f"is a {kind} archive, which is not opened", "Unpack it yourself, or pack it as zip or tar.")
    with reading():
        meter = Meter(archive.stat().st_size)
    if kind == "zip":
        yield from archive_zip.members(archive, meter)
        return
    packing = kind.removeprefix("tar").removeprefix(".")
    with archive_streams.opened(archive, packing, meter) as stream:
        if kind.startswith("tar"):
            yield from archive_tar.members(stream)
        else:
            inner = _PACKED_SUFFIX.sub("", PurePosixPath(name).name) or "data"
            yield Member(inner, False, lambda: iter(lambda: stream.read(rules.CHUNK), b""))


def _write(member: Member, parts: tuple[str, ...], folder: Path) -> Path:
    target = folder.joinpath(*parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as stream:  # a second member of the name, in the system's own eyes, is an error
            for chunk in member.chunks():
                stream.write(chunk)
        kind = kind_of(target, member.name)
    except OSError as error:
        raise _unwritten(error, member.name) from None
    except ArchiveError as refused:
        raise ArchiveError(refused.problem, refused.remedy, refused.member or member.name) from None
    if kind is not None:
        remedy = "Unpack it yourself and name the folder, or pack its files without an archive inside."
        raise ArchiveError(f"is a {kind} archive itself, and only one level is opened", remedy, member.name)
    return target


def _unwritten(error: OSError, member: str) -> Exception:
    if error.errno in _NAME_ERRORS:
        return ArchiveError("has a name that stands twice, or that is a folder's too", member=member)
    if error.errno == errno.ENAMETOOLONG:
        return ArchiveError("has a name that is too long", member=member)
    remedy = "Free space there, or set HEADSTART_CACHE to another folder."
    return StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(cache_folder()))


def _is_a_format(path: Path, name: str) -> bool:
    if name.lower().endswith(_FORMATS):
        return True
    try:
        inside = archive_zip.names(path)
    except ArchiveError:
        return False  # unpacking says what is wrong with it
    return any(mark in inside for mark in _MARKS) or (bool(inside) and all(each.endswith(".npy") for each in inside))
