"""The S3 store, through s3fs. Endpoint and credentials come from the environment, as for every AWS tool."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headstart import digest
from headstart.adapters import s3_errors, s3_parts
from headstart.errors import StoreError
from headstart.store import Moved, ObjectInfo, check_key, is_key, unheard

_TAKEN, _CONFLICT, _NO_RANGE = 412, 409, 416
_CONFLICT_RETRIES = 8
_READ_ATTEMPTS = 5
_CONNECTIONS = 32


def file_system() -> Any:
    """An s3fs file system that works with AWS and with other servers.

    Checksums of requests and responses are left to where the server requires them: several servers refuse
    them, and every read is verified by sha256 anyway.
    """
    import s3fs

    when_required = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
    config = when_required | {"max_pool_connections": _CONNECTIONS}
    return s3fs.S3FileSystem(config_kwargs=config, use_listings_cache=False)


class S3Store:
    """Objects under ``s3://bucket/prefix``.

    The commit is a single PutObject with ``If-None-Match: *``, through s3fs's low-level call: its file
    interface drops the condition on empty and on multipart writes.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri.rstrip("/")
        self._bucket, _, self._prefix = self.uri.removeprefix("s3://").partition("/")
        self._start = f"{self._prefix}/" if self._prefix else ""
        self._fs = file_system()
        self._bucket_seen = False

    @property
    def product(self) -> str:
        with self._failing(""):
            reply = self._fs.call_s3("head_bucket", Bucket=self._bucket)
        name = reply["ResponseMetadata"]["HTTPHeaders"].get("server", "nothing")
        return f"the S3 server at {self._fs.s3.meta.endpoint_url}, which calls itself {name}"

    def get(self, key: str) -> bytes | None:
        return self._get(key)

    def read(self, key: str, start: int, length: int) -> bytes | None:
        if length == 0:
            return b""
        return self._get(key, Range=f"bytes={start}-{start + length - 1}")

    def put(self, key: str, data: bytes) -> None:
        with self._failing(key):
            self._call("put_object", key, Body=data)

    def create(self, key: str, data: bytes) -> bool:
        for attempt in range(_CONFLICT_RETRIES):
            try:
                self._call("put_object", key, Body=data, IfNoneMatch="*")
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
                head = self._call("head_object", key)
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
                page = self._fs.call_s3("list_objects_v2", Bucket=self._bucket, Prefix=self._start + prefix, **more)
            for item in page.get("Contents", ()):
                yield ObjectInfo(item["Key"].removeprefix(self._start), item["Size"], item["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, key: str) -> None:
        with self._failing(key):
            self._call("delete_object", key)

    def copy(self, source: str, target: str) -> bool:
        with self._failing(target):
            try:
                self._fs.cp_file(self._path(source), self._path(target))
            except FileNotFoundError:
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
                self._call("put_object", key, Body=data)
                moved(size)
                return
            try:
                s3_parts.upload(self._parts(key), self._start + key, source, moved, sha256)
            except FileNotFoundError:
                # A twin finished or gave up the upload that both continued, or our own success was not heard of.
                self._check_bucket()
                s3_parts.upload(self._parts(key), self._start + key, source, unheard, sha256)

    def download(self, key: str, target: Path) -> bool:
        if target.is_dir() or not target.parent.is_dir():  # s3fs would do nothing, or say that the object is missing
            raise self._no_file(target, key)
        with self._failing(key):
            try:
                self._fs.get_file(self._path(key), str(target))
            except FileNotFoundError:
                self._check_bucket()
                return False
        return True

    def local_path(self, key: str) -> Path | None:
        return None

    def sweep(self, prefix: str, before: float) -> int:
        with self._failing(""):
            call = self._parts("")
            old = [
                each
                for each in s3_parts.unfinished(call, self._start + prefix)
                if each["Initiated"].timestamp() < before
            ]
            for each in old:
                with contextlib.suppress(FileNotFoundError):
                    call("abort_multipart_upload", Key=each["Key"], UploadId=each["UploadId"])
        return len(old)

    def _get(self, key: str, **arguments: str) -> bytes | None:
        from fsspec.asyn import sync

        path = self._path(key).partition("/")[2]
        with self._failing(key):
            try:
                data: bytes = sync(self._fs.loop, self._body, Bucket=self._bucket, Key=path, **arguments)
            except FileNotFoundError:
                self._check_bucket()
                return None
            except OSError as error:
                if s3_errors.status(error) == _NO_RANGE:  # it starts where the object has ended
                    return b""
                raise
        return data

    async def _body(self, **arguments: str) -> bytes:
        """An object's bytes by one request, unless the answer is cut short."""
        from aiohttp import ClientError

        for attempt in range(_READ_ATTEMPTS):
            reply = await self._fs._call_s3("get_object", **arguments)
            try:
                data: bytes = await reply["Body"].read()
            except (ClientError, TimeoutError):
                if attempt == _READ_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(0.1 * 2**attempt)
            else:
                return data
            finally:
                reply["Body"].close()
        raise AssertionError("the last attempt returns or raises")

    def _no_file(self, path: Path, key: str) -> StoreError:
        remedy = "Name a file in a folder that exists."
        return StoreError("store/unreachable", f"{path} is no file.", remedy=remedy, where=self._uri(key))

    def _call(self, method: str, key: str, **arguments: Any) -> Any:
        return self._fs.call_s3(method, Bucket=self._bucket, Key=self._path(key).partition("/")[2], **arguments)

    def _parts(self, key: str) -> s3_parts.Call:
        """Methods on an object, as uploads in parts call them."""

        def call(method: str, **arguments: Any) -> Any:
            named = {"Bucket": self._bucket, "Key": self._start + key} | arguments
            return self._fs.call_s3(method, **{name: each for name, each in named.items() if each is not None})

        return call

    def _path(self, key: str) -> str:
        return "/".join(filter(None, (self._bucket, self._prefix, check_key(key))))

    def _uri(self, key: str) -> str:
        return f"{self.uri}/{key}" if key else self.uri

    def _check_bucket(self) -> None:
        """Tell a missing object, which is an answer, from a missing bucket, which is a mistake; asked once."""
        if not self._bucket_seen:
            with self._failing(""):
                self._fs.call_s3("head_bucket", Bucket=self._bucket)
            self._bucket_seen = True

    @contextlib.contextmanager
    def _failing(self, key: str) -> Iterator[None]:
        from aiohttp import ClientError
        from botocore.exceptions import BotoCoreError

        try:
            yield
        except FileNotFoundError as error:
            problem, remedy = f"there is no bucket {self._bucket!r}.", "Create it, or name another."
            raise StoreError("store/unreachable", problem, remedy=remedy, where=self.uri) from error
        except (OSError, BotoCoreError, ClientError) as error:
            raise s3_errors.told(error, self._uri(key)) from error
