"""Large files to S3: in parts, several at once, and continued where an earlier attempt was cut off.

Nothing is kept on this side. The server knows which parts of an upload it has, and S3 gives a part's MD5 as its ETag:
a part whose ETag is that of our bytes need not be sent again. The upload is completed by the list of all ETags, which
the server compares, so that two who continue one upload cannot mix their bytes.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from headstart.digest import sha256_file, verify
from headstart.errors import IntegrityError
from headstart.store import Moved

SMALL = 16 * 2**20
"""Bytes up to which a file goes in one request."""
_PART = 8 * 2**20
_MOST_PARTS = 10_000
_COPIED = 2**30
"""Bytes that the server copies in one request; S3 takes five times as many, which takes minutes."""
_AT_ONCE = 8

Call = Callable[..., Any]
"""A method of S3 on the object: its name, and arguments other than Bucket and Key."""


class Part(NamedTuple):
    """A part of a file: ``number`` from 1, ``start`` and ``length`` in bytes."""

    number: int
    start: int
    length: int


def parts_of(size: int, least: int = _PART) -> Iterator[Part]:
    """The parts of ``size`` bytes, of ``least`` or more but for the last: by these alone, so that attempts agree."""
    length = max(least, -(-size // _MOST_PARTS))
    for number, start in enumerate(range(0, size, length), start=1):
        yield Part(number, start, min(length, size - start))


def upload(call: Call, key: str, source: Path, moved: Moved, sha256: str) -> None:
    """Upload a file in parts, and hash it meanwhile.

    Args:
        call: A method of S3 on the object.
        key: The object's key in its bucket.
        source: The file.
        moved: Hears of the bytes that were sent or were there already.
        sha256: The file's digest, or "" where it needs no check.

    Raises:
        IntegrityError: The file has another digest; what was sent of it is given up.
        FileNotFoundError: Somebody else ended the upload: it may be tried again.
    """
    parts = list(parts_of(source.stat().st_size))
    upload_id, there = _unfinished(call, key, source, parts)
    upload_id = upload_id or call("create_multipart_upload")["UploadId"]

    def send(part: Part) -> str:
        etag = there.get(part.number)
        if etag is None:
            sent = call("upload_part", UploadId=upload_id, PartNumber=part.number, Body=_bytes(source, part))
            etag = sent["ETag"]
        moved(part.length)
        return etag

    with ThreadPoolExecutor(_AT_ONCE + 1) as pool:
        hashing = pool.submit(sha256_file, source) if sha256 else None
        etags = list(pool.map(send, parts))
    if hashing:
        try:
            verify(hashing.result(), sha256, str(source))
        except IntegrityError:
            call("abort_multipart_upload", UploadId=upload_id)
            raise
    _complete(call, upload_id, etags)


def copy(call: Call, source: Mapping[str, str], size: int) -> None:
    """Copy an object inside the server, in parts where one request cannot do it.

    Args:
        call: A method of S3 on the new object.
        source: Bucket and key of the old one.
        size: Its size in bytes.

    Raises:
        FileNotFoundError: There is no old one.
    """
    if size <= _COPIED:
        call("copy_object", CopySource=source)
        return
    upload_id = call("create_multipart_upload")["UploadId"]

    def send(part: Part) -> str:
        which = f"bytes={part.start}-{part.start + part.length - 1}"
        sent = call(
            "upload_part_copy", UploadId=upload_id, PartNumber=part.number, CopySource=source, CopySourceRange=which
        )
        etag: str = sent["CopyPartResult"]["ETag"]
        return etag

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        _complete(call, upload_id, list(pool.map(send, parts_of(size, _COPIED))))


def _complete(call: Call, upload_id: str, etags: list[str]) -> None:
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
    call("complete_multipart_upload", UploadId=upload_id, MultipartUpload={"Parts": parts})


def _unfinished(call: Call, key: str, source: Path, parts: list[Part]) -> tuple[str, dict[int, str]]:
    """The earlier upload that has most of our bytes, and the ETag of each part that is there."""
    best: tuple[str, dict[int, str]] = ("", {})
    try:
        begun = [each for each in unfinished(call, key) if each["Key"] == key]
    except OSError:  # the right to list uploads is one of its own; without it, all parts are sent
        return best
    for each in begun:
        there = {part["PartNumber"]: part["ETag"] for part in _sent(call, each["UploadId"])}
        ours = {part.number: there[part.number] for part in parts if _is(source, part, there.get(part.number, ""))}
        if len(ours) > len(best[1]):
            best = (each["UploadId"], ours)
    return best


def unfinished(call: Call, prefix: str) -> Iterator[dict[str, Any]]:
    """Every upload to a key with a prefix that was begun and neither completed nor given up."""
    more: dict[str, str] = {}
    while True:
        page = call("list_multipart_uploads", Key=None, Prefix=prefix, **more)
        yield from page.get("Uploads", ())
        if not page.get("IsTruncated"):
            return
        more = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}


def _sent(call: Call, upload_id: str) -> Iterator[dict[str, Any]]:
    more: dict[str, int] = {}
    while True:
        try:
            page = call("list_parts", UploadId=upload_id, **more)
        except FileNotFoundError:  # completed or given up since it was listed
            return
        yield from page.get("Parts", ())
        if not page.get("IsTruncated"):
            return
        more = {"PartNumberMarker": page["NextPartNumberMarker"]}


def _is(source: Path, part: Part, etag: str) -> bool:
    return bool(etag) and hashlib.md5(_bytes(source, part), usedforsecurity=False).hexdigest() == etag.strip('"')


def _bytes(source: Path, part: Part) -> bytes:
    with source.open("rb") as stream:
        stream.seek(part.start)
        return stream.read(part.length)
