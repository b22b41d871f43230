"""Jobs as runs of the transfer pipeline, over the HTTP API of Kubeflow Pipelines."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import headstart as hs
from headstart.adapters.kubeflow_jobs import EXPERIMENT, KubeflowRunner
from headstart.errors import HeadstartError, JobError, SpecError
from headstart.jobs import State, Work
from tests.support.kubeflow_api import kubeflow_api
from tests.support.kubeflow_state import State as Kubeflow

SPEC = hs.Spec(name="intents", data="s3://labels/a.json", workspace="s3://work", registry={"uri": "s3://models"})
WORK = Work("intents-0000000a-1", SPEC, "s3://work/jobs/intents-0000000a-1/spec.json")


@pytest.fixture
def state() -> Kubeflow:
    state = Kubeflow()
    pipeline = state.add("pipelines", {"display_name": "transfer"})
    state.add("versions", {"display_name": "1", "pipeline_id": pipeline["pipeline_id"]})
    return state


@pytest.fixture
def address(state: Kubeflow) -> Iterator[str]:
    with kubeflow_api(state) as address:
        yield address


@pytest.fixture
def runner(address: str) -> KubeflowRunner:
    return KubeflowRunner(address, None)


def test_a_job_is_a_run_of_the_latest_transfer_pipeline_with_the_spec(runner: KubeflowRunner, state: Kubeflow) -> None:
    handed = runner.submit(WORK)
    assert (handed.id, handed.state, handed.name, handed.spec_uri) == (
        WORK.id,
        State.RUNNING,
        "intents",
        WORK.spec_uri,
    )
    (run,) = state.runs.values()
    assert hs.Spec.parse(run["runtime_config"]["parameters"]["spec"]) == SPEC
    assert state.experiments[run["experiment_id"]]["display_name"] == EXPERIMENT
    assert runner.submit(WORK) == handed
    assert len(state.runs) == 1
    assert runner.list() == [handed]


@pytest.mark.parametrize(
    ("compute", "cpus", "accelerators"),
    [
        ({}, "2", "0"),
        ({"workers": 2, "cpus_per_worker": 4, "gpus_per_worker": 1}, "8", "2"),
        ({"workers": 3, "gpus_per_worker": 0}, "3", "0"),
    ],
)
def test_the_pods_have_what_all_workers_ask_for(
    runner: KubeflowRunner, state: Kubeflow, compute: dict[str, int], cpus: str, accelerators: str
) -> None:
    spec = hs.Spec.model_validate(SPEC.said() | {"compute": compute})
    runner.submit(Work(WORK.id, spec, WORK.spec_uri))
    (run,) = state.runs.values()
    given = run["runtime_config"]["parameters"]
    assert (given["cpus"], given["accelerators"]) == (cpus, accelerators)


def test_of_runs_that_were_started_at_once_the_oldest_is_kept(runner: KubeflowRunner, state: Kubeflow) -> None:
    first = runner.submit(WORK)
    (run,) = list(state.runs.values())
    twin = state.start({key: run[key] for key in run if key not in ("run_id", "created_at", "state", "version")})
    assert runner.submit(WORK).submitted == first.submitted
    assert state.runs[twin["run_id"]]["state"] == "CANCELING"
    assert state.runs[run["run_id"]]["state"] == "RUNNING"
    assert runner.list() == [first]


def test_the_log_is_how_the_tasks_went(runner: KubeflowRunner, state: Kubeflow) -> None:
    runner.submit(WORK)
    runner.pause = 0.02
    (id_,) = state.runs
    state.change(id_, "RUNNING", "import-labels")
    lines: list[str] = []
    follower = threading.Thread(target=lambda: lines.extend(runner.log(WORK.id, follow=True)))
    follower.start()
    state.change(id_, "SUCCEEDED", "import-labels")
    state.change(id_, "FAILED", "fetch-backbone")
    state.change(id_, "FAILED", error="fetch-backbone: exit code 1")
    follower.join(30)
    assert [line.split(" ", 1)[1] for line in lines] == [
        "import-labels RUNNING",
        "import-labels SUCCEEDED",
        "fetch-backbone FAILED",
    ]
    found = runner.get(WORK.id)
    assert (found.state, found.message) == (State.FAILED, "fetch-backbone: exit code 1")
    assert found.finished


def test_a_cancelled_run_is_one_once_it_has_ended(runner: KubeflowRunner, state: Kubeflow) -> None:
    runner.submit(WORK)
    (id_,) = state.runs
    assert runner.cancel(WORK.id).state is State.RUNNING
    state.change(id_, "CANCELED")
    assert runner.get(WORK.id).state is State.CANCELLED
    assert runner.cancel(WORK.id).state is State.CANCELLED


def test_what_kubeflow_does_not_know_or_do_is_said(runner: KubeflowRunner, state: Kubeflow) -> None:
    with pytest.raises(JobError) as unknown:
        runner.get("intents-0000000b-1")
    assert unknown.value.code == "job/not-found"
    with pytest.raises(HeadstartError) as step:
        runner.submit(Work(WORK.id, SPEC, WORK.spec_uri, "import_labels"))
    assert "no single step" in step.value.problem
    state.pipelines.clear()
    with pytest.raises(HeadstartError) as missing:
        runner.submit(WORK)
    assert missing.value.code == "kubeflow/not-found"
    assert "headstart pipelines upload" in missing.value.remedy


def test_files_of_this_machine_are_refused_before_anything_is_asked(
    address: str, state: Kubeflow, tmp_path: Path
) -> None:
    client = hs.Client(on="kubeflow", address=address)
    asked = len(state.calls)
    for changes, key in (
        ({"workspace": str(tmp_path)}, "workspace"),
        ({"registry": {"uri": str(tmp_path)}}, "registry.uri"),
        ({"data": {"source": "a.json"}}, "data.source"),
        ({"backbones": ("./model",)}, "backbones"),
    ):
        said = json.loads(SPEC.to_json()) | changes
        with pytest.raises(SpecError) as caught:
            client.submit(hs.Spec.model_validate(said))
        assert caught.value.problem.startswith(f"{key} is ")
        assert "s3://" in caught.value.remedy
    assert len(state.calls) == asked
