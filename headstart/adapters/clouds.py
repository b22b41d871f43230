"""Google Cloud Storage and Azure, through obstore, each with its own condition for a write that must not replace.

Google's is a generation of 0 (its S3 interface ignores ``If-None-Match``), Azure's is ``If-None-Match: *``. Credentials
come from the environment, as for Google's and Azure's own tools.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from headstart.digest import verify
from headstart.errors import StoreError
from headstart.extras import extra_of
from headstart.store import Moved, ObjectInfo, Store, check_key, is_key, unheard

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_CHUNK = 8 * 2**20
_PAGE = 1000
_KINDS = {"gs": "Google Cloud Storage", "az": "Azure Blob Storage"}


def cloud_store(uri: str) -> Store:
    """The store at ``gs://bucket/prefix`` or ``az://container/prefix``.

    Raises:
        UsageError: The extra ``clouds`` is not installed.
        StoreError: The environment does not say how to reach it.
    """
    try:
        from obstore.exceptions import BaseError
        from obstore.store import AzureStore, GCSStore
    except ModuleNotFoundError as error:
        raise extra_of(error) or error from error
    parts = urlsplit(uri)
    prefix = parts.path.strip("/") or None
    try:
        if parts.scheme == "gs":
            inner: ObjectStore = GCSStore(parts.netloc, prefix=prefix)
        else:
            inner = AzureStore(parts.netloc, prefix=prefix)
    except BaseError as error:
        raise _told(error, uri) from error
    return CloudStore(uri.rstrip("/"), inner, _KINDS[parts.scheme])


class CloudStore:
    """Objects in a store of obstore's.

    Args:
        uri: Where they are.
        inner: The store; it puts its prefix before every key.
        product: What keeps them, for people.
    """

    def __init__(self, uri: str, inner: "ObjectStore", product: str) -> None:
        self.uri = uri
        self._inner = inner
        self._product = product

    @property
    def product(self) -> str:
        return self._product

    def get(self, key: str) -> bytes | None:
        import obstore

        with self._failing(key):
            try:
                return bytes(obstore.get(self._inner, check_key(key)).bytes())
            except FileNotFoundError:
                return None

    def read(self, key: str, start: int, length: int) -> bytes | None:
        import obstore

        if length == 0:
            return b""
        with self._failing(key):
            try:
                return bytes(obstore.get_range(self._inner, check_key(key), start=start, length=length))
            except FileNotFoundError:
                return None
            except Exception:
                info = self.stat(key)
                if info is None or start < info.size:
                    raise
                return b""  # it starts where the object has ended, which servers refuse

    def put(self, key: str, data: bytes) -> None:
        import obstore

        with self._failing(key):
            obstore.put(self._inner, check_key(key), data, use_multipart=False)

    def create(self, key: str, data: bytes) -> bool:
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError

        try:
            obstore.put(self._inner, check_key(key), data, mode="create", use_multipart=False)
        except (AlreadyExistsError, BaseError, OSError) as error:
            # Taken, or the reply was lost, which may hide our own success: only the object can tell.
            held = self.get(key)
            if held is None and not isinstance(error, AlreadyExistsError):
                raise _told(error, self._uri(key)) from error
            return held == data
        return True

    def stat(self, key: str) -> ObjectInfo | None:
        import obstore

        with self._failing(key):
            try:
                meta = obstore.head(self._inner, check_key(key))
            except FileNotFoundError:
                return None
        return ObjectInfo(key, meta["size"], meta["last_modified"].timestamp())

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        import obstore

        folder = prefix.rpartition("/")[0]
        if prefix and not is_key(prefix.removesuffix("/")):
            return
        pages = obstore.list(self._inner, folder or None, offset=after or None, chunk_size=_PAGE)
        while True:
            with self._failing(prefix):
                page = next(pages, None)
            if page is None:
                return
            for meta in page:
                if meta["path"].startswith(prefix):
                    yield ObjectInfo(meta["path"], meta["size"], meta["last_modified"].timestamp())

    def delete(self, key: str) -> None:
        import obstore

        with self._failing(key), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._inner, check_key(key))

    def copy(self, source: str, target: str) -> bool:
        import obstore

        with self._failing(target):
            try:
                obstore.copy(self._inner, check_key(source), check_key(target))
            except FileNotFoundError:
                return False
        return True

    def upload(self, source: Path, key: str, moved: Moved = unheard, sha256: str = "") -> None:
        import obstore

        if not source.is_file():
            remedy = "Name a file."
            raise StoreError("store/unreachable", f"{source} is no file.", remedy=remedy, where=self._uri(key))
        with self._failing(key):
            chunks, size = _chunks(source, sha256), source.stat().st_size
            if size <= _CHUNK:
                obstore.put(self._inner, check_key(key), b"".join(chunks), use_multipart=False)
            else:
                obstore.put(self._inner, check_key(key), chunks, chunk_size=_CHUNK)
            moved(size)

    def download(self, key: str, target: Path) -> bool:
        import obstore

        with self._failing(key):
            try:
                stream = obstore.get(self._inner, check_key(key)).stream(min_chunk_size=_CHUNK)
            except FileNotFoundError:
                return False
            with target.open("wb") as file:
                for chunk in stream:
                    file.write(chunk)
        return True

    def local_path(self, key: str) -> Path | None:
        return None

    def sweep(self, prefix: str, before: float) -> int:
        """Nothing: both clouds forget unfinished uploads, Azure in a week and Google by the bucket's lifecycle rule."""
        return 0

    def _uri(self, key: str) -> str:
        return f"{self.uri}/{key}" if key else self.uri

    @contextlib.contextmanager
    def _failing(self, key: str) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError) as error:
            raise _told(error, self._uri(key)) from error


def _chunks(source: Path, sha256: str) -> Iterator[bytes]:
    """A file's bytes, hashed as they are read; the last come only where the digest is right, so nothing is completed.

    Raises:
        IntegrityError: The file has another digest than ``sha256``, where one is given.
    """
    state, held = hashlib.sha256(), b""
    with source.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if held:
                yield held
            if sha256:
                state.update(chunk)
            held = chunk
    if sha256:
        verify(state.hexdigest(), sha256, str(source))
    yield held


def _told(error: Exception, where: str) -> StoreError:
    reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    remedy = "Check the address and the credentials (GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT_NAME)."
    return StoreError("store/unreachable", f"{reason}.", remedy=remedy, where=where)
