"""The contract of runners: on this machine, on a real Ray cluster with its dashboard, Jobs API and token, and on KubeRay.

The last is an API server and an operator of the tests' own; what they run is real.
"""

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.adapters.kuberay import KubeRayRunner
from headstart.adapters.ray_jobs import RayRunner
from headstart.errors import JobError
from headstart.jobs import Job, Runner, State, Work, rayjob
from headstart.jobs.cluster import ClusterSpec
from headstart.jobs.kept import Kept
from headstart.jobs.local import LocalRunner
from headstart.spec import Spec
from tests.support.jobs import ended, slow_export, spec_in, started
from tests.support.kube_api import KubeApi
from tests.support.kuberay_operator import kuberay
from tests.support.ray_head import Head, ray_head
from tests.support.servers import free_port


@pytest.fixture(scope="module")
def head() -> Iterator[Head]:
    with ray_head() as head:
        yield head


@pytest.fixture(scope="module")
def kube() -> Iterator[KubeApi]:
    with kuberay() as api:
        yield api


@pytest.fixture(params=["local", "ray", "kuberay"])
def runner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("HEADSTART_ALLOW_PRIVATE_HOSTS", "localhost")
    if request.param == "local":
        return LocalRunner()
    if request.param == "ray":
        return RayRunner(request.getfixturevalue("head").address)
    port = request.getfixturevalue("kube").server_port
    return KubeRayRunner(f"http://127.0.0.1:{port}", "team", ClusterSpec(image="headstart:0.1.0"))


def work_of(spec: Spec, id_: str, step: str = "import_labels", inputs: tuple[tuple[str, str], ...] = ()) -> Work:
    """Work whose spec lies in its workspace."""
    uri = Path(spec.workspace) / "jobs" / id_ / "spec.json"
    uri.parent.mkdir(parents=True)
    uri.write_text(spec.to_json())
    return Work(id_, spec, str(uri), step, inputs)


def test_work_that_is_done_has_succeeded_and_left_its_result(runner: Runner, tmp_path: Path, tiny_export: Path) -> None:
    spec = spec_in(tmp_path, tiny_export)
    work = work_of(spec, "messages-0000000a-1")
    handed = runner.submit(work)
    assert (handed.id, handed.runner) == (work.id, runner.name)

    found = ended(runner, work.id)
    assert (found.state, found.exit_status, found.name, found.spec_uri) == (
        State.SUCCEEDED,
        0,
        "messages",
        work.spec_uri,
    )
    assert found.submitted <= found.finished
    lines = list(runner.log(work.id))
    assert sum(line.startswith("✓ import_labels") for line in lines) == 1
    kept = Kept(spec.workspace, work.id)
    result = kept.result()
    assert result == {"digests": {"import_labels": lines[-1]}}
    assert any("import_labels" in line for line in kept.log() or ())
    last = kept.ended()
    assert last is not None
    assert last.trouble is None

    assert runner.cancel(work.id).state is State.SUCCEEDED
    assert runner.submit(work).state is State.SUCCEEDED, "a job that has ended is adopted, too"
    assert list(runner.log(work.id, follow=True)) == lines
    assert work.id in [job.id for job in runner.list()]


def test_work_that_fails_has_failed_with_the_commands_status(runner: Runner, tmp_path: Path) -> None:
    spec = spec_in(tmp_path, tmp_path / "missing.csv")
    work = work_of(spec, "messages-0000000b-1")
    runner.submit(work)
    found = ended(runner, work.id)
    assert (found.state, found.exit_status) == (State.FAILED, 2)
    assert found.reason
    assert found.message
    last = Kept(spec.workspace, work.id).ended()
    assert last is not None
    assert last.trouble is not None
    assert last.trouble.code == "data/not-found"
    assert any("data/not-found" in line for line in runner.log(work.id))


def test_what_is_handed_over_many_times_runs_once_and_its_log_is_followed_to_the_end(
    runner: Runner, tmp_path: Path
) -> None:
    followed: list[str] = []
    with slow_export(tmp_path) as export:
        work = work_of(spec_in(tmp_path, export.url), "messages-0000000c-1")
        jobs: list[Job] = []
        rivals = [threading.Thread(target=lambda: jobs.append(runner.submit(work))) for _ in range(5)]
        for rival in rivals:
            rival.start()
        for rival in rivals:
            rival.join()
        assert [job.id for job in jobs] == [work.id] * 5
        assert export.asked.wait(60)
        assert runner.get(work.id).state is State.RUNNING
        follower = threading.Thread(target=lambda: followed.extend(runner.log(work.id, follow=True)))
        follower.start()
        export.go.set()
        assert ended(runner, work.id).state is State.SUCCEEDED
        follower.join(30)
    assert followed == list(runner.log(work.id))
    assert sum(line.startswith("✓ import_labels") for line in followed) == 1


def test_a_job_is_cancelled_in_the_middle_of_its_step_and_says_so_in_its_workspace(
    runner: Runner, tmp_path: Path
) -> None:
    with slow_export(tmp_path) as export:
        spec = spec_in(tmp_path, export.url)
        work = work_of(spec, "messages-0000000d-1")
        runner.submit(work)
        started(runner, work.id)
        assert export.asked.wait(60)
        runner.cancel(work.id)
        assert ended(runner, work.id).state is State.CANCELLED
    assert runner.cancel(work.id).state is State.CANCELLED
    kept = Kept(spec.workspace, work.id)
    last = kept.ended()
    assert last is not None
    assert last.trouble is not None
    assert last.trouble.code == "stopped"
    assert kept.result() is None


def test_a_job_that_nobody_handed_over_is_not_found(runner: Runner) -> None:
    for ask in (runner.get, runner.cancel, lambda job: list(runner.log(job))):
        for job in ("messages-0000000e-1", "../../etc"):
            with pytest.raises(JobError) as caught:
                ask(job)
            assert (caught.value.code, caught.value.exit_status) == ("job/not-found", 2)


def test_a_node_that_lives_answers_the_probe_of_its_pod_and_one_that_does_not_fails_it(head: Head) -> None:
    def healthy(port: int) -> bool:
        command = ["timeout", "20", "bash", "-c", rayjob.health(port)]
        return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0

    deadline = time.monotonic() + 60
    while not healthy(head.agent):  # the agent comes after the dashboard
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert not healthy(free_port())
