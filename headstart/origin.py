"""Which code, image and runs a process belongs to: what a version's lineage says beside its data and its spec."""

import json
import os
import subprocess
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from headstart.digest import digest_of
from headstart.spec import Spec

COMMIT, IMAGE = "HEADSTART_COMMIT", "HEADSTART_IMAGE"
KUBEFLOW_RUN = "KFP_RUN_ID"
JOB = "HEADSTART_JOB_ID"
_RAY_CONFIG = "RAY_JOB_CONFIG_JSON_ENV_VAR"  # set by Ray in what a submitted job starts
_GIT_SECONDS = 10.0


def run_id(spec: Spec) -> str:
    """The run of a spec: the same in every process, pod and log that works on it, and in the lineage of its version."""
    return f"{spec.name}-{digest_of(spec.said())[:8]}"


def run_folder(spec: Spec) -> str:
    """Where in the workspace a run's report and log are."""
    return f"runs/{run_id(spec)}"


def commit() -> str:
    """The git commit of this code, or nothing where nobody knows it; ``-dirty`` where files differ from it.

    An image says it in ``HEADSTART_COMMIT``; an installation from git has it in its metadata (PEP 610); in a clone
    git itself is asked.
    """
    said = os.environ.get(COMMIT)
    if said:
        return said
    origin = _direct_url()
    if "vcs_info" in origin:
        return str(origin["vcs_info"].get("commit_id", ""))
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():
        return ""
    head = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return f"{head}-dirty" if head and changed else head


def image() -> str:
    """The container image that this process runs in, as ``HEADSTART_IMAGE`` names it, or nothing."""
    return os.environ.get(IMAGE, "")


def job() -> str:
    """The id of the job that this process works for, as ``HEADSTART_JOB_ID`` says, or nothing."""
    return os.environ.get(JOB, "")


def runs(folder: str) -> dict[str, str]:
    """The runs that this process is a part of: the workspace's ``folder``, and a job's, Kubeflow's and Ray's if any.

    The job's id is what ``HEADSTART_JOB_ID`` says, Kubeflow's what ``KFP_RUN_ID`` says, Ray's the submission id.
    """
    try:
        ray = str(json.loads(os.environ.get(_RAY_CONFIG, "{}"))["metadata"]["job_submission_id"])
    except (ValueError, LookupError, TypeError):
        ray = ""
    found = {"folder": folder, "job": job(), "kubeflow": os.environ.get(KUBEFLOW_RUN, ""), "ray": ray}
    return {kind: each for kind, each in found.items() if each}


def _direct_url() -> dict[str, Any]:
    try:
        said = json.loads(distribution("headstart").read_text("direct_url.json") or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
