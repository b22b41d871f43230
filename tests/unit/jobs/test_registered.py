"""The result of a job that left none of its own: a run of a pipeline, whose version the registry has."""

import pytest

import headstart as hs
from headstart.digest import canonical_json, sha256
from headstart.errors import IntegrityError
from headstart.jobs import Job, State, registered
from headstart.jobs.result import read
from headstart.registry import Registry
from headstart.stores.memory import named
from headstart.workspace import Workspace, record_key
from tests.support.drafts import draft

FIGURE = {"value": 0.9, "low": 0.8, "high": 1.0}
VERDICT = {"answer": "fine-tune", "reason": "it gains"}
DECISION = {
    "promote": True,
    "reason": "better",
    "candidate_name": "tuned model",
    "test_rows": 40,
    "contenders": [{"name": "tuned model", "scores": {"macro_f1": FIGURE}}],
}


@pytest.fixture
def spec(request: pytest.FixtureRequest) -> hs.Spec:
    """A spec of which version 1 and 3 were made, the first by a run of Kubeflow's; version 2 is of another."""
    name = request.node.name
    said = {"name": "intents", "data": "s3://labels/a.csv", "workspace": f"memory://{name}-w"}
    spec = hs.Spec.model_validate(said | {"registry": {"uri": f"memory://{name}-r"}})
    workspace, registry = Workspace.open(spec.workspace), Registry(spec.registry.uri)
    digests = {}
    for kind, record in (("verdict", VERDICT), ("decision", DECISION)):
        digests[kind] = sha256(canonical_json(record))
        workspace.store.put(record_key(kind, digests[kind]), canonical_json(record))
    plain = draft(workspace.blobs)
    made = plain.lineage.model_copy(update={"spec": spec.said(), **digests})
    for number, lineage in enumerate((made.model_copy(update={"runs": {"kubeflow": "run-1"}}), plain.lineage, made)):
        registry.publish(plain.model_copy(update={"lineage": lineage}), workspace.blobs, f"tx-{number}")
    return spec


def job(**known: str) -> Job:
    return Job("intents-0000000a-1", "kubeflow", State.SUCCEEDED, **known)


def test_it_is_the_version_whose_lineage_names_the_run(spec: hs.Spec) -> None:
    said = registered.said(job(reference="run-1"), spec)
    assert said is not None
    outcome = read("intents-0000000a-1", said, "").outcome
    assert outcome is not None
    assert (outcome.version.version, outcome.verdict, outcome.decision.promote) == (1, "fine-tune", True)
    assert outcome.decision.scores["tuned model"]["macro_f1"].low == 0.8


def test_a_run_that_found_everything_done_has_the_newest_of_its_spec_by_then(spec: hs.Spec) -> None:
    said = registered.said(job(reference="run-2"), spec)
    assert said is not None
    assert said["version"]["version"] == 3
    assert registered.said(job(reference="run-2", finished="2020-01-01T00:00:00+00:00"), spec) is None


def test_there_is_none_where_the_registry_has_no_version_of_the_spec(spec: hs.Spec) -> None:
    other = spec.model_copy(update={"backbones": ("org/other",)})
    assert registered.said(job(reference="run-1"), other) is None


def test_a_damaged_record_is_not_believed(spec: hs.Spec) -> None:
    key = record_key("decision", sha256(canonical_json(DECISION)))
    named(spec.workspace).put(key, canonical_json(DECISION | {"promote": False}))
    with pytest.raises(IntegrityError):
        registered.said(job(reference="run-1"), spec)
