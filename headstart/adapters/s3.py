"""The S3 store, through botocore. Endpoint and credentials come from the environment, as for every AWS tool."""

import contextlib
import functools
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from botocore.session import Session

from headstart import digest
from headstart.adapters import s3_errors, s3_parts
from headstart.errors import StoreError
from headstart.store import Moved, ObjectInfo, check_key, is_key, unheard

_TAKEN, _CONFLICT, _NO_RANGE = 412, 409, 416
_KINDS: dict[int | None, type[OSError]] = {403: PermissionError, 404: FileNotFoundError}
_CONFLICT_RETRIES = 8
_READ_ATTEMPTS = 5
_CHUNK = 1 << 20
_SETTINGS = {
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
    "max_pool_connections": 32,
}
"""Checksums of requests and responses are left to where the server requires them: several servers refuse them, and
every read is verified by sha256 anyway."""

R = TypeVar("R")


def file_system() -> Any:
    """An s3fs file system, for libraries that ask for one, which works with AWS and with other servers."""
    import s3fs

    return s3fs.S3FileSystem(config_kwargs=dict(_SETTINGS), use_listings_cache=False)


@functools.lru_cache
def _client(process: int, environment: tuple[tuple[str, str], ...]) -> Any:
    """A client, one for all stores that are reached alike: to make one takes long.

    Args:
        process: The process that it is for: a connection that a fork shares is of no use to either.
        environment: What the environment says to AWS tools.

    Raises:
        StoreError: It names an endpoint or a region that cannot be one.
    """
    try:
        return Session().create_client("s3", config=Config(**_SETTINGS))
    except ValueError as error:  # BotoCoreErrors are of the call that wants the client
        remedy = "Write AWS_ENDPOINT_URL as http://HOST:PORT or https://HOST, and check AWS_DEFAULT_REGION."
        raise StoreError("store/unreachable", f"{error}.", remedy=remedy) from None


class S3Store:
    """Objects under ``s3://bucket/prefix``.

    The commit is a single PutObject with ``If-None-Match: *``. Threads share the client.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri.rstrip("/")
        self._bucket, _, prefix = self.uri.removeprefix("s3://").partition("/")
        self._start = f"{prefix}/" if prefix else ""
        self._environment = tuple(sorted(each for each in os.environ.items() if each[0].startswith("AWS_")))
        self._bucket_seen = False

    def __reduce__(self) -> tuple[type["S3Store"], tuple[str]]:
        """Another process reaches it by its own environment: no secret travels."""
        return S3Store, (self.uri,)

    @property
    def product(self) -> str:
        with self._failing(""):
            reply = self._call("head_bucket")
        name = reply["ResponseMetadata"]["HTTPHeaders"].get("server", "nothing")
        return f"the S3 server at {self._client.meta.endpoint_url}, which calls itself {name}"

    def get(self, key: str) -> bytes | None:
        return self._get(key)

    def read(self, key: str, start: int, length: int) -> bytes | None:
        if length == 0:
            return b""
        return self._get(key, Range=f"bytes={start}-{start + length - 1}")

    def put(self, key: str, data: bytes) -> None:
        with self._failing(key):
            self._on(key)("put_object", Body=data)

    def create(self, key: str, data: bytes) -> bool:
        for attempt in range(_CONFLICT_RETRIES):
            try:
                self._on(key)("put_object", Body=data, IfNoneMatch="*")
            except Exception as error:
                status = s3_errors.status(error)
                if status == _CONFLICT:  # nothing is settled yet: the same write again
                    time.sleep(0.05 * 2**attempt)
                    continue
                # Taken, or the reply was lost, which may hide our own success: only the object can tell.
                held = self.get(key)
                if held is None and status != _TAKEN:
                    with self._failing(key):
                        raise
                return held == data
            return True
        raise StoreError(
            "store/unreachable", "conflicting writes did not settle.", remedy="Try again.", where=self._uri(key)
        )

    def stat(self, key: str) -> ObjectInfo | None:
        with self._failing(key):
            try:
                head = self._on(key)("head_object")
            except FileNotFoundError:
                self._check_bucket()
                return None
        return ObjectInfo(key, head["ContentLength"], head["LastModified"].timestamp())

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        if prefix and not is_key(prefix.removesuffix("/")):
            return
        more = {"StartAfter": self._start + after} if after else {}
        while True:
            with self._failing(prefix):
                page = self._call("list_objects_v2", Prefix=self._start + prefix, **more)
            for item in page.get("Contents", ()):
                yield ObjectInfo(item["Key"].removeprefix(self._start), item["Size"], item["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, key: str) -> None:
        with self._failing(key):
            self._on(key)("delete_object")

    def copy(self, source: str, target: str) -> bool:
        with self._failing(target):
            info = self.stat(source)
            if info is None:
                return False
            where = {"Bucket": self._bucket, "Key": self._start + source}
            try:
                s3_parts.copy(self._on(target), where, info.size)
            except FileNotFoundError:  # it was deleted meanwhile
                self._check_bucket()
                return False
        return True

    def upload(self, source: Path, key: str, moved: Moved = unheard, sha256: str = "") -> None:
        if not source.is_file():
            raise self._no_file(source, key)
        check_key(key)
        size = source.stat().st_size
        with self._failing(key):
            if size <= s3_parts.SMALL:
                data = source.read_bytes()
                if sha256:
                    digest.verify(digest.sha256(data), sha256, str(source))
                self._on(key)("put_object", Body=data)
                moved(size)
                return
            try:
                s3_parts.upload(self._on(key), self._start + key, source, moved, sha256)
            except FileNotFoundError:
                # A twin finished or gave up the upload that both continued, or our own success was not heard of.
                self._check_bucket()
                s3_parts.upload(self._on(key), self._start + key, source, unheard, sha256)

    def download(self, key: str, target: Path) -> bool:
        if target.is_dir() or not target.parent.is_dir():  # else it would look as if the object were missing
            raise self._no_file(target, key)

        def write(body: Any) -> bool:
            with target.open("wb") as file:
                shutil.copyfileobj(body, file, _CHUNK)
            return True

        with self._failing(key):
            try:
                return self._taken(key, write)
            except FileNotFoundError:
                self._check_bucket()
                return False

    def local_path(self, key: str) -> Path | None:
        return None

    def sweep(self, prefix: str, before: float) -> int:
        with self._failing(""):
            begun = s3_parts.unfinished(self._call, self._start + prefix)
            old = [each for each in begun if each["Initiated"].timestamp() < before]
            for each in old:
                with contextlib.suppress(FileNotFoundError):
                    self._call("abort_multipart_upload", Key=each["Key"], UploadId=each["UploadId"])
        return len(old)

    def _get(self, key: str, **arguments: str) -> bytes | None:
        with self._failing(key):
            try:
                return self._taken(key, lambda body: bytes(body.read()), **arguments)
            except FileNotFoundError:
                self._check_bucket()
                return None
            except OSError as error:
                if s3_errors.status(error) == _NO_RANGE:  # it starts where the object has ended
                    return b""
                raise

    def _taken(self, key: str, take: Callable[[Any], R], **arguments: str) -> R:
        """What ``take`` makes of an object's bytes, by one request, unless the answer is cut short."""
        for attempt in range(_READ_ATTEMPTS):
            with contextlib.closing(self._on(key)("get_object", **arguments)["Body"]) as body:
                try:
                    return take(body)
                except (HTTPClientError, IncompleteReadError):
                    if attempt == _READ_ATTEMPTS - 1:
                        raise
            time.sleep(0.1 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _no_file(self, path: Path, key: str) -> StoreError:
        remedy = "Name a file in a folder that exists."
        return StoreError("store/unreachable", f"{path} is no file.", remedy=remedy, where=self._uri(key))

    @property
    def _client(self) -> Any:
        return _client(os.getpid(), self._environment)

    def _call(self, method: str, **arguments: Any) -> Any:
        """Call a method on the bucket; arguments that are None are left out.

        Raises:
            FileNotFoundError: There is no such object, upload or bucket.
            OSError: The server refuses something else.
        """
        said = {name: each for name, each in arguments.items() if each is not None}
        try:
            return getattr(self._client, method)(Bucket=self._bucket, **said)
        except ClientError as error:
            raise _KINDS.get(s3_errors.status(error), OSError)(str(error)) from error

    def _on(self, key: str) -> s3_parts.Call:
        """Methods on an object."""
        return functools.partial(self._call, Key=self._start + check_key(key))

    def _uri(self, key: str) -> str:
        return f"{self.uri}/{key}" if key else self.uri

    def _check_bucket(self) -> None:
        """Tell a missing object, which is an answer, from a missing bucket, which is a mistake; asked once."""
        if not self._bucket_seen:
            with self._failing(""):
                self._call("head_bucket")
            self._bucket_seen = True

    @contextlib.contextmanager
    def _failing(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            problem, remedy = f"there is no bucket {self._bucket!r}.", "Create it, or name another."
            raise StoreError("store/unreachable", problem, remedy=remedy, where=self.uri) from error
        except (OSError, BotoCoreError) as error:
            raise s3_errors.told(error, self._uri(key)) from error
