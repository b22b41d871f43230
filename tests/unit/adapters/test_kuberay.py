"""RayJobs over the API: what Kubernetes answers is told, and nothing runs twice."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from headstart.adapters import kuberay
from headstart.adapters.kuberay import KubeRayRunner
from headstart.adapters.kubernetes import Access
from headstart.adapters.rayjobs import RayJobs
from headstart.adapters.rest import Rest
from headstart.cli import main
from headstart.errors import JobError
from headstart.jobs import State, Work
from headstart.jobs.cluster import ClusterSpec
from headstart.jobs.kept import Ended, Kept
from headstart.jobs.rayjob import HEARTBEAT, OURS, Object
from headstart.spec import Spec
from tests.support.kube_api import ADDED, KubeApi
from tests.support.web import Handler, Page, site

JOBS = "/apis/ray.io/v1/namespaces/team/rayjobs"
CLUSTER = ClusterSpec(image="headstart:0.1.0")
SPEC = Spec.parse(
    '{"name": "tickets", "data": "s3://labels/a.json", "workspace": "s3://work", "registry": {"uri": "s3://m"}}'
)
WORK = Work("tickets-0000000a-1", SPEC, "s3://work/jobs/tickets-0000000a-1/spec.json")


@pytest.fixture
def api() -> Iterator[KubeApi]:
    made = KubeApi(ADDED)
    yield made
    made.shutdown()


def on(address: str, namespace: str = "team") -> KubeRayRunner:
    return KubeRayRunner(address, namespace, CLUSTER)


def at(api: KubeApi) -> str:
    return f"http://127.0.0.1:{api.server_port}"


def answer(code: int, said: dict[str, Any] | str) -> Page:
    def page(handler: Handler) -> None:
        body = (said if isinstance(said, str) else json.dumps(said)).encode()
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return page


def refusal(code: int, message: str) -> Page:
    return answer(code, {"kind": "Status", "status": "Failure", "code": code, "message": message})


def lost(handler: Handler) -> None:
    """Take what is asked, and hang up."""
    handler.close_connection = True


@pytest.mark.parametrize(
    ("page", "code", "said"),
    [
        (refusal(401, "Unauthorized"), "job/refused", "Log in again"),
        (refusal(403, 'cannot create resource "rayjobs"'), "job/refused", "rbac.pipelineRunner"),
        (answer(404, "404 page not found"), "job/refused", "Install KubeRay"),
        (refusal(404, 'namespaces "team" not found'), "job/refused", 'namespaces "team" not found'),
        (refusal(422, "spec.entrypoint: Invalid value"), "job/refused", "spec.entrypoint: Invalid value"),
        (refusal(403, "exceeded quota: gpus"), "job/refused", "exceeded quota: gpus"),
        (refusal(429, "too many requests"), "job/unreachable", "Try again"),
        (refusal(503, "etcd is away"), "job/unreachable", "etcd is away"),
        (answer(200, "<html>a login page</html>"), "job/unreachable", "no Kubernetes"),
    ],
)
def test_what_kubernetes_answers_to_a_submission_is_told(page: Page, code: str, said: str) -> None:
    with site({JOBS: page}) as here, pytest.raises(JobError) as caught:
        on(here.url).submit(WORK)
    assert caught.value.code == code
    assert said in str(caught.value)


def test_a_reply_that_was_lost_is_settled_by_a_look() -> None:
    there = {"metadata": {"name": WORK.id, "labels": dict([OURS])}, "status": {"jobDeploymentStatus": "Running"}}
    with site({JOBS: lost, f"{JOBS}/{WORK.id}": answer(200, there)}) as here:
        assert on(here.url).submit(WORK).id == WORK.id
        assert [each for each in here.asked if each == JOBS] == [JOBS]
    with site({JOBS: lost, f"{JOBS}/{WORK.id}": refusal(404, "none")}) as here, pytest.raises(JobError) as caught:
        on(here.url).submit(WORK)
    assert caught.value.code == "job/unreachable"


def test_the_same_work_is_adopted_and_another_object_of_its_name_is_not(api: KubeApi) -> None:
    runner = on(at(api))
    first = runner.submit(WORK)
    assert runner.submit(WORK).id == first.id
    assert len(api.created) == 1
    api.change(f"{JOBS}/{WORK.id}", {"metadata": {"labels": {OURS[0]: "Helm"}}})
    with pytest.raises(JobError, match="did not make"):
        runner.submit(WORK)


def test_the_jobs_of_many_pages_are_listed_and_begun_anew_where_the_next_is_forgotten() -> None:
    first = f"{JOBS}?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dheadstart"
    one, two = ({"items": [{"metadata": {"name": name}}]} for name in ("a", "b"))
    pages = {
        f"{first}&limit=250": answer(200, one | {"metadata": {"continue": "x"}}),
        f"{first}&limit=250&continue=x": answer(200, two),
    }
    with site(pages) as here:
        assert {job.id for job in on(here.url).list()} == {"a", "b"}
    pages[f"{first}&limit=250&continue=x"] = refusal(410, "expired")
    pages[first] = answer(200, {"items": one["items"] + two["items"]})
    with site(pages) as here:
        assert sorted(job.id for job in on(here.url).list()) == ["a", "b"]


def test_a_cancel_deletes_once_and_leaves_word_in_the_workspace(api: KubeApi, tmp_path: Path) -> None:
    kept = Kept(str(tmp_path), WORK.id)
    work = Work(WORK.id, SPEC, f"{tmp_path}/jobs/{WORK.id}/spec.json")
    runner = on(at(api))
    runner.submit(work)
    assert runner.cancel(WORK.id).state is State.CANCELLED
    assert [what for what, _, _ in api.events] == ["ADDED", "DELETED"]
    last = kept.ended()
    assert last is not None
    assert last.trouble is not None
    assert last.trouble.code == "stopped"
    with pytest.raises(JobError) as caught:
        on(at(api)).get(WORK.id)
    assert caught.value.code == "job/not-found"


def test_a_cancel_whose_reply_is_lost_is_settled_by_a_look(
    api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = on(at(api))
    runner.submit(Work(WORK.id, SPEC, f"{tmp_path}/jobs/{WORK.id}/spec.json"))
    ask = Rest.ask

    def deaf(self: Rest, method: str, *more: Any) -> Any:
        answer = ask(self, method, *more)
        if method == "DELETE":
            raise JobError("job/unreachable", "the reply was lost.", remedy="Try again.")
        return answer

    monkeypatch.setattr(Rest, "ask", deaf)
    assert runner.cancel(WORK.id).state is State.CANCELLED


def test_the_log_of_a_cluster_that_is_gone_is_what_the_job_left_in_its_workspace(api: KubeApi, tmp_path: Path) -> None:
    work = Work(WORK.id, SPEC, f"{tmp_path}/jobs/{WORK.id}/spec.json")
    runner = on(at(api))
    runner.submit(work)
    Kept(str(tmp_path), WORK.id).keep_end("one\ntwo\n", Ended(started="", finished="", trouble=None))
    gone = {"jobDeploymentStatus": "Complete", "jobStatus": "SUCCEEDED", "dashboardURL": "127.0.0.1:9"}
    api.change(f"{JOBS}/{WORK.id}", {"status": gone})
    assert list(runner.log(WORK.id, follow=True)) == ["one", "two"]


@pytest.fixture
def watched(api: KubeApi, monkeypatch: pytest.MonkeyPatch) -> KubeRayRunner:
    """A runner in a pod of a pipeline's step, which has submitted its work a while ago."""
    monkeypatch.setenv("KFP_POD_NAME", "step-1")
    monkeypatch.setenv("KFP_POD_UID", "uid-1")
    monkeypatch.setattr(kuberay, "access", lambda address: Access(Rest(at(api)), "team", inside=True))
    runner = KubeRayRunner(cluster=CLUSTER)
    runner.submit(WORK)
    silence(api)
    return runner


def silence(api: KubeApi) -> None:
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    api.change(f"{JOBS}/{WORK.id}", {"metadata": {"annotations": {HEARTBEAT: old}}})


def test_a_pipelines_step_owns_its_job_and_gives_signs_of_life_while_it_watches(
    api: KubeApi, watched: KubeRayRunner
) -> None:
    metadata = api.objects[f"{JOBS}/{WORK.id}"]["metadata"]
    assert metadata["ownerReferences"][0]["uid"] == "uid-1"
    before = metadata["annotations"][HEARTBEAT]
    watched.get(WORK.id)
    assert metadata["annotations"][HEARTBEAT] > before
    changes = len(api.events)
    watched.get(WORK.id)
    assert len(api.events) == changes  # once a minute is enough


def test_a_step_that_waits_for_a_line_of_the_log_shows_life_meanwhile(
    api: KubeApi, watched: KubeRayRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kuberay, "_BEAT_SECONDS", 0.05)
    metadata, more = api.objects[f"{JOBS}/{WORK.id}"]["metadata"], list[str]()
    state = {"status": "RUNNING", "submission_id": WORK.id}
    page = f"/api/jobs/{WORK.id}"
    pages: dict[str, Page] = {
        page: lambda handler: answer(200, state)(handler),
        f"{page}/logs": answer(200, {"logs": "one\n"}),
    }
    with site(pages) as here:
        running = {"jobDeploymentStatus": "Running", "jobStatus": "RUNNING", "rayClusterName": "c"}
        api.change(f"{JOBS}/{WORK.id}", {"status": running | {"dashboardURL": here.url.removeprefix("http://")}})
        lines = watched.log(WORK.id, follow=True)
        assert next(lines) == "one"
        follower = threading.Thread(target=lambda: more.extend(lines))
        follower.start()  # which waits for a line that does not come
        for _ in range(2):
            version, deadline = metadata["resourceVersion"], time.monotonic() + 30
            while metadata["resourceVersion"] == version:
                assert time.monotonic() < deadline
                time.sleep(0.01)
        state["status"] = "SUCCEEDED"
        api.change(f"{JOBS}/{WORK.id}", {"status": {"jobDeploymentStatus": "Complete", "jobStatus": "SUCCEEDED"}})
        follower.join(30)
    assert more == []


def test_a_job_whose_step_is_gone_is_reaped(api: KubeApi, watched: KubeRayRunner) -> None:
    by_hand = Work("tickets-0000000b-1", SPEC, "s3://work/jobs/tickets-0000000b-1/spec.json")
    on(at(api)).submit(by_hand)
    limits = timedelta(minutes=15), timedelta(hours=24)
    assert [each.name for each in watched.reap(*limits, apply=False)] == [WORK.id]
    assert len(api.objects) == 2
    command = ["jobs", "reap", "--address", at(api), "--namespace", "team", "--apply"]
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.stdout.startswith(f"Deleted {WORK.id}: nobody has watched it since")
    assert list(api.objects) == [f"{JOBS}/{by_hand.id}"]


def test_a_job_that_shows_life_while_it_is_judged_is_left_alone(
    api: KubeApi, watched: KubeRayRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(RayJobs):
        def ours(self) -> Sequence[Object]:
            found = super().ours()
            watched.get(WORK.id)
            return found

    monkeypatch.setattr(kuberay, "RayJobs", Late)
    assert KubeRayRunner(cluster=CLUSTER).reap(timedelta(minutes=15), timedelta(hours=24), apply=True) == []
    assert list(api.objects) == [f"{JOBS}/{WORK.id}"]


def test_a_time_that_is_none_is_refused(api: KubeApi) -> None:
    done = CliRunner().invoke(main, ["jobs", "reap", "--address", at(api), "--silent", "soon"])
    assert done.exit_code == 2
    assert "--silent: 'soon' is no length of time" in done.stderr
