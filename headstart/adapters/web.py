"""Files from the web: from hosts that may be asked, no larger and no slower than is sensible, and whole."""

import contextlib
import http.client
import re
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from headstart.adapters import hosts
from headstart.adapters.connection import PORTS, Target, answered, failing
from headstart.cache import cache_folder
from headstart.errors import DataError, StoreError
from headstart.labels.records import printable

MOST_BYTES = 32 << 30  # as much as an archive may unpack to
_REDIRECTS = 5
# A server that sends a byte now and then is never silent: after a minute it must have kept this pace.
_PATIENCE_SECONDS, _BYTES_A_SECOND = 60.0, 1024
_CHUNK = 1 << 20
_MOVED = (301, 302, 303, 307, 308)
_MISSING = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_SECRET = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_DOWNLOAD = "Download it yourself and name the file, or an s3:// URI."
_PATH, _QUERY = "/%:@!$&'()*+,;=~", "/%:@!$&'()*+,;=~?[]"  # what may stand as it is


def download(url: str, folder: Path) -> tuple[Path, str]:
    """Fetch a file into a folder.

    Redirects are followed, each to a host that is checked, and none away from encryption. No credentials are sent.

    Returns:
        The file, and its name in the address that was asked for.

    Raises:
        DataError: The address is none or has credentials, the host may not be asked, or the answer is no file, not
            whole, too large or too slow.
        StoreError: The folder cannot be written to.
    """
    with _file(url) as (answer, target):
        return _save(answer, folder / "download", target), _name(_target(url))


def content(url: str, most: int, seconds: float) -> bytes | None:
    """A file's bytes, fetched as :func:`download` does; None where they are more than ``most``.

    Raises:
        DataError: As there, or it takes longer than ``seconds``.
    """
    started = time.monotonic()
    held = bytearray()
    with _file(url) as (answer, target):
        for chunk in _chunks(answer, target):
            held += chunk
            if len(held) + (answer.length or 0) > most:  # with what is announced and still to come
                return None
            if time.monotonic() - started > seconds:
                raise _failure(target, f"it takes longer than {seconds:g} seconds")
    return bytes(held)


@contextlib.contextmanager
def _file(url: str) -> Iterator[tuple[http.client.HTTPResponse, Target]]:
    """The answer that holds the file, wherever the address leads to."""
    first = target = _target(url)
    for _ in range(_REDIRECTS + 1):
        with answered(target) as answer:
            if answer.status not in _MOVED:
                _check(answer, target)
                yield answer, target
                return
            target = _next(target, answer.headers.get("Location", ""))
    raise _failure(first, f"it redirects more than {_REDIRECTS} times")


def _target(url: str) -> Target:
    where = printable(re.sub(r"//[^/?#]*@", "//***@", url).partition("?")[0].partition("#")[0])
    try:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("it is no http:// or https:// address")
        if "@" in parts.netloc:
            raise ValueError("it has credentials, which are not sent")
        host, port = hosts.plain(parts.hostname), parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise DataError("data/refused-host", f"{error}.", remedy=_DOWNLOAD, where=where) from None
    path = quote(parts.path or "/", safe=_PATH, errors="surrogateescape")
    query = quote(parts.query, safe=_QUERY, errors="surrogateescape")
    return Target(parts.scheme, host, port, f"{path}?{query}" if query else path, where)


def _next(target: Target, location: str) -> Target:
    """Where a redirect leads."""
    location = location.encode("latin-1", errors="replace").decode(errors="surrogateescape")  # headers hold bytes
    moved = _target(urljoin(f"{target.scheme}://{target.address}{target.path}", location))
    if target.scheme == "https" and moved.scheme != "https":
        problem = f"it redirects to {moved.where}, which is not encrypted."
        raise DataError("data/refused-host", problem, remedy=_DOWNLOAD, where=target.where)
    return moved


def _name(target: Target) -> str:
    name = unquote(target.path.partition("?")[0]).rpartition("/")[2] or target.host
    return "".join(character if character.isprintable() else "_" for character in printable(name))


def _check(answer: http.client.HTTPResponse, target: Target) -> None:
    if answer.status != HTTPStatus.OK:
        problem = f"the server answers {answer.status} {answer.reason}".rstrip()
        remedy = f"No credentials are sent. {_DOWNLOAD}" if answer.status in _SECRET else "Check the address."
        code = "data/not-found" if answer.status in _MISSING else "data/unreachable"
        raise DataError(code, f"{problem}.", remedy=remedy, where=target.where)
    if answer.length is not None and answer.length > MOST_BYTES:
        raise _too_large(target)


def _save(answer: http.client.HTTPResponse, path: Path, target: Target) -> Path:
    try:
        with path.open("wb") as file:
            for chunk in _chunks(answer, target):
                file.write(chunk)
    except OSError as error:
        remedy = "Free space there, or set HEADSTART_CACHE to another folder."
        raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(cache_folder())) from error
    return path


def _chunks(answer: http.client.HTTPResponse, target: Target) -> Iterator[bytes]:
    """The answer's bytes, as many as it announced; where it announces nothing, until the server ends."""
    expected = answer.length
    received, started = 0, time.monotonic()
    while expected is None or received < expected:
        with failing(target):
            chunk = answer.read1(_CHUNK if expected is None else min(_CHUNK, expected - received))
        if not chunk:
            break
        received += len(chunk)
        if received > MOST_BYTES:
            raise _too_large(target)
        if time.monotonic() - started > _PATIENCE_SECONDS + received / _BYTES_A_SECOND:
            raise _failure(target, f"it sends less than {_BYTES_A_SECOND} bytes a second")
        yield chunk
    if expected is not None and received < expected:
        raise _failure(target, f"it sent {received} of {expected} bytes")
    if not received and expected is None and not answer.chunked:  # it may have ended within its headers
        raise _failure(target, "it sent nothing")


def _too_large(target: Target) -> DataError:
    return _failure(target, f"it is larger than {MOST_BYTES >> 20} MiB")


def _failure(target: Target, problem: str) -> DataError:
    return DataError("data/unreachable", f"{problem}.", remedy=f"Try again. {_DOWNLOAD}", where=target.where)
