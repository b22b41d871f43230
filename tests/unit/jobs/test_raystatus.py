"""What a RayJob says of itself."""

from typing import Any

import pytest

from headstart.jobs import State, raystatus
from headstart.jobs.rayjob import SPEC


def rayjob(deployment: str = "", ray: str = "", **more: Any) -> dict[str, Any]:
    said = {"jobDeploymentStatus": deployment, "jobStatus": ray} | more.pop("status", {})
    metadata = {"name": "tickets-1", "uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-11-26T05:00:00Z"}
    return {"metadata": metadata | more, "status": said}


@pytest.mark.parametrize(
    ("deployment", "status", "state"),
    [
        ("", "", State.QUEUED),
        ("Initializing", "", State.QUEUED),
        ("Suspended", "", State.QUEUED),
        ("Retrying", "FAILED", State.QUEUED),
        ("Running", "PENDING", State.QUEUED),
        ("Running", "RUNNING", State.RUNNING),
        ("Complete", "SUCCEEDED", State.SUCCEEDED),
        ("Complete", "STOPPED", State.CANCELLED),
        ("Complete", "FAILED", State.FAILED),
        ("Failed", "FAILED", State.FAILED),
        ("Failed", "", State.FAILED),
        ("ValidationFailed", "", State.FAILED),
        ("SomethingOfANewerKubeRay", "", State.QUEUED),
    ],
)
def test_every_status_is_one_of_our_states(deployment: str, status: str, state: State) -> None:
    assert raystatus.job_of(rayjob(deployment, status)).state is state


def test_an_object_without_a_status_is_queued() -> None:
    assert raystatus.job_of({"metadata": {"name": "a"}}).state is State.QUEUED


def test_a_job_that_is_being_deleted_is_cancelled_unless_it_had_ended() -> None:
    gone = {"deletionTimestamp": "2026-11-27T05:00:00Z"}
    assert raystatus.job_of(rayjob("Running", "RUNNING", **gone)).state is State.CANCELLED
    assert raystatus.job_of(rayjob("Complete", "SUCCEEDED", **gone)).state is State.SUCCEEDED


def test_a_failure_says_kuberays_reason_rays_sentence_and_the_exit_status() -> None:
    message = "Job entrypoint command failed with exit code 2, last available logs (truncated to 20,000 chars):\nsecret"
    times = {"startTime": "2026-11-26T05:01:00Z", "endTime": "2026-11-26T05:02:00Z"}
    status = {"reason": "AppFailed", "message": message, "rayJobInfo": times}
    job = raystatus.job_of(rayjob("Failed", "FAILED", status=status, annotations={SPEC: "s3://w/jobs/a/spec.json"}))
    assert (job.reason, job.message, job.exit_status) == ("AppFailed", message.partition(",")[0], 2)
    assert (job.started, job.finished) == ("2026-11-26T05:01:00+00:00", "2026-11-26T05:02:00+00:00")
    assert job.spec_uri == "s3://w/jobs/a/spec.json"
