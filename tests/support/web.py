"""Web servers on this machine, plain and encrypted, and a proxy."""

import contextlib
import datetime
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

Page = Callable[["Handler"], None]


@dataclass
class Site:
    """A server: its pages by path, and what it was asked."""

    url: str
    pages: dict[str, Page]
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers with the site's pages."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def do_GET(self) -> None:
        site = self.server.site
        site.asked.append(self.path)
        site.headers.append({name.lower(): value for name, value in self.headers.items()})
        page = site.pages.get(self.path)
        if page:
            page(self)
        else:
            status(404)(self)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        self.server.site.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def do_CONNECT(self) -> None:
        """As a proxy that lets everybody through to this machine."""
        site = self.server.site
        site.asked.append(self.path)
        site.headers.append({name.lower(): value for name, value in self.headers.items()})
        if site.pages.get("CONNECT"):
            site.pages["CONNECT"](self)
            return
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as there:
            self.send_response_only(200, "Connection established")
            self.end_headers()
            _relay(self.connection, there)
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        """Quiet: clients of these tests hang up."""


def _relay(one: socket.socket, other: socket.socket) -> None:
    while True:
        for here in select.select([one, other], [], [], 10)[0] or [None]:
            data = here.recv(1 << 16) if here else b""
            if not data:
                return
            (other if here is one else one).sendall(data)


def body(data: bytes, **headers: str) -> Page:
    """A page that is there."""

    def page(handler: Handler) -> None:
        handler.send_response(200)
        for name, value in {
            "Content-Length": str(len(data)),
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data if handler.command == "GET" else b"")
        handler.close_connection = True

    return page


def chunked(*chunks: bytes, end: bool = True) -> Page:
    """A page of unknown length."""

    def page(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for chunk in chunks:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        if end:
            handler.wfile.write(b"0\r\n\r\n")
        handler.close_connection = True

    return page


def status(code: int, **headers: str) -> Page:
    """An answer without a page."""

    def page(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return page


def raw(data: bytes, *, wait: float = 0.0, then: bytes = b"") -> Page:
    """Bytes that need not be HTTP, a pause, and more bytes one at a time."""

    def page(handler: Handler) -> None:
        handler.wfile.write(data)
        handler.wfile.flush()
        stop = threading.Event()
        for byte in then or b"\0":
            stop.wait(wait)
            with contextlib.suppress(OSError):
                handler.wfile.write(bytes([byte]) if then else b"")
                handler.wfile.flush()
        handler.close_connection = True

    return page


def moved(location: str, code: int = 302) -> Page:
    """A redirect."""
    return status(code, Location=location)


@contextlib.contextmanager
def site(pages: Mapping[str, Page], certificate: Path | None = None, address: str = "127.0.0.1") -> Iterator[Site]:
    """A site on a free port, encrypted where there is a certificate; its URL names ``localhost``."""
    server = _Server((address, 0), Handler)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    server.site = Site(f"{scheme}://localhost:{server.server_port}", dict(pages))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(path: Path, *names: str) -> Path:
    """A certificate for the names that nobody but its holder has signed, with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Headstart tests")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives: list[x509.GeneralName] = [
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(pem))
    return path


def port_of(url: str) -> int:
    """The port that a URL names."""
    port = urlsplit(url).port
    assert port is not None
    return port
