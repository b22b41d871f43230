"""What a record calls its image, and under which names of files that may be found.

Tools write where the image was when it was labeled: on their own server, or on somebody's Windows machine. Label Studio
writes these, all of which may follow the address of its server:

- ``/data/upload/<project>/<8 hex digits>-<file>`` for uploads, which lie in ``media/upload`` of its data folder; in
  snapshots ``upload/<project>/...``, in COCO ``../media/upload/<project>/...`` with any folders before, and
  ``/storage-data/uploaded/?filepath=upload/<project>/...``.
- ``/data/local-files/?d=<path>`` for files under its document root.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from headstart.labels.images.check import MOST_BYTES
from headstart.labels.sources.files import UnseenImage

_WEB = re.compile(r"https?://", re.IGNORECASE)
_URI = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_RANDOM = re.compile(r"[0-9a-f]{8}-(?=.)")
# How base64 of JPEG, PNG, GIF, WebP, BMP and TIFF starts. None of it has a dot, which names of files have.
_BARE = re.compile(r"(?:/9j/|iVBORw0KGgo|R0lGODdh|R0lGODlh|UklGR|Qk[0-3]|SUkqA|TU0AK)[A-Za-z0-9+/\s]{60}")
_LONGEST_NAME = 4096  # characters; longer ones no system takes
_LONGEST_IMAGE = MOST_BYTES // 3 * 4 + (1 << 20)  # characters of base64, with the ends of its lines


def is_on_the_web(reference: str) -> bool:
    """Whether it is an ``http://`` or ``https://`` address."""
    return _WEB.match(reference) is not None


def is_uri(reference: str) -> bool:
    """Whether it is a URI, and no mere path."""
    return _URI.match(reference) is not None


def contained(reference: str) -> bytes | None:
    """The bytes of an image that the reference itself is, as a data URI or base64; None where it is a name.

    Raises:
        UnseenImage: It is an image that cannot be decoded, or is too large.
    """
    if reference[:5].lower() == "data:":
        head, _, body = reference.partition(",")
        if not head.lower().endswith(";base64"):
            raise UnseenImage("unreadable-image")
    elif _BARE.match(reference) and "." not in reference:
        body = reference
    else:
        return None
    if len(body) > _LONGEST_IMAGE:
        raise UnseenImage("unreadable-image")
    try:
        return base64.b64decode("".join(unquote(body).split()), validate=True)
    except (binascii.Error, ValueError):
        raise UnseenImage("unreadable-image") from None


def names(reference: str) -> list[str]:
    """The names of files that may be meant, the likeliest first; none where only another machine can know."""
    if len(reference) > _LONGEST_NAME:
        return []
    return list(dict.fromkeys(spelt for name in _named(reference) for spelt in _spellings(name)))


def _named(reference: str) -> Iterator[str]:
    if reference[:7].lower() == "file://":
        host, _, path = reference[7:].partition("/")
        if host in ("", "localhost"):
            yield f"/{path}"
        return
    if not is_uri(reference):
        yield reference
    if is_on_the_web(reference) or not is_uri(reference):
        yield from _of_label_studio(reference)


def _of_label_studio(reference: str) -> Iterator[str]:
    path, _, query = reference.partition("?")
    if path.rstrip("/").endswith("/data/local-files"):
        _, _, name = f"&{query}".partition("&d=")
        for spelt in (name, unquote_plus(name)) if name else ():
            yield spelt.lstrip("/")
            yield f"/{spelt.lstrip('/')}"  # its document root is that of the machine by default
        return
    if path.rstrip("/").endswith("/storage-data/uploaded"):
        path = query.removeprefix("filepath=")
    *above, folder, project, file = ["", "", *path.replace("\\", "/").split("/")]
    if folder == "upload" and project.isdecimal() and (not any(above) or above[-1] in ("data", "media")):
        yield from (f"upload/{project}/{file}", f"{project}/{file}", file, _RANDOM.sub("", file, count=1))


def _spellings(name: str) -> Iterator[str]:
    """The name as it stands, and with what Windows and web addresses make of a name undone."""
    for spelt in (name, unquote(name)):
        yield spelt
        yield spelt.replace("\\", "/")
