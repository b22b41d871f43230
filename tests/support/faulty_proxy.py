"""An HTTP proxy before a real server that loses, refuses and damages replies, as networks and servers do."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal[
    "none",
    "lose the request",
    "lose the reply",
    "refuse with 409",
    "forbid",
    "another region",
    "clock skew",
    "unknown key",
    "fail after",
    "flip a bit",
    "cut short",
]
_REFUSALS: dict[Fault, tuple[int, str]] = {
    "refuse with 409": (409, "ConditionalRequestConflict"),
    "forbid": (403, "AccessDenied"),
    "another region": (400, "AuthorizationHeaderMalformed"),
    "clock skew": (403, "RequestTimeTooSkewed"),
    "unknown key": (403, "InvalidAccessKeyId"),
}
_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass(frozen=True)
class Request:
    """What a client asks: ``conditional`` says that it must not replace an object, ``size`` how much it sends."""

    method: str
    path: str
    conditional: bool
    size: int = 0


Faults = Callable[[Request], Fault]


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, server: str, faults: Faults) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._address = urlsplit(server).netloc
        self._faults = faults
        self._lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Quiet: a client that was killed has nothing more to say."""

    def fault(self, request: Request) -> Fault:
        with self._lock:
            return self._faults(request)

    def forward(self, request: Request, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the real server answers: status, headers, data."""
        with contextlib.closing(http.client.HTTPConnection(self._address, timeout=60)) as connection:
            connection.request(request.method, request.path, body, headers)
            reply = connection.getresponse()
            kept = {name: value for name, value in reply.getheaders() if name.lower() not in _HOP}
            if request.method == "HEAD":
                kept["Content-Length"] = reply.getheader("Content-Length", "0")
            return reply.status, kept, reply.read()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Proxy

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, self.path, self.headers.get("If-None-Match") == "*", len(body))
        fault = self.server.fault(request)
        if fault in _REFUSALS:
            status, code = _REFUSALS[fault]
            self._answer(status, {}, f"<Error><Code>{code}</Code></Error>".encode())
            return
        if fault == "lose the request":
            self.close_connection = True
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        status, headers, data = self.server.forward(request, headers, body)
        if fault == "lose the reply":
            self.close_connection = True
        elif fault == "fail after":
            self._answer(500, {}, b"<Error><Code>InternalError</Code></Error>")
        elif fault == "flip a bit" and data:
            self._answer(status, headers, bytes([data[0] ^ 1]) + data[1:])
        else:
            self._answer(status, headers, data, cut=fault == "cut short")

    def _answer(self, status: int, headers: dict[str, str], data: bytes, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on  # noqa: N815


@contextlib.contextmanager
def faulty_proxy(server: str, faults: Faults) -> Iterator[str]:
    """The address of a proxy before ``server``; ``faults`` says what goes wrong with each request."""
    with _Proxy(server, faults) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}"
        finally:
            proxy.shutdown()
            thread.join()
