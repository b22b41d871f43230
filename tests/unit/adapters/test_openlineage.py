"""OpenLineage: two events for each step that works, by the field's own client; a service that is away stops no run."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from headstart import events, steps
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.errors import HeadstartError, UsageError
from headstart.origin import run_id
from headstart.spec import Spec
from headstart.steps import STEPS
from headstart.workspace import Workspace
from tests.support.inline import run_inline, spec_for
from tests.support.web import site, status

Told = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """The client writes into the environment; nothing of it stays."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def spec(tmp_path: Path, tiny_backbone: Path, tiny_export: Path) -> Spec:
    return spec_for(tmp_path, tiny_backbone, tiny_export)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A file that the client writes events to."""
    path = tmp_path / "events.jsonl"
    os.environ["OPENLINEAGE__TRANSPORT__TYPE"] = "file"
    os.environ["OPENLINEAGE__TRANSPORT__LOG_FILE_PATH"] = str(path)
    os.environ["OPENLINEAGE__TRANSPORT__APPEND"] = "true"
    return path


def told(path: Path) -> Told:
    return [json.loads(line) for line in path.read_text().splitlines()]


def quick(spec: Spec) -> Spec:
    return Spec.model_validate(
        spec.said() | {"search": {"trials": 2, "heads": ["ridge"]}, "tune": {"strategy": "head"}}
    )


def on(spec: Spec) -> Context:
    return Context(Workspace.open(spec.workspace), InlineCompute(), events=events.configured(spec))


def check_event(event: Mapping[str, Any]) -> None:
    """What OpenLineage's schema asks of a RunEvent: required fields, and two in every facet."""
    assert event["eventType"] in ("START", "COMPLETE", "FAIL")
    assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
    UUID(event["run"]["runId"])
    assert event["job"]["namespace"]
    assert event["job"]["name"]
    assert ":" in event["producer"]
    datasets = [*event["inputs"], *event["outputs"]]
    assert all(each["namespace"] and each["name"] for each in datasets)
    holders = [event["run"], event["job"], *datasets]
    facets = [facet for each in holders for facet in each.get("facets", {}).values()]
    facets += [facet for each in datasets for facet in each.get("outputFacets", {}).values()]
    assert facets
    assert all(facet["_producer"] and facet["_schemaURL"].startswith("https://openlineage.io/") for facet in facets)


def test_a_whole_run_is_told_step_by_step_and_hangs_together(spec: Spec, log: Path) -> None:
    run = run_inline(quick(spec))
    said = told(log)
    for event in said:
        check_event(event)
    jobs = [(event["job"]["name"], event["eventType"]) for event in said]
    assert jobs == [(f"messages.{step}", state) for step in STEPS for state in ("START", "COMPLETE")]
    assert len({event["run"]["runId"] for event in said}) == len(STEPS)
    assert len({event["run"]["facets"]["parent"]["run"]["runId"] for event in said}) == 1
    assert {event["run"]["facets"]["tags"]["tags"][0]["value"] for event in said} == {run_id(quick(spec))}
    done = {event["job"]["name"].partition(".")[2]: event for event in said if event["eventType"] == "COMPLETE"}
    made = {name: event["outputs"][0] for name, event in done.items()}
    # What a step reads another has made, under the same name: that is what a service draws its graph from.
    known = {("file", spec.data.source), ("file", spec.backbones[0])}
    for step in STEPS:
        assert {(each["namespace"], each["name"]) for each in done[step]["inputs"]} <= known
        known |= {(each["namespace"], each["name"]) for each in done[step]["outputs"]}
    rows = made["import_labels"]["outputFacets"]["outputStatistics"]["rowCount"]
    assert rows == sum(run.dataset.rows(split) for split in ("train", "validation", "test"))
    assert made["import_labels"]["facets"]["version"]["datasetVersion"] == run.dataset.identity
    assert [(each["namespace"], each["name"]) for each in done["import_labels"]["inputs"]] == [
        ("file", spec.data.source)
    ]
    assert made["register"]["name"] == f"{spec.registry.uri}/models/messages/versions/00000001.json"
    assert Path(made["register"]["name"]).is_file()


def test_what_is_found_is_not_told_again(spec: Spec, log: Path) -> None:
    steps.import_labels(spec, on(spec))
    before = told(log)
    steps.import_labels(spec, on(spec))
    assert told(log) == before


def test_a_step_that_fails_is_told_with_its_reason(spec: Spec, log: Path) -> None:
    spec = spec.model_copy(update={"backbones": (str(Path(spec.workspace).parent / "none"),)})
    with pytest.raises(HeadstartError), on(spec).events.working("fetch_backbone", []):
        raise HeadstartError("backbone/not-found", "no such folder.", remedy="Name one.", where="none")
    start, failed = told(log)
    check_event(failed)
    assert (start["eventType"], failed["eventType"], failed["outputs"]) == ("START", "FAIL", [])
    assert start["run"]["runId"] == failed["run"]["runId"]
    assert "[backbone/not-found]" in failed["run"]["facets"]["errorMessage"]["message"]


def test_what_a_bug_says_stays_here(spec: Spec, log: Path) -> None:
    with pytest.raises(RuntimeError), on(spec).events.working("fine_tune", []):
        raise RuntimeError("a row of somebody's data")
    assert "somebody" not in log.read_text()


def test_a_service_is_told_over_http(spec: Spec) -> None:
    with site({"/api/v1/lineage": status(201)}) as service:
        os.environ |= {"OPENLINEAGE_URL": service.url, "OPENLINEAGE_NAMESPACE": "labels"}
        steps.import_labels(spec, on(spec))
        said = [json.loads(body) for body in service.bodies]
    assert [event["eventType"] for event in said] == ["START", "COMPLETE"]
    for event in said:
        check_event(event)
        assert event["job"]["namespace"] == "labels"


def test_a_service_that_refuses_stops_no_run_and_is_asked_no_more(spec: Spec, caplog: pytest.LogCaptureFixture) -> None:
    with site({"/api/v1/lineage": status(400)}) as service:
        os.environ["OPENLINEAGE_URL"] = service.url
        steps.import_labels(spec, on(spec))
        assert len(service.bodies) == 1
    assert "told no more of this run" in caplog.text


def test_without_a_service_nobody_is_told(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openlineage.client", None)
    assert isinstance(events.configured(spec), events.Unheard)


def test_a_service_without_the_extra_names_it(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "headstart.adapters.openlineage", raising=False)
    monkeypatch.setitem(sys.modules, "openlineage.client", None)
    os.environ["OPENLINEAGE_URL"] = "http://localhost"
    with pytest.raises(UsageError, match=r"headstart\[lineage\]"):
        events.configured(spec)


def test_a_setting_that_the_client_refuses_is_told(spec: Spec) -> None:
    os.environ["OPENLINEAGE__TRANSPORT__TYPE"] = "file"  # without a path
    with pytest.raises(UsageError, match="OPENLINEAGE__TRANSPORT__TYPE"):
        events.configured(spec)
