"""Which hosts a web address may lead to: those on the public internet, and those that this platform allows.

A spec may come from somebody who can submit a run but must not reach what the cluster reaches: its services, the
cloud's metadata, this machine. So a name is resolved once, each address it has is checked, and the connection goes
to an address that was checked (:mod:`headstart.adapters.web`): asking the name again could give another one.
"""

import contextlib
import ipaddress
import os
import re
import socket
from typing import Any, NamedTuple

from headstart.errors import DataError

ALLOW = "HEADSTART_ALLOW_PRIVATE_HOSTS"

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")  # all that is handed out for the internet
# Not of the internet, though some versions of Python, or the registries, call them global.
_NEVER = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocols; Oracle's metadata
    ipaddress.ip_network("192.88.99.0/24"),  # relays from IPv6
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's platform, inside every virtual machine
    ipaddress.ip_network("2001::/23"),  # tunnels and protocols
)


class Endpoint(NamedTuple):
    """An address to connect a socket to, as the system's resolver gives it."""

    family: socket.AddressFamily
    address: tuple[Any, ...]


def allowed(host: str) -> bool:
    """Whether the platform allows the host by name, whatever its addresses: ``HEADSTART_ALLOW_PRIVATE_HOSTS``."""
    host = plain(host)
    for each in os.environ.get(ALLOW, "").split(","):
        with contextlib.suppress(ValueError):  # what no host can be called, such as a pattern, allows none
            if plain(each.strip()) == host:
                return True
    return False


def plain(host: str) -> str:
    """A host's name as hosts are compared: small letters, no dot at the end, no brackets, IDNA.

    Raises:
        ValueError: No host can have this name.
    """
    host = host.strip("[]").removesuffix(".").lower()
    if ":" in host:
        return str(ipaddress.ip_address(host))
    host = host if host.isascii() else host.encode("idna").decode()
    if not _NAME.fullmatch(host):
        raise ValueError(f"{host!r} is no host")
    return host


def resolve(host: str, port: int, where: str) -> list[Endpoint]:
    """Every address of a host, each of which may be connected to.

    Args:
        host: A name or an address, in any spelling that the system takes for one.
        port: Where to connect to.
        where: What an error is about.

    Raises:
        DataError: The host is not known, or has an address that is not of the public internet and is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        remedy = "Check the address, the connection and the name service."
        raise DataError("data/unreachable", f"host {host!r}: {reason}.", remedy=remedy, where=where) from None
    endpoints = [Endpoint(family, address) for family, _, _, _, address in found]
    if not allowed(host):
        for endpoint in endpoints:
            _check(host, str(endpoint.address[0]), where)
    return endpoints


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, in IPv4 or IPv6, also where one is written in the other."""
    return _is_public(ipaddress.ip_address(address.partition("%")[0]))


def _is_public(address: _Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None:
            return _is_public(inner)
        if address not in _PUBLIC_V6:
            return False
    if any(address in network for network in _NEVER):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _check(host: str, address: str, where: str) -> None:
    if not is_public(address):
        at = "" if address == host else f" is at {address}, which"
        raise DataError(
            "data/refused-host",
            f"{host!r}{at} is not on the public internet.",
            remedy=f"If it may be asked, name it in the environment variable {ALLOW}.",
            where=where,
        )
