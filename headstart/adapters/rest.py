"""Asking a cluster's HTTP API: JSON there and back, no redirect followed, and one error where nobody answers."""

import http.client
import json
import re
import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple, TypeVar
from urllib.error import URLError
from urllib.parse import urlsplit

from headstart.errors import JobError, UsageError

T = TypeVar("T")

_SECONDS = 30.0
_PAUSES = (0.2, 0.8)  # before a question that changes nothing is asked again
_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)


class Answer(NamedTuple):
    """What an API answered, whatever the status."""

    status: int
    reason: str
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    @property
    def is_trouble(self) -> bool:
        """Whether the status says that whoever answers has trouble of its own: nothing is said of what was asked."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status in _LATER

    def of(self, kind: type[T], refused: Callable[["Answer"], JobError], stranger: Callable[[], JobError]) -> T:
        """The body as JSON of a kind.

        Args:
            kind: What JSON gives: dict or list.
            refused: The error where the status says no success.
            stranger: The error where the body is something else: another server answers.

        Raises:
            JobError: One of these.
        """
        if not self.is_good:
            raise refused(self)
        said = self.said(kind)
        if said is None:
            raise stranger()
        return said

    def said(self, kind: type[T]) -> T | None:
        """The body as JSON of a kind; None where it is none."""
        try:
            said = json.loads(self.body)
        except ValueError:
            return None
        return said if isinstance(said, kind) else None

    def told(self) -> str:
        """The status, and the last line of the body as it may be shown: a traceback says there what went wrong."""
        lines = [line.strip() for line in self.body.decode("utf-8", errors="replace").splitlines() if line.strip()]
        text = lines[-1][:300] if lines and not lines[0].startswith("<") else ""  # a page is for browsers
        return f"it answered {self.status} {self.reason}".rstrip() + (f": {text}" if text else "")


class Rest:
    """An API at an address, asked through the environment's proxy if there is one.

    Args:
        address: Such as ``https://ray.example.com:8265``.
        headers: Gives the headers of a request, with a token that may have changed since the last one.
        context: Whose certificates are trusted; by default the system's.

    Raises:
        UsageError: The address is none, or carries credentials.
    """

    def __init__(
        self,
        address: str,
        headers: Callable[[], Mapping[str, str]] = dict,
        context: ssl.SSLContext | None = None,
    ) -> None:
        if not _is_address(address):
            shown = "***" if "@" in address else address
            remedy = "Write http://HOST:PORT or https://HOST:PORT, without credentials."
            raise UsageError("usage", f"{shown!r} is no address of an API.", remedy=remedy, where="--address")
        self.address = address.rstrip("/")
        self._headers = headers
        # No handler that follows redirects: a token must not go where somebody else points to.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=context),
        ):
            self._opener.add_handler(handler)

    def ask(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Answer:
        """Ask once, and where nothing would be changed by it again if the connection fails.

        Args:
            method: The HTTP method.
            path: What is asked for, with its query.
            body: JSON data to send.
            kind: The type of the data, where it is not plain JSON.

        Raises:
            JobError: ``job/unreachable``; what was asked for may have been done all the same.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "Content-Type": kind, **self._headers()}
        request = urllib.request.Request(f"{self.address}{path}", data, headers, method=method)  # noqa: S310 (checked)
        for pause in (*_PAUSES, None) if method == "GET" else (None,):
            try:
                with self._opener.open(request, timeout=_SECONDS) as answer:
                    return Answer(answer.status, answer.reason or "", answer.read())
            except (OSError, http.client.HTTPException) as error:
                cause = error.reason if isinstance(error, URLError) else error
                if pause is None or isinstance(cause, TimeoutError):
                    raise self._unreachable(cause) from None
            except ValueError:  # of http.client, whose words repeat the header
                remedy = "Look for a line break or a stray character in it."
                raise UsageError("usage", "the token cannot be sent.", remedy=remedy, where=self.address) from None
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _unreachable(self, cause: str | BaseException) -> JobError:
        reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        remedy = "Check the address and the connection; a job that runs there goes on."
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = f"its certificate is not trusted, {cause.verify_message}"
            remedy = "Name its authority's certificate in SSL_CERT_FILE; in a kubeconfig it is certificate-authority."
        return JobError("job/unreachable", f"it cannot be reached: {reason}.", remedy=remedy, where=self.address)


def _is_address(address: str) -> bool:
    """Whether it is an address of an API: paths can be put behind it, and nothing in it is a secret."""
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0  # another than 1 to 65535 is refused by asking for it
    except ValueError:
        return False
    is_plain = re.fullmatch(r"[!-~]*", parts.path) and not re.search(r"[\s?#@]", address)
    return bool(parts.scheme in ("http", "https") and parts.hostname and has_port and is_plain)
