"""A connection to an address that was checked, directly or through the platform's proxy."""

import base64
import contextlib
import http.client
import socket
import ssl
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from headstart.adapters import hosts
from headstart.errors import DataError

PORTS = {"http": 80, "https": 443}
_SILENCE_SECONDS = 30.0  # for a connection, and for each part of an answer


class Target(NamedTuple):
    """What is asked for. ``where`` is what users may see of it: a query may hold a signature."""

    scheme: str
    host: str
    port: int
    path: str
    where: str

    @property
    def address(self) -> str:
        """Host and port, as they stand in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class _Proxy(NamedTuple):
    host: str
    port: int
    headers: dict[str, str]


@contextlib.contextmanager
def answered(
    target: Target, method: str = "GET", body: bytes | None = None, more: Mapping[str, str] | None = None
) -> Iterator[http.client.HTTPResponse]:
    """The answer to a request, by default a GET; no redirect is followed.

    Args:
        target: What is asked for.
        method: The method.
        body: What is sent.
        more: Headers beside those that every request has.

    Raises:
        DataError: The host is not known or may not be asked, or there is no answer.
    """
    proxy = _proxy(target)
    endpoints = _past(proxy, target) if proxy else hosts.resolve(target.host, target.port, target.where)
    connection = _Connection(target, endpoints, proxy)
    headers = {"User-Agent": "headstart", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    headers |= more or {}
    path = target.path
    if proxy and target.scheme == "http":
        path, headers = f"http://{target.address}{path}", headers | proxy.headers
    try:
        with failing(target):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
        yield answer
    finally:
        connection.close()


@contextlib.contextmanager
def failing(target: Target) -> Iterator[None]:
    """Within, a failure of the network is an error about the target."""
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        remedy = "Check the address and the connection, and try again."
        if target.scheme in urllib.request.getproxies_environment() and not _proxy(target):
            remedy += f" The environment's proxy is used where {hosts.ALLOW} names its host."
        raise DataError("data/unreachable", f"{reason}.", remedy=remedy, where=target.where) from None


class _Connection(http.client.HTTPConnection):
    """Connects to the endpoints that were checked, whatever the host's name would resolve to by now."""

    def __init__(self, target: Target, endpoints: Sequence[hosts.Endpoint], proxy: _Proxy | None) -> None:
        super().__init__(target.host, target.port)
        self.default_port = PORTS[target.scheme]
        self._target = target
        self._endpoints = endpoints
        self._proxy = proxy

    def connect(self) -> None:
        """Open the connection. The certificate must be the host's, however the host was reached."""
        self.sock = _dialled(self._endpoints)
        if self._target.scheme == "https":
            if self._proxy:
                _ask_for_tunnel(self.sock, self._target, self._proxy)
            # An end that is not encrypted could be anybody's: what is cut there must not pass for whole.
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self._target.host, suppress_ragged_eofs=False
            )


def _dialled(endpoints: Sequence[hosts.Endpoint]) -> socket.socket:
    """A socket to the first endpoint that answers."""
    failed = OSError("the host has no address")
    for family, address in endpoints:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(_SILENCE_SECONDS)
        try:
            sock.connect(address)
        except OSError as error:
            sock.close()
            failed = error
        else:
            return sock
    raise failed


def _proxy(target: Target) -> _Proxy | None:
    """The environment's proxy, where there is one for the target and the platform allows it by name.

    A proxy resolves the host itself, so that to use one is to leave the check of addresses to it. Variables such as
    HTTPS_PROXY are often set for other reasons; HEADSTART_ALLOW_PRIVATE_HOSTS says that it is meant.
    """
    uri = urllib.request.getproxies_environment().get(target.scheme, "")
    if not uri or urllib.request.proxy_bypass(target.host):
        return None
    try:
        parts = urlsplit(uri if "://" in uri else f"http://{uri}")
        host, port = parts.hostname or "", parts.port or PORTS["http"]
        if parts.scheme != "http" or not hosts.allowed(host):
            return None
    except ValueError:
        return None
    if parts.username is None:
        return _Proxy(host, port, {})
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return _Proxy(host, port, {"Proxy-Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"})


def _past(proxy: _Proxy, target: Target) -> list[hosts.Endpoint]:
    """The proxy's endpoints. What the target's name means here is checked, as far as it means anything here."""
    try:
        hosts.resolve(target.host, target.port, target.where)
    except DataError as error:
        if error.code == "data/refused-host":
            raise
    return hosts.resolve(proxy.host, proxy.port, target.where)


def _ask_for_tunnel(sock: socket.socket, target: Target, proxy: _Proxy) -> None:
    headers = {"Host": target.address, **proxy.headers}
    lines = [f"CONNECT {target.address} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    sock.sendall("\r\n".join(lines).encode("ascii"))
    answer = http.client.HTTPResponse(sock, method="CONNECT")
    answer.begin()
    answer.close()
    if answer.status != http.HTTPStatus.OK:
        raise OSError(f"the proxy answers {answer.status} {answer.reason}")
