"""Web addresses that are told of events: over https, or http where the platform allows the host; nowhere else.

An address may have been written by somebody who should not reach what this machine reaches. So its host is resolved
and checked as those of downloads are (:mod:`headstart.adapters.hosts`), credentials in it are refused, and a redirect
is no delivery, wherever it leads.
"""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from headstart.adapters import hosts
from headstart.adapters.connection import PORTS, Target, answered
from headstart.errors import DataError

_PATH, _QUERY = "/%:@!$&'()*+,;=~", "/%:@!$&'()*+,;=~?"  # what may stand as it is
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class Undelivered(Exception):  # noqa: N818 (an outcome, told to whoever delivers)
    """Why an address did not take an event, and whether it may take it soon."""

    def __init__(self, reason: str, soon: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.soon = soon


def target(url: str) -> Target:
    """An address that may be told of events.

    Raises:
        ValueError: It is no web address, has credentials, or is not encrypted and not allowed all the same.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("a url is an https:// address")
    if "@" in parts.netloc:
        raise ValueError("a url must not carry credentials: events are signed instead")
    host, port = hosts.plain(parts.hostname), parts.port or PORTS[parts.scheme]
    if parts.scheme == "http" and not hosts.allowed(host):
        raise ValueError(f"a url is encrypted (https), unless {hosts.ALLOW} names its host")
    path, query = quote(parts.path or "/", safe=_PATH), quote(parts.query, safe=_QUERY)
    where = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return Target(parts.scheme, host, port, f"{path}?{query}" if query else path, where)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Tell an address, once.

    Raises:
        Undelivered: It did not answer, or not with a status from 200 to 299.
    """
    there = target(url)
    try:
        with answered(there, "POST", body, {"Content-Type": "application/json", **headers}) as answer:
            status = answer.status
    except DataError as error:
        raise Undelivered(error.problem.rstrip("."), soon=error.code == "data/unreachable") from error
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        soon = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER
        raise Undelivered(f"it answers {status}", soon)
