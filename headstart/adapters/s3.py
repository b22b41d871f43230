"""The S3 store, through s3fs. Endpoint and credentials come from the environment, as for every AWS tool."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headstart.errors import StoreError
from headstart.store import ObjectInfo, check_key, is_key

_MISSING, _TAKEN, _CONFLICT = 404, 412, 409
_CONFLICT_RETRIES = 8


def file_system() -> Any:
    """An s3fs file system that works with AWS and with other servers.

    Checksums of requests and responses are left to where the server requires them: several servers refuse
    them, and every read is verified by sha256 anyway.
    """
    import s3fs

    when_required = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
    return s3fs.S3FileSystem(config_kwargs=when_required, use_listings_cache=False)


class S3Store:
    """Objects under ``s3://bucket/prefix``.

    The commit is a single PutObject with ``If-None-Match: *``, through s3fs's low-level call: its file
    interface drops the condition on empty and on multipart writes.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri.rstrip("/")
        self._bucket, _, self._prefix = self.uri.removeprefix("s3://").partition("/")
        self._fs = file_system()
        self._bucket_seen = False

    def get(self, key: str) -> bytes | None:
        with self._failing(key):
            try:
                data: bytes = self._fs.cat_file(self._path(key))
            except FileNotFoundError:
                self._check_bucket()
                return None
        return data

    def put(self, key: str, data: bytes) -> None:
        with self._failing(key):
            self._call("put_object", key, Body=data)

    def create(self, key: str, data: bytes) -> bool:
        for attempt in range(_CONFLICT_RETRIES):
            try:
                self._call("put_object", key, Body=data, IfNoneMatch="*")
            except Exception as error:
                status = _status(error)
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

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        if prefix and not is_key(prefix.removesuffix("/")):
            return
        start = f"{self._prefix}/" if self._prefix else ""
        more: dict[str, str] = {}
        while True:
            with self._failing(prefix):
                page = self._fs.call_s3("list_objects_v2", Bucket=self._bucket, Prefix=start + prefix, **more)
            for item in page.get("Contents", ()):
                yield ObjectInfo(item["Key"].removeprefix(start), item["Size"], item["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, key: str) -> None:
        with self._failing(key):
            self._call("delete_object", key)

    def upload(self, source: Path, key: str) -> None:
        if not source.is_file():
            raise self._no_file(source, key)
        with self._failing(key):
            self._fs.put_file(str(source), self._path(key))

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

    def _no_file(self, path: Path, key: str) -> StoreError:
        remedy = "Name a file in a folder that exists."
        return StoreError("store/unreachable", f"{path} is no file.", remedy=remedy, where=self._uri(key))

    def _call(self, method: str, key: str, **arguments: Any) -> Any:
        return self._fs.call_s3(method, Bucket=self._bucket, Key=self._path(key).partition("/")[2], **arguments)

    def _path(self, key: str) -> str:
        return "/".join(filter(None, (self._bucket, self._prefix, check_key(key))))

    def _uri(self, key: str) -> str:
        return f"{self.uri}/{key}"

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
            remedy = "Check AWS_ENDPOINT_URL, the region and the credentials, and that they may do this."
            reason = str(error).rstrip(".") or type(error).__name__
            raise StoreError("store/unreachable", f"{reason}.", remedy=remedy, where=self._uri(key)) from error


def _status(error: BaseException | None) -> int | None:
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            return status if isinstance(status, int) else None
        error = error.__cause__
    return None
