"""How to reach Kubernetes' API: from a pod by its service account, from elsewhere by a kubeconfig file. Plain HTTPS.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

import base64
import contextlib
import json
import os
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from headstart.adapters.rest import Rest
from headstart.errors import JobError, UsageError

_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_HOST, _PORT, _CONFIG = "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECONFIG"
_LOGIN_SECONDS = 60.0
_MARGIN_SECONDS = 60.0
Headers = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Access:
    """An API, and the namespace that is meant where none is named; ``inside`` says that this is one of its pods."""

    rest: Rest
    namespace: str
    inside: bool = False


def access(address: str | None = None) -> Access:
    """The API that the surroundings name: in a pod its own cluster's, unless ``KUBECONFIG`` is set.

    Args:
        address: A context of the kubeconfig file, by default its current one; or the URL of an API that asks for no
            login, as ``kubectl proxy`` gives.

    Raises:
        UsageError: There is neither, or the file does not say what it should.
    """
    if address and "://" in address:
        return Access(Rest(address), "default")
    if not address and os.environ.get(_HOST) and not os.environ.get(_CONFIG) and (_POD / "token").exists():
        host, port = os.environ[_HOST], os.environ.get(_PORT, "443")
        server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
        context = ssl.create_default_context(cafile=str(_POD / "ca.crt"))
        # The token is read each time: Kubernetes renews it.
        headers = _bearer(lambda: (_POD / "token").read_text())
        return Access(Rest(server, headers, context), (_POD / "namespace").read_text().strip(), inside=True)
    return _configured(address)


def _configured(name: str | None) -> Access:
    path = _config_file()
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        named = name or said["current-context"]
        context = _entry(said, "contexts", "context", named)
        cluster = _entry(said, "clusters", "cluster", context["cluster"])
        user = _entry(said, "users", "user", context["user"]) if context.get("user") else {}
        server = str(cluster["server"])
    except OSError as error:
        problem = f"the cluster's address is not known: {error.strerror}."
        remedy = f"Name a kubeconfig file in {_CONFIG}, or run in a pod whose service account's token is mounted."
        raise UsageError("usage", problem, remedy=remedy, where=str(path)) from None
    except (yaml.YAMLError, LookupError, TypeError, UnicodeDecodeError) as error:
        what = f"has no {error.args[0]}" if isinstance(error, LookupError) else "is no kubeconfig file"
        remedy = "Look at kubectl config get-contexts, and give one as --address."
        raise UsageError("usage", f"it {what}.", remedy=remedy, where=str(path)) from None
    return Access(Rest(server, *_credentials(cluster, user, path.parent)), context.get("namespace") or "default")


def _config_file() -> Path:
    """The first of the files that are named that there is: they are not merged, as kubectl would."""
    named = [Path(each) for each in os.environ.get(_CONFIG, "").split(os.pathsep) if each]
    return next((each for each in named if each.exists()), named[0] if named else Path.home() / ".kube" / "config")


def _entry(said: Any, group: str, kind: str, name: str) -> dict[str, Any]:
    for each in said[group] or ():
        if each["name"] == name:
            return dict(each[kind] or {})
    raise LookupError(f"{kind} {name!r}")


def _credentials(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> tuple[Headers, ssl.SSLContext]:
    """What a user shows: a certificate, a token, or what a program says when it is asked."""
    context = ssl.create_default_context()
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    authority = _bytes(cluster, "certificate-authority", folder)
    certificate, key = (_bytes(user, kind, folder) for kind in ("client-certificate", "client-key"))
    plugin = _Plugin(user["exec"], folder) if user.get("exec") else None
    try:
        if authority:
            context = _trusting(context, authority)
        if certificate and key:
            _load(context, certificate, key)
    except (ssl.SSLError, ValueError) as error:
        problem = f"the kubeconfig's certificates cannot be used: {error}."
        raise UsageError("usage", problem, remedy="Fetch the kubeconfig file anew.") from None
    if plugin:
        return _bearer(plugin.token), context
    if user.get("tokenFile"):
        return _bearer((folder / user["tokenFile"]).read_text), context
    token = user.get("token")
    return (_bearer(lambda: token) if token else dict), context


def _trusting(context: ssl.SSLContext, authority: bytes) -> ssl.SSLContext:
    """The context, but trusting one authority alone."""
    made = ssl.create_default_context(cadata=authority.decode())
    if context.verify_mode == ssl.CERT_NONE:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def _load(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Give the context a client's certificate, which Python reads from files alone; they are gone at once."""
    with tempfile.TemporaryDirectory() as folder:  # readable by this user alone
        paths = [Path(folder, name) for name in ("certificate", "key")]
        for path, data in zip(paths, (certificate, key), strict=True):
            path.write_bytes(data)
        context.load_cert_chain(*map(str, paths))


def _bytes(said: Mapping[str, Any], kind: str, folder: Path) -> bytes | None:
    if said.get(f"{kind}-data"):
        return base64.b64decode(said[f"{kind}-data"])
    return (folder / said[kind]).read_bytes() if said.get(kind) else None


class _Plugin:
    """A program of the kubeconfig's that logs the user in, as clouds have them.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
    """

    def __init__(self, said: Mapping[str, Any], folder: Path) -> None:
        self._said = said
        self._folder = folder
        self._token, self._until = "", 0.0

    def token(self) -> str:
        """The token that it gave last, as long as that is good.

        Raises:
            JobError: It fails, or gives none.
        """
        if time.time() >= self._until:
            status = self._status()
            self._token, self._until = str(status["token"]), _end_of(status.get("expirationTimestamp"))
        return self._token

    def _status(self) -> Mapping[str, Any]:
        """What it says when it is run; has a token."""
        command = [self._said["command"], *(self._said.get("args") or ())]
        version = self._said.get("apiVersion", "client.authentication.k8s.io/v1")
        asked = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
        given = {each["name"]: each["value"] for each in self._said.get("env") or ()}
        environment = os.environ | given | {"KUBERNETES_EXEC_INFO": json.dumps(asked)}
        problem = "it said no token"
        with contextlib.suppress(ValueError, LookupError, TypeError):
            try:
                done = subprocess.run(  # noqa: S603 (the user's own file names it)
                    command,
                    env=environment,
                    cwd=self._folder,
                    capture_output=True,
                    text=True,
                    timeout=_LOGIN_SECONDS,
                    check=True,
                )
                status: Mapping[str, Any] = json.loads(done.stdout)["status"]
                if status["token"]:
                    return status
            except (OSError, subprocess.SubprocessError) as error:
                told = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
                problem = told[-1][:300] if told else type(error).__name__
        remedy = "Log in as the cluster's provider says, and try kubectl get rayjobs."
        raise JobError("job/refused", f"the login failed: {problem}.", remedy=remedy, where=str(command[0]))


def _end_of(time_said: Any) -> float:
    """Until when a token is used: a minute less than it is good for, or for a minute where that is not said."""
    with contextlib.suppress(ValueError, TypeError):
        return datetime.fromisoformat(time_said).timestamp() - _MARGIN_SECONDS
    return time.time() + _MARGIN_SECONDS


def _bearer(token: Callable[[], str]) -> Headers:
    return lambda: {"Authorization": f"Bearer {token().strip()}"}
