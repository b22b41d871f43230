"""Files from the web: whole, from hosts that may be asked, and from the very address that was checked."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.adapters import connection, hosts, web
from headstart.errors import DataError, StoreError
from headstart.labels.sources.source import fingerprint, gather
from headstart.spec import DataSpec
from tests.support.archives import COMPRESS, own_cache, zip_bytes
from tests.support.small_disk import SIZE, small_disk
from tests.support.web import Page, Site, body, certificate, chunked, moved, port_of, raw, site, status

pytestmark = pytest.mark.slow

ROWS = b"text,label\na,b\n" * 1000


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of the test's own, which nothing may be left in; this machine may be asked, as ``localhost``."""
    monkeypatch.setenv(hosts.ALLOW, "localhost")
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with own_cache(tmp_path) as folder:
        yield folder


@pytest.fixture
def own_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for localhost that this process trusts, as a platform's own authority would be."""
    pytest.importorskip("cryptography")
    path = certificate(tmp_path / "own.pem", "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def read(url: str) -> dict[str, bytes]:
    with gather(DataSpec(source=url)) as files:
        return {file.name: file.path.read_bytes() for file in files}


def refused(url: str, code: str = "data/unreachable") -> DataError:
    with pytest.raises(DataError) as caught:
        read(url)
    assert caught.value.code == code
    assert caught.value.remedy
    assert "secret" not in str(caught.value)
    return caught.value


def test_a_file_is_read_and_named_as_its_address_ends() -> None:
    with site({"/in/rows%20of%20mine.csv?signature=secret": body(ROWS)}) as here:
        assert read(f"{here.url}/in/rows%20of%20mine.csv?signature=secret#part") == {"rows of mine.csv": ROWS}
        assert read(f"{here.url}/in/rows of mine.csv?signature=secret") == {"rows of mine.csv": ROWS}
    assert here.headers[0]["accept-encoding"] == "identity"
    assert not {"cookie", "authorization", "proxy-authorization"} & set(here.headers[0])


def test_an_encrypted_file_is_read(own_certificate: Path) -> None:
    with site({"/rows.csv": body(ROWS)}, own_certificate) as here:
        assert read(f"{here.url}/rows.csv") == {"rows.csv": ROWS}


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "localhost"), ("/in/", "localhost"), ("/..%2F..%2Fevil.csv", "evil.csv"), ("/a%0Ab%1b", "a_b_")],
)
def test_a_name_is_one_that_can_be_shown(path: str, name: str) -> None:
    with site({path: body(ROWS)}) as here:
        assert read(here.url + path) == {name: ROWS}


def test_archives_are_opened_and_their_splits_known() -> None:
    data = zip_bytes({"train.csv": b"a", "test.csv": b"b"})
    with site({"/all.zip": body(data), "/rows.csv": body(COMPRESS[".gz"](b"a"), Content_Encoding="gzip")}) as here:
        with gather(DataSpec(source=f"{here.url}/all.zip")) as files:
            assert {file.name: file.split for file in files} == {
                "all.zip/train.csv": "train",
                "all.zip/test.csv": "test",
            }
        assert read(f"{here.url}/rows.csv") == {"rows.csv/rows.csv": b"a"}


def test_the_fingerprint_is_of_the_file_and_not_of_the_day() -> None:
    prints = set()
    for _ in range(2):
        with (
            site({"/a/rows.csv": body(ROWS), "/b/rows.csv": body(ROWS)}) as here,
            gather(DataSpec(source=(f"{here.url}/a/rows.csv", f"{here.url}/b/rows.csv"))) as files,
        ):
            assert [file.name for file in files] == ["a/rows.csv", "b/rows.csv"]
            prints.add(fingerprint(files))
    assert len(prints) == 1


def test_a_file_of_unknown_length_is_read_to_its_end() -> None:
    with site({"/chunked": chunked(b"a", ROWS, b"b"), "/until-closed": raw(b"HTTP/1.1 200 OK\r\n\r\n" + ROWS)}) as here:
        assert read(f"{here.url}/chunked") == {"chunked": b"a" + ROWS + b"b"}
        assert read(f"{here.url}/until-closed") == {"until-closed": ROWS}


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (body(ROWS, Content_Length="20000"), "it sent 15000 of 20000 bytes"),
        (body(b"", Content_Length="1"), "it sent 0 of 1 bytes"),
        (chunked(ROWS, end=False), "IncompleteRead"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-"), "it sent nothing"),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "SSH-2.0"),
        (raw(b""), "Remote end closed"),
        (status(500), "the server answers 500 Internal Server Error"),
        (status(204), "the server answers 204 No Content"),
        (status(206), "the server answers 206"),
        (status(304), "the server answers 304"),
        (status(401), "the server answers 401 Unauthorized"),
    ],
)
def test_an_answer_that_is_no_whole_file_is_refused(page: Page, words: str) -> None:
    with site({"/rows.csv?secret": page}) as here:
        error = refused(f"{here.url}/rows.csv?secret")
    assert error.where == f"{here.url}/rows.csv"
    assert words in error.problem


@pytest.mark.parametrize("code", [404, 410])
def test_a_file_that_is_not_there_is_not_found(code: int) -> None:
    with site({"/rows.csv": status(code)}) as here:
        assert str(code) in refused(f"{here.url}/rows.csv", "data/not-found").problem


def test_a_host_that_does_not_answer_is_a_clear_error() -> None:
    with site({}) as here:
        pass
    assert refused(f"{here.url}/rows.csv").problem == "Connection refused."


def test_a_silent_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_SILENCE_SECONDS", 0.2)
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
    with site({"/never": raw(b"", wait=3.0), "/stops": raw(start, wait=3.0)}) as here:
        for path in ("/never", "/stops"):
            assert "timed out" in refused(here.url + path).problem


def test_a_server_that_sends_a_byte_now_and_then_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_PATIENCE_SECONDS", 0.3)
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    with site({"/slow": raw(start, wait=0.1, then=b"x" * 100)}) as here:
        assert "less than 1024 bytes a second" in refused(f"{here.url}/slow").problem


@pytest.mark.parametrize("page", [body(ROWS), chunked(ROWS)])
def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, page: Page) -> None:
    monkeypatch.setattr(web, "MOST_BYTES", len(ROWS) - 1)
    with site({"/rows.csv": page}) as here:
        assert "larger than" in refused(f"{here.url}/rows.csv").problem


def test_a_file_that_says_that_it_is_too_large_is_not_begun() -> None:
    with site({"/rows.csv": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n")}) as here:
        assert "larger than 32768 MiB" in refused(f"{here.url}/rows.csv").problem


def test_a_full_disk_is_a_clear_error_that_names_the_way_out(cache: Path) -> None:
    with small_disk(cache), site({"/rows.csv": body(bytes(4 * SIZE))}) as here, pytest.raises(StoreError) as caught:
        read(f"{here.url}/rows.csv")
    assert "HEADSTART_CACHE" in caught.value.remedy


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_name_stays(code: int) -> None:
    with site(
        {"/rows.csv": moved("/b?c=%2F", code), "/b?c=%2F": moved("./deep/%C3%A9", code), "/deep/%C3%A9": body(ROWS)}
    ) as here:
        assert read(f"{here.url}/rows.csv") == {"rows.csv": ROWS}
    assert here.asked == ["/rows.csv", "/b?c=%2F", "/deep/%C3%A9"]


def test_a_redirect_may_lead_to_another_server() -> None:
    with site({"/b": body(ROWS)}) as there, site({"/a": moved(f"{there.url}/b")}) as here:
        assert read(f"{here.url}/a") == {"a": ROWS}


def test_redirects_are_followed_a_few_times_only() -> None:
    with site({"/a": moved("/a")}) as here:
        assert "more than 5 times" in refused(f"{here.url}/a").problem
    assert len(here.asked) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/inside",
        "http://[::1]:{port}/inside",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433:{port}/",
        "//127.0.0.1:{port}/",
        "http://user:secret@localhost:{port}/",
        "http://localhost\\@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "ftp://localhost/",
        "http://localhost:99999/",
    ],
)
def test_a_redirect_to_what_may_not_be_asked_is_refused(location: str) -> None:
    with site({}) as here:
        here.pages["/a"] = moved(location.format(port=port_of(here.url)))
        refused(f"{here.url}/a", "data/refused-host")
    assert here.asked == ["/a"]


def test_a_redirect_without_a_place_is_not_followed_for_ever() -> None:
    with site({"/a": status(302)}) as here:
        assert "more than 5 times" in refused(f"{here.url}/a").problem


def test_a_redirect_away_from_encryption_is_refused(own_certificate: Path) -> None:
    with site({"/b": body(ROWS)}) as there, site({"/a": moved(f"{there.url}/b")}, own_certificate) as here:
        assert "not encrypted" in refused(f"{here.url}/a", "data/refused-host").problem
        there.pages["/c"] = moved(f"{here.url}/d")
        here.pages["/d"] = body(ROWS)
        assert read(f"{there.url}/c") == {"c": ROWS}  # towards it is welcome
    assert there.asked == ["/c"]


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "0x7f000001", "017700000001", "[::1]", "[::ffff:127.0.0.1]", "localhost."],
)
def test_this_machine_is_not_asked_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.delenv(hosts.ALLOW)
    with site({"/a": body(ROWS)}) as here:
        error = refused(f"http://{host}:{port_of(here.url)}/a", "data/refused-host")
    assert here.asked == []
    assert hosts.ALLOW in error.remedy


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch, own_certificate: Path
) -> None:
    real, asked = socket.getaddrinfo, []

    def resolver(host: str, *arguments: object, **options: object) -> object:
        """A name server that answers with another address from the second question on."""
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "192.0.2.1", *arguments, **options)

    with site({"/a": body(ROWS)}, own_certificate) as here:
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        assert read(f"{here.url}/a") == {"a": ROWS}
    assert asked == ["localhost"]


def test_a_certificate_of_another_host_or_of_nobody_known_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cryptography")
    other = certificate(tmp_path / "other.pem", "other.example", "127.0.0.1")
    with site({"/a": body(ROWS)}, other) as here:
        assert "CERTIFICATE_VERIFY_FAILED" in refused(f"{here.url}/a").problem
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        assert "localhost" in refused(f"{here.url}/a").problem
    assert here.asked == []


def test_an_encrypted_answer_of_unknown_length_that_is_cut_is_refused(own_certificate: Path) -> None:
    with site({"/a": raw(b"HTTP/1.1 200 OK\r\n\r\n" + ROWS)}, own_certificate) as here:
        assert "EOF" in refused(f"{here.url}/a").problem


def test_an_answer_that_is_not_encrypted_where_it_should_be_is_refused() -> None:
    with site({"/a": body(ROWS)}) as here:
        refused(here.url.replace("http://", "https://") + "/a")


def test_another_address_is_tried_where_the_first_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolver(host: str, port: int, **options: object) -> object:
        return [*real("127.0.0.2", port, **options), *real("127.0.0.1", port, **options)]

    with site({"/a": body(ROWS)}) as here:
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        assert read(f"{here.url}/a") == {"a": ROWS}


@pytest.mark.parametrize(
    "url", ["http://user:secret@localhost/a", "https://secret@localhost/a", "http://localhost/secret@"]
)
def test_credentials_in_an_address_are_refused(tmp_path: Path, url: str) -> None:
    if url.endswith("@"):
        refused("http://localhost:1/a")  # an @ in a path is none
        return
    with pytest.raises(DataError) as caught:
        web.download(url, tmp_path)
    assert caught.value.code == "data/refused-host"
    assert caught.value.where.endswith("//***@localhost/a")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://", "https:///a", "http://[::1/a", "http://a b/", "http://localhost:x/", "http://\u00fc..x/", "https://?a"],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    error = refused(url, "data/refused-host")
    assert error.where == url.partition("?")[0]


@contextlib.contextmanager
def proxied(monkeypatch: pytest.MonkeyPatch, allow: str, login: str = "") -> Iterator[Site]:
    """A proxy of the environment, at another name of this machine than the sites."""
    with site({}) as proxy:
        address = f"http://{login}127.0.0.1:{port_of(proxy.url)}"
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.setenv("HTTPS_PROXY", address)
        monkeypatch.setenv(hosts.ALLOW, allow)
        yield proxy


def test_a_proxy_is_used_where_the_platform_names_it(monkeypatch: pytest.MonkeyPatch, own_certificate: Path) -> None:
    with (
        proxied(monkeypatch, "localhost,127.0.0.1", "me:p%40ss@") as proxy,
        site({"/a": body(ROWS)}, own_certificate) as here,
    ):
        assert read(f"{here.url}/a") == {"a": ROWS}
        assert proxy.asked == [f"localhost:{port_of(here.url)}"]
        assert proxy.headers[0]["proxy-authorization"] == "Basic bWU6cEBzcw=="
        proxy.pages["http://localhost:80/b"] = body(b"b")
        assert read("http://localhost/b") == {"b": b"b"}
    assert "proxy-authorization" not in here.headers[0]


def test_a_proxy_that_the_platform_does_not_name_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxied(monkeypatch, "localhost") as proxy:
        with site({"/a": body(ROWS)}) as here:
            assert read(f"{here.url}/a") == {"a": ROWS}
        assert hosts.ALLOW in refused(f"{here.url}/a").remedy  # now nobody is there
    assert proxy.asked == []


def test_a_proxy_does_not_lead_to_hosts_that_may_not_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxied(monkeypatch, "127.0.0.1") as proxy:
        for url in ("http://localhost/a", "https://169.254.169.254/a", "http://0x0a000001/"):
            refused(url, "data/refused-host")
    assert proxy.asked == []


def test_a_proxy_resolves_names_that_are_not_known_here(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxied(monkeypatch, "127.0.0.1") as proxy:
        proxy.pages["http://far-away.invalid:80/a"] = body(ROWS)
        assert read("http://far-away.invalid/a") == {"a": ROWS}


def test_no_proxy_is_used_for_hosts_that_the_environment_excepts(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxied(monkeypatch, "localhost,127.0.0.1") as proxy, site({"/a": body(ROWS)}) as here:
        monkeypatch.setenv("no_proxy", "localhost")
        assert read(f"{here.url}/a") == {"a": ROWS}
    assert proxy.asked == []


def test_a_proxy_that_refuses_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxied(monkeypatch, "localhost,127.0.0.1") as proxy:
        proxy.pages["CONNECT"] = status(407)
        assert "the proxy answers 407" in refused("https://localhost:1/a").problem
