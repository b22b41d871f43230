"""What a field of a Label Studio task's data holds: text, or the address of a picture, a sound or another file."""

import re
from contextlib import suppress
from posixpath import basename, splitext
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.labels.tables.pieces import number

Look = Literal["text", "image", "file", "other"]

_IMAGES = re.compile(r"jpe?g|jfif|png|gif|bmp|webp|tiff?|svg|avif|heic")
_FILES = re.compile(r"wav|mp3|flac|ogg|opus|m4a|aac|mp4|webm|avi|mov|mkv|csv|tsv|json|txt|html?|pdf")
_LONGEST = 4096  # characters of an address
_MEDIA = "/data/upload/"
_LOCAL = "/data/local-files/"
_STORED = (_MEDIA, _LOCAL, "s3://", "gs://", "azure-blob://")
_SPACE = re.compile(r"\s")


def look(value: Any) -> Look:
    """What a value looks like."""
    if not isinstance(value, str) or number(value) is not None:
        return "other"
    if value.startswith("data:") and not _SPACE.search(value, 0, _LONGEST):
        return "image" if value.startswith("data:image/") else "file"
    suffix = splitext(_path(value))[1].lower().removeprefix(".")
    if _IMAGES.fullmatch(suffix):
        return "image"
    return "file" if _FILES.fullmatch(suffix) else "text"


def is_stored(value: str) -> bool:
    """Whether a value is the address of a file in Label Studio's own storage or in a bucket, and no text itself."""
    return value.startswith(_STORED) and not _SPACE.search(value)


def image(reference: str, file: SourceFile) -> bytes:
    """The bytes of an image: as the export calls it, or where it is in Label Studio's folder of media or in a copy.

    Only uploads have names that are their own in all folders.

    Raises:
        UnseenImage: It cannot be had.
    """
    try:
        return file.image(reference)
    except UnseenImage:
        for elsewhere in _elsewhere(reference):
            with suppress(UnseenImage):
                return file.image(elsewhere)
        raise


def _elsewhere(reference: str) -> list[str]:
    path = _path(reference)
    if reference.startswith(_MEDIA):
        return [each for each in (path.removeprefix("/data/"), basename(path)) if each]
    return [path] if path and reference.startswith(_LOCAL) else []


def _path(address: str) -> str:
    """The path of an address; empty where the value cannot be one."""
    if len(address) > _LONGEST or _SPACE.search(address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if address.startswith(_LOCAL):
        return next(iter(parse_qs(parts.query).get("d", [])), "")
    return unquote(parts.path) if parts.scheme or address.startswith("/") else address
