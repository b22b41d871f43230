"""Content-addressed files over a store: written once, verified on every read."""

import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, field_validator

from headstart import cache, ranged
from headstart.digest import sha256, sha256_file, verify
from headstart.errors import IntegrityError, StoreError
from headstart.store import Moved, Store, is_key, unheard

_LARGE_AT_ONCE, _SMALL_AT_ONCE = 4, 16
"""Files that come at once; each large one comes in ranges, eight of them at once."""
_LARGE = 16 * 2**20
"""Bytes of a large file, which shares its place on the disk with the cache where it is exported."""


class File(BaseModel):
    """A file by name and content: ``path`` inside its value, ``sha256`` in hexadecimal, ``size`` in bytes.

    ``key`` is where the store holds the bytes; it follows from the digest, except where a registry's
    publisher had to step aside from a blob that was about to be collected.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    key: str = ""

    @field_validator("path")
    @classmethod
    def _path_stays_inside(cls, path: str) -> str:
        if path != PurePosixPath(path).as_posix() or not is_key(path):
            raise ValueError(f"{path!r} leaves its folder")
        return path

    @property
    def blob(self) -> str:
        """The key of the bytes in a store."""
        return self.key or blob_key(self.sha256)

    def named(self, path: str) -> "File":
        """The same bytes under another name."""
        return type(self).model_validate(self.model_dump() | {"path": path})


def blob_key(digest: str) -> str:
    """Where a store keeps the bytes with this sha256."""
    return f"blobs/sha256/{digest[:2]}/{digest}"


def describe(source: Path, path: str) -> File:
    """A local file as a :class:`File`, hashed but not stored."""
    return File(path=path, sha256=sha256_file(source), size=source.stat().st_size)


class Blobs:
    """The blobs of one store, read through this machine's cache where the store is remote."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, source: Path, path: str) -> File:
        """Store a local file's bytes, unless they are there already, and name them ``path``."""
        file = describe(source, path)
        if not self.holds(file):
            self.store.upload(source, file.blob)
        return file

    def add_bytes(self, data: bytes, path: str) -> File:
        """Store bytes, unless they are there already, and name them ``path``."""
        file = File(path=path, sha256=sha256(data), size=len(data))
        if not self.holds(file):
            self.store.put(file.blob, data)
        return file

    def holds(self, file: File) -> bool:
        """Whether the store has the bytes, by digest and size."""
        held = self.store.stat(file.blob)
        return held is not None and held.size == file.size

    def read(self, file: File) -> bytes:
        """The file's bytes, verified.

        Raises:
            IntegrityError: The bytes are missing or are not those that were written.
        """
        return self.fetch(file).read_bytes()

    def fetch(self, file: File, moved: Moved = unheard) -> Path:
        """A local, read-only file with the verified bytes.

        Args:
            file: What to fetch.
            moved: Hears of the bytes as they come; of none where they are on this machine.

        Raises:
            IntegrityError: The bytes are missing or are not those that were written.
        """
        where = f"{self.store.uri}/{file.blob}"
        held = self.store.local_path(file.blob)
        if held is not None:
            if not held.is_file():
                raise _missing(where)
            verify(sha256_file(held), file.sha256, where)
            return held
        target = cache.cache_folder() / blob_key(file.sha256)

        def right(path: Path) -> bool:
            return sha256_file(path) == file.sha256

        try:
            if cache.cached(target, right):
                return target
            return cache.keep(target, right, lambda part: self._bring(file, part, where, moved))
        except OSError as error:
            remedy = "Free space there, or set HEADSTART_CACHE to another folder."
            raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(target)) from error

    def send(self, file: File, target: Store, key: str, moved: Moved = unheard) -> None:
        """Write the file's verified bytes to another store.

        Args:
            file: What to send.
            target: The other store.
            key: Where the bytes go there.
            moved: Hears of the bytes as they arrive there.

        Raises:
            IntegrityError: The bytes are missing or are not those that were written; the target has nothing of them.
        """
        held = self.store.local_path(file.blob)
        if held is None:
            target.upload(self.fetch(file), key, moved)
        elif held.is_file():
            target.upload(held, key, moved, file.sha256)
        else:
            raise _missing(f"{self.store.uri}/{file.blob}")

    def _bring(self, file: File, part: Path, where: str, moved: Moved) -> None:
        """Download the file, or the rest of it, into ``part``, which then holds its verified bytes or is gone."""
        continued = ranged.journal_of(part).is_file()
        found = ranged.download(self.store, file.blob, file.size, part, moved)
        if found and found != file.sha256 and continued:  # the rest of a crash of the machine: from the start
            found = ranged.download(self.store, file.blob, file.size, part, unheard)
        if found != file.sha256:
            part.unlink()
        if found is None:
            raise _missing(where)
        verify(found, file.sha256, where)

    @contextlib.contextmanager
    def checkout(self, files: Iterable[File], moved: Moved = unheard) -> Iterator[Path]:
        """A temporary folder in which every file stands under its path, verified; links, not copies."""
        with tempfile.TemporaryDirectory(prefix="headstart-") as name:
            folder = Path(name)

            def place(file: File) -> None:
                target = folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(self.fetch(file, moved))

            _each(place, files)
            yield folder

    def export(self, files: Iterable[File], folder: Path, moved: Moved = unheard) -> None:
        """Bring every file, verified, into ``folder`` under its path, once all are here; what is there is not fetched.

        A file of 16 MiB or more that lies in this machine's cache is a read-only link to it, where one file system has
        both, so that weights lie on the disk once. Others are copies that may be changed.

        Raises:
            IntegrityError: Bytes are missing or are not those that were written.
            StoreError: The folder cannot be written.
        """
        ready: dict[Path, Path] = {}

        def bring(file: File) -> None:
            target = folder / file.path
            with _written(target):
                if target.is_file() and target.stat().st_size == file.size and sha256_file(target) == file.sha256:
                    return
                source = self.fetch(file, moved)
                target.parent.mkdir(parents=True, exist_ok=True)
                temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
                ready[temporary] = target
                _give(source, temporary, file.size >= _LARGE and self.store.local_path(file.blob) is None)

        try:
            _each(bring, files)
            for temporary, target in ready.items():
                with _written(target):
                    temporary.replace(target)
        finally:
            for temporary in ready:
                temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _written(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "Free space there, or choose another folder."
        raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(target)) from error


def _each(place: Callable[[File], None], files: Iterable[File]) -> None:
    """Do it to every file, the small ones first, as many of them at once as hide that each is asked for."""
    ordered = sorted(files, key=lambda file: file.size)
    small = [file for file in ordered if file.size < _LARGE]
    for some, at_once in ((small, _SMALL_AT_ONCE), (ordered[len(small) :], _LARGE_AT_ONCE)):
        if some:
            with ThreadPoolExecutor(at_once) as pool:
                list(pool.map(place, some))


def _give(source: Path, target: Path, by_link: bool) -> None:
    """Make ``target`` a link to a file where that is wished and can be, or a copy of it."""
    if by_link:
        with contextlib.suppress(OSError):  # another file system, or a cache that is another user's
            target.hardlink_to(source)
            return
    shutil.copyfile(source, target)


def _missing(where: str) -> IntegrityError:
    return IntegrityError(
        "integrity/digest",
        "the bytes are gone.",
        remedy="Restore them from a copy, or run the step again in a new workspace.",
        where=where,
    )
