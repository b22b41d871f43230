"""Serving metrics to Prometheus over HTTP, or printing them once."""

import socket
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from headstart.errors import HeadstartError, UsageError
from headstart.monitoring.families import CONTENT_TYPE, Sample, text

_FRESH_SECONDS = 10.0  # several servers that ask, or one that asks often, cost the stores no more


class Source(Protocol):
    """Something that samples are read from."""

    def samples(self) -> list[Sample]:
        """All samples, as they are now.

        Raises:
            HeadstartError: They cannot be read.
        """


class Exporter:
    """Collects the samples of several sources.

    Args:
        sources: The sources by the names that they have in ``headstart_exporter_up``.
    """

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._taken = -_FRESH_SECONDS
        self._text = ""

    def once(self) -> str:
        """The text of all samples.

        Raises:
            HeadstartError: A source cannot be read.
        """
        started = time.monotonic()
        found = [each for source in self._sources.values() for each in source.samples()]
        found += [Sample("headstart_exporter_up", (name,), 1) for name in self._sources]
        return text([*found, _took(started)])

    def recent(self) -> str:
        """The text of all samples, at most some seconds old; a source that cannot be read is said to be down."""
        with self._lock:
            if time.monotonic() - self._taken >= _FRESH_SECONDS:
                started = time.monotonic()
                found = [sample for name, source in self._sources.items() for sample in _or_down(name, source)]
                self._text = text([*found, _took(started)])
                self._taken = time.monotonic()
            return self._text


def _or_down(name: str, source: Source) -> list[Sample]:
    try:
        return [*source.samples(), Sample("headstart_exporter_up", (name,), 1)]
    except HeadstartError:
        return [Sample("headstart_exporter_up", (name,), 0)]


def _took(started: float) -> Sample:
    return Sample("headstart_exporter_seconds", (), round(time.monotonic() - started, 3))


class Server(ThreadingHTTPServer):
    """Answers ``/metrics``, and ``/healthz`` without reading anything.

    Args:
        exporter: What is served.
        port: The port, on all addresses of this machine; 0 is a free one.

    Raises:
        UsageError: The port is taken, or may not be.
    """

    daemon_threads = True

    def __init__(self, exporter: Exporter, port: int) -> None:
        self.exporter = exporter
        self.address_family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET
        try:
            super().__init__(("", port), _Handler)
        except OSError as error:
            problem = f"port {port} cannot be listened on ({error.strerror})."
            raise UsageError("usage", problem, remedy="Choose another port.", where="--listen") from None

    def server_bind(self) -> None:
        """Listen to IPv4 too where this is IPv6."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
        """Say nothing of each request."""

    def do_GET(self) -> None:
        """Answer with metrics, with ok, or that there is nothing here."""
        if self.path.partition("?")[0] == "/metrics":
            self._send(HTTPStatus.OK, self.server.exporter.recent(), CONTENT_TYPE)
        elif self.path == "/healthz":
            self._send(HTTPStatus.OK, "ok\n", "text/plain")
        else:
            self._send(HTTPStatus.NOT_FOUND, "Metrics are at /metrics.\n", "text/plain")

    def _send(self, status: HTTPStatus, said: str, kind: str) -> None:
        body = said.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
