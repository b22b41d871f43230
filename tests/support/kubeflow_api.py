"""The HTTP API of Kubeflow Pipelines over :mod:`.kubeflow_state`.

It takes only bodies of the API's published shapes: every body is held against the class of ``kfp-server-api`` for
it, key by key and type by type.
"""

import contextlib
import email.parser
import email.policy
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import kfp_server_api.models
import yaml

from tests.support.kubeflow_state import Refused, State, matches

_ROOT = "/apis/v2beta1"
_PLAIN: Mapping[str, type] = MappingProxyType({"str": str, "bool": bool, "int": int, "datetime": str})


def check_shape(kind: str, said: Any, where: str = "body") -> None:
    """Whether JSON data has the shape that the API publishes for a class.

    Raises:
        Refused: It has not.
    """
    if kind == "object":
        return
    if kind in _PLAIN:
        if not isinstance(said, _PLAIN[kind]):
            raise Refused(400, f"{where} is {said!r}, no {kind}")
        return
    if kind.startswith(("dict(", "list[")):
        if not isinstance(said, dict if kind.startswith("dict(") else list):
            raise Refused(400, f"{where} is {said!r}, no {kind}")
        return
    model = getattr(kfp_server_api.models, kind)
    allowed = getattr(model, "allowable_values", None)
    if allowed is not None:
        if said not in allowed:
            raise Refused(400, f"{where} is {said!r}, none of {allowed}")
        return
    keys = {model.attribute_map[name]: inner for name, inner in model.openapi_types.items()}
    for key, value in said.items():
        if key not in keys:
            raise Refused(400, f"{where} has an unknown key {key!r}")
        check_shape(keys[key], value, f"{where}.{key}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: else each answer waits for an acknowledgement
    server: "_Server"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = parts.path.removeprefix(_ROOT)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        state = self.server.state
        state.calls.append(f"{self.command} {path}")
        try:
            status, said = 200, self._route(path, query, body)
        except Refused as refused:
            status, said = refused.status, {"error": str(refused), "code": refused.status}
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _answer  # noqa: N815

    def _route(self, path: str, query: dict[str, str], body: bytes) -> Any:
        for method, pattern, answer in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                return answer(self, found, query, body)
        there = any(re.fullmatch(pattern, path) for _, pattern, _ in _ROUTES)
        raise Refused(405 if there else 404, f"the API has no {self.command} {path}")

    def _healthz(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return {"multi_user": False}

    def _pipelines(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return _page("Pipelines", self.server.state.pipelines, query)

    def _create_pipeline(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return self.server.state.add("pipelines", _json("V2beta1Pipeline", body))

    def _versions(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        every = self.server.state.versions
        return _page(
            "PipelineVersions", {id_: each for id_, each in every.items() if each["pipeline_id"] == found[1]}, query
        )

    def _experiments(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return _page("Experiments", self.server.state.experiments, query)

    def _create_experiment(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return self.server.state.add("experiments", _json("V2beta1Experiment", body))

    def _recurring(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return _page("RecurringRuns", self.server.state.recurring, query)

    def _create_recurring(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return _shown(self.server.state.create_recurring(_json("V2beta1RecurringRun", body)))

    def _one_recurring(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        if found[1] not in self.server.state.recurring:
            raise Refused(404, "no such recurring run")
        return _shown(self.server.state.recurring[found[1]])

    def _set_mode(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        self.server.state.set_mode(found[1], found[2] == "enable")
        return {}

    def _delete_recurring(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        policy = query.get("propagation_policy", "BACKGROUND")
        check_shape("V2beta1DeletePropagationPolicy", policy)
        self.server.state.delete_recurring(found[1], policy)
        return {}

    def _run(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return _shown(self.server.state.start(_json("V2beta1Run", body)))

    def _runs(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        mine = {
            id_: each
            for id_, each in self.server.state.runs.items()
            if query.get("experiment_id") in (None, each.get("experiment_id"))
        }
        return _page("Runs", mine, query)

    def _one_run(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        return _shown(self.server.state.one_run(found[1]))

    def _terminate(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        self.server.state.terminate(found[1])
        return {}

    def _upload(self, found: re.Match[str], query: dict[str, str], body: bytes) -> Any:
        state = self.server.state
        if query.get("pipelineid") not in state.pipelines:
            raise Refused(404, "no such pipeline")
        named = [
            each
            for each in state.versions.values()
            if (each["pipeline_id"], each["display_name"]) == (query["pipelineid"], query["name"])
        ]
        if named:
            raise Refused(409, "the name is taken")
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        (file,) = form.iter_parts()
        graph = next(yaml.safe_load_all(file.get_content()))
        said = {"display_name": query["name"], "pipeline_id": query["pipelineid"], "pipeline_spec": graph}
        return state.add("versions", said)


# All that there is: no recurring run can be changed.
_ROUTES: Sequence[tuple[str, str, Callable[[_Handler, re.Match[str], dict[str, str], bytes], Any]]] = (
    ("GET", "/healthz", _Handler._healthz),
    ("GET", "/pipelines", _Handler._pipelines),
    ("POST", "/pipelines", _Handler._create_pipeline),
    ("POST", "/pipelines/upload_version", _Handler._upload),
    ("GET", "/pipelines/([^/]+)/versions", _Handler._versions),
    ("GET", "/experiments", _Handler._experiments),
    ("POST", "/experiments", _Handler._create_experiment),
    ("GET", "/recurringruns", _Handler._recurring),
    ("POST", "/recurringruns", _Handler._create_recurring),
    ("GET", "/recurringruns/([^:/]+)", _Handler._one_recurring),
    ("DELETE", "/recurringruns/([^:/]+)", _Handler._delete_recurring),
    ("POST", "/recurringruns/([^:/]+):(enable|disable)", _Handler._set_mode),
    ("GET", "/runs", _Handler._runs),
    ("POST", "/runs", _Handler._run),
    ("GET", "/runs/([^/:]+)", _Handler._one_run),
    ("POST", "/runs/([^/:]+):terminate", _Handler._terminate),
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: State


def _json(kind: str, body: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(body)
    check_shape(kind, said)
    return said


def _shown(said: dict[str, Any]) -> dict[str, Any]:
    """Without what only our scheduler knows."""
    return {key: value for key, value in said.items() if key not in ("last", "version")}


def _page(kind: str, of: Mapping[str, dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    found = [each for each in of.values() if matches(each, query.get("filter", ""))]
    key, _, direction = (query.get("sort_by") or "created_at").partition(" ")
    found.sort(key=lambda each: each[key], reverse=direction == "desc")
    start, size = int(query.get("page_token") or 0), int(query.get("page_size") or 10)
    more = {"next_page_token": str(start + size)} if start + size < len(found) else {}
    model = getattr(kfp_server_api.models, f"V2beta1List{kind}Response")
    (field,) = (key for key, inner in model.openapi_types.items() if inner.startswith("list["))
    return {model.attribute_map[field]: [_shown(each) for each in found[start : start + size]], **more}


@contextlib.contextmanager
def kubeflow_api(state: State) -> Iterator[str]:
    """The API on a free port; gives its address."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.state = state
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
