"""A store in a local folder."""

import contextlib
import errno
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from headstart.digest import sha256_file, verify
from headstart.errors import NO_ROOM, StoreError
from headstart.store import Moved, ObjectInfo, check_key, is_key, unheard


class LocalStore:
    """A store in a local folder. Writes are whole or absent, and durable when the call returns.

    A write goes to a temporary file, is synced, and takes its name by ``rename(2)`` (put) or ``link(2)``
    (create, which fails where the name is taken); then the folder is synced.
    """

    _TEMPORARY = ".tmp"

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.uri = str(self.root)

    @property
    def product(self) -> str:
        return "a local folder"

    def get(self, key: str) -> bytes | None:
        with self._failing(key):
            try:
                return self._path(key).read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def read(self, key: str, start: int, length: int) -> bytes | None:
        with self._failing(key):
            try:
                with self._path(key).open("rb") as stream:
                    stream.seek(start)
                    return stream.read(length)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
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
                if not self._path(key).exists():  # an object stands where the key needs a folder
                    raise
                return self.get(key) == data
        return True

    def stat(self, key: str) -> ObjectInfo | None:
        with self._failing(key):
            try:
                status = self._path(key).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return ObjectInfo(key, status.st_size, status.st_mtime)

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        above = prefix.rpartition("/")[0]
        if above and (not is_key(above) or above.split("/")[0] == self._TEMPORARY):
            return
        keys = []
        with self._failing(prefix):
            for parent, folders, names in os.walk(self.root / above, onerror=_unless_gone):
                if Path(parent) == self.root and self._TEMPORARY in folders:
                    folders.remove(self._TEMPORARY)
                below = parent[len(self.uri) :].lstrip("/")
                keys += [f"{below}/{name}" if below else name for name in names]
        for key in sorted(keys):
            if key.startswith(prefix) and key > after and (info := self.stat(key)):
                yield info

    def delete(self, key: str) -> None:
        with self._failing(key), contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if not self._path(key).is_dir():
                self._path(key).unlink()

    def copy(self, source: str, target: str) -> bool:
        """A second name of the same file where that can be: objects are replaced, and never written into."""
        with self._failing(target), self._temporary() as temporary:
            if not self._path(source).is_file():
                return False
            _link_or_copy(self._path(source), temporary)
            self._publish(temporary, target, os.replace)
        return True

    def upload(self, source: Path, key: str, moved: Moved = unheard, sha256: str = "") -> None:
        with self._failing(key), self._temporary() as temporary:
            try:
                shutil.copyfile(source, temporary)
            except (FileNotFoundError, IsADirectoryError) as error:
                problem, remedy = f"{source}: {error.strerror}.", "Name a file."
                raise StoreError("store/unreachable", problem, remedy=remedy, where=f"{self.uri}/{key}") from error
            if sha256:
                verify(sha256_file(temporary), sha256, str(source))
            self._publish(temporary, key, os.replace)
            moved(source.stat().st_size)

    def download(self, key: str, target: Path) -> bool:
        with self._failing(key):
            if not self._path(key).is_file():
                return False
            shutil.copyfile(self._path(key), target)
        return True

    def local_path(self, key: str) -> Path | None:
        return self._path(key)

    def sweep(self, prefix: str, before: float) -> int:
        """Whatever the prefix: a temporary file does not say what it would have become."""
        with self._failing(self._TEMPORARY):
            folder = self.root / self._TEMPORARY
            left = [path for path in folder.glob("*") if _is_older(path, before)] if folder.is_dir() else []
            for path in left:
                path.unlink(missing_ok=True)
        return len(left)

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
        temporary.chmod(0o444)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        self._make_folder(target.parent)
        give_name(temporary, target)
        _sync_folder(target.parent)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, each of which is then named durably."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory", str(folder))
        _sync_folder(folder.parent)

    @contextlib.contextmanager
    def _failing(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            remedy = (
                "Free space or choose another folder."
                if error.errno in NO_ROOM
                else "Check the folder and its permissions."
            )
            if error.errno in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
                remedy = "The file system must support hard links; choose another folder."
            raise StoreError(
                "store/unreachable", f"{error.strerror}.", remedy=remedy, where=f"{self.uri}/{key}"
            ) from error


def _link_or_copy(source: Path, target: Path) -> None:
    """Linux lets nobody link another user's file who may not write to it (fs.protected_hardlinks)."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EMLINK):
            raise
        shutil.copyfile(source, target)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _is_older(path: Path, than: float) -> bool:
    """Whether a file was last written before a time; one that its writer has just taken away was not."""
    try:
        return path.stat().st_mtime < than
    except FileNotFoundError:
        return False


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error
