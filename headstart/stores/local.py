"""A store in a local folder."""

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from headstart.errors import StoreError
from headstart.store import ObjectInfo, check_key


class LocalStore:
    """A store in a local folder. Writes are whole or absent, and durable when the call returns.

    A write goes to a temporary file, is synced, and takes its name by ``rename(2)`` (put) or ``link(2)``
    (create, which fails where the name is taken); then the folder is synced.
    """

    _TEMPORARY = ".tmp"

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.uri = str(self.root)

    def get(self, key: str) -> bytes | None:
        with self._failing(key):
            try:
                return self._path(key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def put(self, key: str, data: bytes) -> None:
        with self._failing(key), self._temporary() as temporary:
            temporary.write_bytes(data)
            self._publish(temporary, key, os.replace)

    def create(self, key: str, data: bytes) -> bool:
        with self._failing(key), self._temporary() as temporary:
            temporary.write_bytes(data)
            try:
                self._publish(temporary, key, os.link)
            except FileExistsError:
                return self.get(key) == data
        return True

    def stat(self, key: str) -> ObjectInfo | None:
        with self._failing(key):
            try:
                status = self._path(key).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return ObjectInfo(key, status.st_size, status.st_mtime)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        folder = self.root / prefix.rpartition("/")[0]
        keys = []
        for parent, folders, names in os.walk(folder):
            if Path(parent) == self.root and self._TEMPORARY in folders:
                folders.remove(self._TEMPORARY)
            keys += [(Path(parent) / name).relative_to(self.root).as_posix() for name in names]
        for key in sorted(keys):
            if key.startswith(prefix) and (info := self.stat(key)):
                yield info

    def delete(self, key: str) -> None:
        with self._failing(key):
            self._path(key).unlink(missing_ok=True)

    def upload(self, source: Path, key: str) -> None:
        with self._failing(key), self._temporary() as temporary:
            shutil.copyfile(source, temporary)
            self._publish(temporary, key, os.replace)

    def download(self, key: str, target: Path) -> bool:
        with self._failing(key):
            try:
                shutil.copyfile(self._path(key), target)
            except FileNotFoundError:
                if not self._path(key).exists():
                    return False
                raise
        return True

    def local_path(self, key: str) -> Path | None:
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    @contextlib.contextmanager
    def _temporary(self) -> Iterator[Path]:
        folder = self.root / self._TEMPORARY
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / uuid.uuid4().hex
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _publish(self, temporary: Path, key: str, give_name: Callable[[Path, Path], None]) -> None:
        target = self._path(key)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        give_name(temporary, target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextlib.contextmanager
    def _failing(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            remedy = (
                "Free space or choose another folder."
                if error.errno == errno.ENOSPC
                else "Check the folder and its permissions."
            )
            if error.errno in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
                remedy = "The file system must support hard links; choose another folder."
            raise StoreError(
                "store/unreachable", f"{error.strerror}.", remedy=remedy, where=f"{self.uri}/{key}"
            ) from error
