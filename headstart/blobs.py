"""Content-addressed files over a store: written once, verified on every read."""

import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, field_validator

from headstart.digest import sha256, sha256_file, verify
from headstart.errors import IntegrityError, StoreError
from headstart.store import Store, is_key


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


def cache_folder() -> Path:
    """Where bytes from remote stores are kept on this machine: ``HEADSTART_CACHE``, or the user's cache folder."""
    base = os.environ.get("HEADSTART_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "headstart"
    return Path(base).expanduser()


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

    def fetch(self, file: File) -> Path:
        """A local, read-only file with the verified bytes.

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
        cached = cache_folder() / blob_key(file.sha256)
        if cached.is_file() and sha256_file(cached) == file.sha256:
            return cached
        self._download(file, cached, where)
        return cached

    def _download(self, file: File, target: Path, where: str) -> None:
        temporary = target.with_name(f"{target.name}.{uuid.uuid4().hex}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not self.store.download(file.blob, temporary):
                raise _missing(where)
            verify(sha256_file(temporary), file.sha256, where)
            temporary.chmod(0o444)
            temporary.replace(target)
        except OSError as error:
            remedy = "Free space there, or set HEADSTART_CACHE to another folder."
            raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(target)) from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()

    @contextlib.contextmanager
    def checkout(self, files: Iterable[File]) -> Iterator[Path]:
        """A temporary folder in which every file stands under its path, verified; links, not copies."""
        with tempfile.TemporaryDirectory(prefix="headstart-") as name:
            folder = Path(name)
            for file in files:
                target = folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(self.fetch(file))
            yield folder

    def export(self, files: Iterable[File], folder: Path) -> None:
        """Copy every file, verified, into ``folder`` under its path."""
        for file in files:
            source, target = self.fetch(file), folder / file.path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
            except OSError as error:
                remedy = "Free space there, or choose another folder."
                raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(target)) from error


def _missing(where: str) -> IntegrityError:
    return IntegrityError(
        "integrity/digest",
        "the bytes are gone.",
        remedy="Restore them from a copy, or run the step again in a new workspace.",
        where=where,
    )
