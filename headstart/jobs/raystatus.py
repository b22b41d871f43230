"""What a RayJob says of itself, in our words: a pure function."""

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from headstart.jobs import rayjob
from headstart.jobs.job import Job, State

NAME = "kuberay"

# jobDeploymentStatus of KubeRay 1.7; for what is none of these, the job is still on its way.
_STATES: Mapping[str, State] = MappingProxyType(
    {
        "": State.QUEUED,
        "Initializing": State.QUEUED,
        "Waiting": State.QUEUED,
        "Suspending": State.QUEUED,
        "Suspended": State.QUEUED,
        "Retrying": State.QUEUED,
        "Running": State.RUNNING,
        "Complete": State.SUCCEEDED,
        "Failed": State.FAILED,
        "ValidationFailed": State.FAILED,
    }
)
_MESSAGES = MappingProxyType(
    {
        "Initializing": "its cluster starts.",
        "Suspended": "it waits in its queue.",
        "Retrying": "it failed and is tried again.",
    }
)


def job_of(found: Mapping[str, Any]) -> Job:
    """A job from its object."""
    metadata, status = found["metadata"], found.get("status") or {}
    deployment, ray = status.get("jobDeploymentStatus") or "", status.get("rayJobInfo") or {}
    state = _state(metadata, deployment, status.get("jobStatus") or "")
    gone = "deletionTimestamp" in metadata
    message = "it is being deleted." if gone else str(status.get("message") or _MESSAGES.get(deployment, ""))
    return Job(
        id=metadata["name"],
        runner=NAME,
        state=state,
        name=(metadata.get("labels") or {}).get(rayjob.MODEL, ""),
        spec_uri=(metadata.get("annotations") or {}).get(rayjob.SPEC, ""),
        reason="Deleted" if gone else str(status.get("reason") or deployment),
        message=message.partition(", last available logs")[0].strip(),
        submitted=_time(metadata.get("creationTimestamp")),
        started=_time(ray.get("startTime")),
        finished=_time(status.get("endTime") or ray.get("endTime")) if state.is_final else "",
        exit_status=_exit_status(state, str(status.get("message") or "")),
    )


def _exit_status(state: State, message: str) -> int | None:
    """The command's exit status, which Ray tells in words."""
    found = re.search(r"exit code (\d+)", message)
    return 0 if state is State.SUCCEEDED else int(found[1]) if found else None


def _state(metadata: Mapping[str, Any], deployment: str, status: str) -> State:
    if deployment == "Complete" and status in ("STOPPED", "FAILED"):
        return State.CANCELLED if status == "STOPPED" else State.FAILED
    state = _STATES.get(deployment, State.QUEUED)
    if "deletionTimestamp" in metadata and not state.is_final:
        return State.CANCELLED
    return State.QUEUED if state is State.RUNNING and status in ("", "PENDING") else state


def _time(said: Any) -> str:
    """Kubernetes' time as ours: ISO 8601 in UTC."""
    return datetime.fromisoformat(said).isoformat(timespec="seconds") if said else ""
