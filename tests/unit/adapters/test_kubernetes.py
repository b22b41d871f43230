"""Reaching Kubernetes' API: contexts, certificates, tokens and programs that log in, over real TLS."""

import base64
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from headstart.adapters import kubernetes
from headstart.adapters.kubernetes import access
from headstart.errors import JobError, UsageError
from tests.support.web import Site, body, certificate, site


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls") / "server.pem", "localhost")


@pytest.fixture
def api(signed: Path) -> Iterator[Site]:
    with site({"/version": body(b"{}")}, signed) as here:
        yield here


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "_POD", tmp_path / "no-pod")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))


def configure(folder: Path, server: str, cluster: dict[str, Any], user: dict[str, Any], **context: str) -> None:
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", **context}}],
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user}],
    }
    (folder / "config").write_text(yaml.safe_dump(config))


def trusting(signed: Path) -> dict[str, str]:
    _, marker, rest = signed.read_text().partition("-----BEGIN CERTIFICATE")
    return {"certificate-authority-data": base64.b64encode((marker + rest).encode()).decode()}


def asked(api: Site) -> str:
    """The login that the API was shown when it was asked."""
    assert access().rest.ask("GET", "/version").is_good
    return api.headers[-1].get("authorization", "")


def test_a_token_of_the_kubeconfig_is_shown_to_the_server_that_it_trusts(
    api: Site, signed: Path, tmp_path: Path
) -> None:
    configure(tmp_path, api.url, trusting(signed), {"token": "t0"}, namespace="team")
    assert asked(api) == "Bearer t0"
    assert access().namespace == "team"
    assert not access().inside


def test_a_server_that_is_not_trusted_is_not_shown_the_token(api: Site, tmp_path: Path) -> None:
    configure(tmp_path, api.url, {}, {"token": "t0"})
    with pytest.raises(JobError, match="its certificate is not trusted"):
        access().rest.ask("GET", "/version")
    assert api.headers == []
    configure(tmp_path, api.url, {"insecure-skip-tls-verify": True}, {})
    assert asked(api) == ""


def test_a_program_of_the_kubeconfig_logs_in(api: Site, signed: Path, tmp_path: Path) -> None:
    said = 'import json, os; print(json.dumps({"status": {"token": os.environ["WHO"] + "-token"}}))'
    program = {"command": sys.executable, "args": ["-c", said], "env": [{"name": "WHO", "value": "me"}]}
    configure(tmp_path, api.url, trusting(signed), {"exec": program})
    assert asked(api) == "Bearer me-token"


@pytest.mark.parametrize(("good_for", "runs"), [(3600, 1), (30, 2), (None, 1)])
def test_a_program_is_asked_again_when_its_token_ends(
    good_for: int | None, runs: int, api: Site, signed: Path, tmp_path: Path
) -> None:
    status: dict[str, str] = {"token": "t"}
    if good_for is not None:
        end = datetime.now(UTC) + timedelta(seconds=good_for)
        status["expirationTimestamp"] = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    said = f"open('asked', 'a').write('.'); print({json.dumps({'status': status})!r})"
    configure(tmp_path, api.url, trusting(signed), {"exec": {"command": sys.executable, "args": ["-c", said]}})
    rest = access().rest
    for _ in range(2):
        assert rest.ask("GET", "/version").is_good
    assert (tmp_path / "asked").read_text() == "." * runs


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["-c", "raise SystemExit('no session: log in first')"], "no session: log in first"),
        (["-c", "print('{}')"], "it said no token"),
        (["-c", "print('hello')"], "it said no token"),
    ],
)
def test_a_login_that_fails_says_what_the_program_said(
    command: list[str], said: str, api: Site, signed: Path, tmp_path: Path
) -> None:
    configure(tmp_path, api.url, trusting(signed), {"exec": {"command": sys.executable, "args": command}})
    with pytest.raises(JobError) as caught:
        access().rest.ask("GET", "/version")
    assert said in str(caught.value)


def test_a_clients_certificate_is_given_to_tls(api: Site, signed: Path, tmp_path: Path) -> None:
    user = {"client-certificate": str(signed), "client-key": str(signed)}
    configure(tmp_path, api.url, trusting(signed), user)
    assert asked(api) == ""
    (tmp_path / "bad").write_text("no key")
    configure(tmp_path, api.url, trusting(signed), user | {"client-key": "bad"})
    with pytest.raises(UsageError, match="certificates cannot be used"):
        access()


def test_a_pod_shows_its_own_token_as_it_is_now(
    api: Site, signed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod = tmp_path / "no-pod"
    pod.mkdir()
    (pod / "token").write_text("first\n")
    (pod / "namespace").write_text("team")
    (pod / "ca.crt").write_text(signed.read_text())
    monkeypatch.delenv("KUBECONFIG")
    host, _, port = api.url.removeprefix("https://").partition(":")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)
    found = access()
    assert (found.namespace, found.inside) == ("team", True)
    for token in ("first", "second"):
        (pod / "token").write_text(token)
        assert found.rest.ask("GET", "/version").is_good
        assert api.headers[-1]["authorization"] == f"Bearer {token}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file"),
        ("[]", "is no kubeconfig file"),
        ("a: [", "is no kubeconfig file"),
        ("{}", "has no current-context"),
        (json.dumps({"current-context": "x", "contexts": []}), "has no context 'x'"),
    ],
)
def test_a_kubeconfig_that_says_nothing_of_use_is_told(text: str | None, said: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "config").write_text(text)
    with pytest.raises(UsageError, match=said):
        access()


def test_a_proxy_of_kubectls_asks_for_no_login() -> None:
    assert access("http://127.0.0.1:8001").namespace == "default"
