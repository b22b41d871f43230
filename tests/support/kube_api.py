"""An API server of Kubernetes that only remembers: enough for Helm to find, create, change and delete objects.

It admits what it is given; what a real one would refuse is for the schemas and the policies of the chart's tests. Jobs are
done at once, so that Helm, which waits for its hooks, goes on.
"""

import contextlib
import copy
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Object = dict[str, Any]

# The kinds of each group and version, by the names that their addresses have.
BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "v1": {
        "configmaps": "ConfigMap",
        "namespaces": "Namespace",
        "persistentvolumeclaims": "PersistentVolumeClaim",
        "pods": "Pod",
        "secrets": "Secret",
        "serviceaccounts": "ServiceAccount",
        "services": "Service",
    },
    "apps/v1": {"deployments": "Deployment"},
    "batch/v1": {"cronjobs": "CronJob", "jobs": "Job"},
    "networking.k8s.io/v1": {"networkpolicies": "NetworkPolicy"},
    "rbac.authorization.k8s.io/v1": {"rolebindings": "RoleBinding", "roles": "Role"},
}
ADDED: Mapping[str, Mapping[str, str]] = {
    "monitoring.coreos.com/v1": {"podmonitors": "PodMonitor", "servicemonitors": "ServiceMonitor"},
    "ray.io/v1": {"rayclusters": "RayCluster", "raycronjobs": "RayCronJob", "rayjobs": "RayJob"},
}
_DONE = {
    "succeeded": 1,
    "conditions": [{"type": type_, "status": "True"} for type_ in ("Complete", "SuccessCriteriaMet")],
}


class KubeApi(ThreadingHTTPServer):
    """The server, at a free port of this machine; ``objects`` are by their address."""

    daemon_threads = True

    def __init__(self, kinds: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kinds = kinds
        self.objects: dict[str, Object] = {}
        self.created: list[str] = []
        self.events: list[tuple[str, str, Object]] = []
        self.lock = threading.Condition()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def kubeconfig(self) -> str:
        """What tells a client of this server, as the text of a kubeconfig file."""
        context = {"cluster": "here", "user": "nobody", "namespace": "default"}
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{self.server_port}"}}],
                "users": [{"name": "nobody", "user": {}}],
                "contexts": [{"name": "here", "context": context}],
                "current-context": "here",
            }
        )

    def create(self, path: str, made: Object) -> Object | None:
        """Keep a new object, unless there is one of its name."""
        metadata = made["metadata"]
        address = f"{path}/{metadata['name']}"
        if address in self.objects:
            return None
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata["creationTimestamp"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        metadata["resourceVersion"] = "1"
        if "/namespaces/" in path:
            metadata["namespace"] = path.split("/namespaces/")[1].split("/")[0]
        if made["kind"] == "Job":
            made["status"] = _DONE
        self.objects[address] = made
        self.created.append(address)
        self._tell("ADDED", address, made)
        return made

    def change(self, address: str, changes: Object) -> Object | None:
        """Merge changes into an object, as RFC 7386 says."""
        with self.lock:
            found = self.objects.get(address)
            if found is not None:
                _merge(found, changes)
                found["metadata"]["resourceVersion"] = str(int(found["metadata"]["resourceVersion"]) + 1)
                self._tell("MODIFIED", address, found)
            return found

    def remove(self, address: str) -> Object | None:
        """Forget an object."""
        found = self.objects.pop(address, None)
        if found is not None:
            self._tell("DELETED", address, found)
        return found

    def _tell(self, what: str, address: str, about: Object) -> None:
        self.events.append((what, address, copy.deepcopy(about)))
        self.lock.notify_all()

    def listed(self, path: str, selector: str) -> list[Object]:
        """The objects of a kind in a namespace whose labels a selector of equalities names."""
        return [each for address, each in self.objects.items() if _matches(address, each, path, selector)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: KubeApi

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/openapi/v2":
            self._send(200, b"")  # a description, in protobuf, of no kind at all
            return
        found = dict(_discovery(self.server.kinds)).get(address.path)
        if found is None and self._kind(address.path) is not None:
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            selector = ",".join(filter(None, (query.get("labelSelector"), query.get("fieldSelector"))))
            if query.get("watch"):
                self._watch(address.path, selector)
                return
            with self.server.lock:
                found = copy.deepcopy(self.server.objects.get(address.path) or self._list(address.path, selector))
        self._answer(found)

    def do_POST(self) -> None:
        body = self._body()
        with self.server.lock:
            self._answer(self.server.create(urlsplit(self.path).path, body), created=True)

    def do_PATCH(self) -> None:
        body, address = self._body(), urlsplit(self.path).path
        applied = self.headers["Content-Type"].startswith("application/apply-patch")
        with self.server.lock:
            if applied and address not in self.server.objects:
                self._answer(self.server.create(address.rpartition("/")[0], body), created=True)
            else:
                self._answer(self.server.change(address, body))

    def do_DELETE(self) -> None:
        seen, address = self._body().get("preconditions", {}), urlsplit(self.path).path
        with self.server.lock:
            metadata = self.server.objects.get(address, {}).get("metadata", {})
            if metadata and any(metadata[key] != value for key, value in seen.items()):
                self._refuse(409, "Conflict", "the object has been modified")
            else:
                self._answer(self.server.remove(address))

    def _kind(self, path: str) -> str | None:
        """The kind that an address is about; None where it is about none that there is."""
        group, _, rest = path.removeprefix("/api/").removeprefix("/apis/").partition("/namespaces/")
        return self.server.kinds.get(group, {}).get(rest.split("/")[1]) if "/" in rest else None

    def _list(self, path: str, selector: str) -> Object | None:
        parts = path.split("/namespaces/")[1].split("/")
        if len(parts) > 2:
            return None
        version = path.removeprefix("/api/").removeprefix("/apis/").split("/namespaces/")[0]
        items = self.server.listed(path, selector)
        return {
            "kind": f"{self._kind(path)}List",
            "apiVersion": version,
            "metadata": {"resourceVersion": "1"},
            "items": items,
        }

    def _watch(self, path: str, selector: str) -> None:
        """Tell what is there, that this was all, and from then on what happens, until nobody listens."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        version, kind = path.removeprefix("/api/").removeprefix("/apis/").split("/namespaces/")[0], self._kind(path)
        end = {"resourceVersion": "1", "annotations": {"k8s.io/initial-events-end": "true"}}
        with contextlib.suppress(OSError):
            with self.server.lock:
                told = len(self.server.events)
                there = copy.deepcopy(self.server.listed(path, selector))
            for each in there:
                self._event("ADDED", each)
            self._event("BOOKMARK", {"apiVersion": version, "kind": kind, "metadata": end})
            while True:
                with self.server.lock:
                    while len(self.server.events) == told:
                        self.server.lock.wait()
                    new = self.server.events[told:]
                told += len(new)
                for what, address, about in new:
                    if _matches(address, about, path, selector):
                        self._event(what, about)

    def _event(self, what: str, about: Object) -> None:
        self.wfile.write(f"{json.dumps({'type': what, 'object': about})}\n".encode())

    def _body(self) -> Object:
        length = int(self.headers.get("Content-Length") or 0)
        return json.loads(self.rfile.read(length) or b"{}")

    def _answer(self, found: Object | None, created: bool = False) -> None:
        if found is not None:
            self._send(201 if created else 200, json.dumps(found).encode())
            return
        self._refuse(*((409, "AlreadyExists") if created else (404, "NotFound")), self.path)

    def _refuse(self, code: int, reason: str, message: str) -> None:
        said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
        self._send(code, json.dumps(said | {"message": message}).encode())

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _discovery(kinds: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Object]]:
    """What the server says of itself: its version, its groups, and the kinds of each."""
    yield "/version", {"major": "1", "minor": "33", "gitVersion": "v1.33.0"}
    yield "/api", {"kind": "APIVersions", "versions": ["v1"]}
    groups = [
        {"name": version.split("/")[0], "versions": [named], "preferredVersion": named}
        for version in kinds
        if "/" in version
        for named in [{"groupVersion": version, "version": version.split("/")[1]}]
    ]
    yield "/apis", {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    for version, names in kinds.items():
        resources = [
            {
                "name": name,
                "singularName": kind.lower(),
                "kind": kind,
                "namespaced": kind != "Namespace",
                "verbs": verbs,
            }
            for name, kind in names.items()
        ]
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        yield path, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}


def _matches(address: str, found: Object, path: str, selector: str) -> bool:
    known = {**found["metadata"].get("labels", {}), "metadata.name": found["metadata"]["name"]}
    wanted = dict(part.split("=", 1) for part in selector.split(",") if "=" in part)
    return address.rpartition("/")[0] == path and wanted.items() <= known.items()


def _merge(into: Object, changes: Object) -> None:
    for key, value in changes.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
