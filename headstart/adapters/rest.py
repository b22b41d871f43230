"""Asking a cluster's HTTP API: JSON there and back, no redirect followed, and one error where nobody answers."""

import http.client
import json
import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar
from urllib.error import URLError
from urllib.parse import urlsplit

from headstart.errors import JobError, UsageError

T = TypeVar("T")

_SECONDS = 30.0
_PAUSES = (0.2, 0.8)  # before a question that changes nothing is asked again


class Answer(NamedTuple):
    """What an API answered, whatever the status."""

    status: int
    reason: str
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

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
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
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
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _unreachable(self, cause: str | BaseException) -> JobError:
        reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        remedy = "Check the address and the connection; a job that runs there goes on."
        return JobError("job/unreachable", f"it cannot be reached: {reason}.", remedy=remedy, where=self.address)
