"""Google's XML interface, as far as obstore uses it, in front of a real S3 server: the two differ in headers' names.

No server that can be had speaks it: the emulators on PyPI (gcp-storage-emulator, fake-gcs-server) speak Google's JSON
interface only. So this shows that what obstore sends and expects keeps the contract, and not that Google's server does.
"""

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

_CONDITION = "x-goog-if-generation-match"
_COPY = "x-goog-copy-source"
_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class _Front(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, server: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = urlsplit(server).netloc


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Front

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def _translated(self) -> dict[str, str]:
        asked = {name.lower(): value for name, value in self.headers.items()}
        headers = {name: asked[name] for name in ("range", "content-type") if name in asked}
        if _CONDITION in asked:
            assert asked[_CONDITION] == "0", "the only condition that is asked for: there is no such object"
            headers["if-none-match"] = "*"
        if _COPY in asked:
            headers["x-amz-copy-source"] = asked[_COPY]
        return headers

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with contextlib.closing(http.client.HTTPConnection(self.server.behind, timeout=60)) as behind:
            behind.request(self.command, self.path, body, self._translated())
            reply = behind.getresponse()
            data = reply.read()
        self.send_response_only(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("x-goog-generation", "1")
        length = reply.getheader("Content-Length", "0") if self.command == "HEAD" else str(len(data))
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on  # noqa: N815


@contextlib.contextmanager
def google(server: str, folder: Path) -> Iterator[None]:
    """Start the front before an S3 server and point the environment at it; ``folder`` is for the credentials."""
    with _Front(server) as front, pytest.MonkeyPatch.context() as patch:
        thread = threading.Thread(target=front.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{front.server_port}"
        account = {"gcs_base_url": address, "disable_oauth": True, "client_email": "", "private_key": ""}
        (folder / "account.json").write_text(json.dumps(account | {"private_key_id": ""}))
        patch.setenv("GOOGLE_SERVICE_ACCOUNT", str(folder / "account.json"))
        try:
            yield
        finally:
            front.shutdown()
            thread.join()
