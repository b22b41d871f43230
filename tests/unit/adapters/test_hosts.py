"""Which hosts may be asked: those of the public internet, in whatever way their address is written."""

import socket

import pytest

from headstart.adapters import hosts
from headstart.errors import DataError

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # the metadata of most clouds
    "100.100.100.200",  # of Alibaba's
    "192.0.0.192",  # of Oracle's
    "168.63.129.16",  # Azure's platform
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "100::1",
    "fc00::1",
    "fd00:ec2::254",  # the metadata of AWS
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "5f00::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.15.0.1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_of_the_public_internet_is_none(address: str) -> None:
    assert not hosts.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_is_one(address: str) -> None:
    assert hosts.is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "::1",
        "::ffff:7f00:1",
    ],
)
def test_this_machine_is_refused_however_it_is_written(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.delenv(hosts.ALLOW, raising=False)
    with pytest.raises(DataError) as caught:
        hosts.resolve(hosts.plain(host), 80, "here")
    assert caught.value.code == "data/refused-host"
    assert caught.value.where == "here"
    assert hosts.ALLOW in caught.value.remedy


@pytest.mark.parametrize("names", ["localhost", "example.com, LocalHost. ,", "LOCALHOST"])
def test_a_platform_may_allow_a_host_by_name(monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    monkeypatch.setenv(hosts.ALLOW, names)
    assert hosts.resolve("localhost", 80, "here")
    assert hosts.allowed("localhost.")


@pytest.mark.parametrize("names", ["", ",", "local", "host", "*", "notlocalhost", "127.0.0.2"])
def test_another_name_allows_nothing(monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    monkeypatch.setenv(hosts.ALLOW, names)
    with pytest.raises(DataError):
        hosts.resolve("localhost", 80, "here")


def test_a_host_with_one_private_address_of_several_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolver(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with pytest.raises(DataError) as caught:
        hosts.resolve("mixed.example", 80, "here")
    assert "'mixed.example' is at 10.0.0.1" in caught.value.problem


def test_a_host_that_is_not_known_is_a_clear_error() -> None:
    with pytest.raises(DataError) as caught:
        hosts.resolve("no-such-host.invalid", 80, "here")
    assert caught.value.code == "data/unreachable"
    assert "no-such-host.invalid" in caught.value.problem


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("Example.COM.", "example.com"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("[::1]", "::1"),
        ("0:0::1", "::1"),
    ],
)
def test_hosts_are_compared_in_one_spelling(host: str, plain: str) -> None:
    assert hosts.plain(host) == plain


def test_digits_in_other_scripts_are_digits() -> None:
    assert hosts.plain("\uff11\uff12\uff17.\u2460") == "127.1"


@pytest.mark.parametrize("host", ["", ".", "a b", "a%00b", "a\0b", "::zz", "\u00fc" * 80, "a/b", "a..\u00fc"])
def test_what_no_host_can_be_called_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        hosts.plain(host)
