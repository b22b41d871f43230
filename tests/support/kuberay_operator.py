"""KubeRay's operator in a small way: it takes RayJobs through their states, and runs their commands on this machine.

A job's cluster is one process and one page of Ray's Jobs API. Like KubeRay it looks at an object again and again, and
takes down what runs for an object that is gone.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.kube_api import ADDED, BUILT_IN, KubeApi, Object
from tests.support.web import Page, Site, body, site

RAYJOBS = "/apis/ray.io/v1/namespaces/team/rayjobs"
_POLL_SECONDS = 0.05


class Operator:
    """The operator of one API server; ``api.objects`` are what it sees."""

    def __init__(self, api: KubeApi, folder: Path) -> None:
        self.api = api
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._dashboard: Site
        self._ended = threading.Event()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Within, it does its work."""
        with site({}) as self._dashboard:
            worker = threading.Thread(target=self._work, daemon=True)
            worker.start()
            try:
                yield
            finally:
                self._ended.set()
                worker.join()

    def _work(self) -> None:
        while not self._ended.wait(_POLL_SECONDS):
            with self.api.lock:
                found = {a: o for a, o in self.api.objects.items() if o["kind"] == "RayJob"}
                for address, each in found.items():
                    self._reconcile(address, each)
                for address in self._running.keys() - found.keys():
                    self._take_down(address)
        for address in list(self._running):
            self._take_down(address)

    def _reconcile(self, address: str, found: Object) -> None:
        """The next state of an object."""
        deployment = found.get("status", {}).get("jobDeploymentStatus", "")
        if deployment == "" or (deployment == "Suspended" and not found["spec"].get("suspend")):
            suspended = found["spec"].get("suspend")
            self._set(address, jobDeploymentStatus="Suspended" if suspended else "Initializing", jobStatus="")
        elif deployment == "Initializing":
            self._running[address] = self._started(found)
            about = {"jobId": found["spec"]["jobId"], "rayClusterName": found["metadata"]["name"]}
            times = {"rayJobInfo": {"startTime": _now()}}
            self._set(
                address,
                jobDeploymentStatus="Running",
                jobStatus="RUNNING",
                dashboardURL=self._dashboard.url.removeprefix("http://"),
                **about,
                **times,
            )
        elif deployment == "Running" and (status := self._running[address].poll()) is not None:
            del self._running[address]
            if status == 0:
                said = {
                    "jobDeploymentStatus": "Complete",
                    "jobStatus": "SUCCEEDED",
                    "message": "Job finished successfully.",
                }
            else:
                message = (
                    f"Job entrypoint command failed with exit code {status}, last available logs (truncated):\n..."
                )
                said = {
                    "jobDeploymentStatus": "Failed",
                    "jobStatus": "FAILED",
                    "reason": "AppFailed",
                    "message": message,
                }
            self._set(address, endTime=_now(), **said)

    def _started(self, found: Object) -> "subprocess.Popen[bytes]":
        head = found["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0]
        given = {each["name"]: each["value"] for each in head["env"]}
        del given["HEADSTART_CACHE"]  # of a pod's own file system
        program, *arguments = shlex.split(found["spec"]["entrypoint"])
        assert program == "headstart"
        job = found["spec"]["jobId"]
        self._dashboard.pages[f"/api/jobs/{job}"] = self._page(job, lambda: {"status": self._status(job)})
        self._dashboard.pages[f"/api/jobs/{job}/logs"] = self._page(job, lambda: {"logs": self._log(job).read_text()})
        with self._log(job).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "headstart", *arguments],
                env=os.environ | given,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _take_down(self, address: str) -> None:
        process = self._running.pop(address)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)

    def _set(self, address: str, **status: Any) -> None:
        self.api.change(address, {"status": status})

    def _page(self, job: str, said: Callable[[], Object]) -> Page:
        """A page of Ray's Jobs API on a job."""
        return lambda handler: body(json.dumps({"submission_id": job, **said()}).encode())(handler)

    def _status(self, job: str) -> str:
        with self.api.lock:
            found = self.api.objects.get(f"{RAYJOBS}/{job}", {})
            return str(found.get("status", {}).get("jobStatus", "STOPPED"))

    def _log(self, job: str) -> Path:
        return self._folder / f"{job}.log"


@contextlib.contextmanager
def kuberay() -> Iterator[KubeApi]:
    """A Kubernetes with KubeRay; no login is asked for."""
    api = KubeApi({**BUILT_IN, **ADDED})
    with tempfile.TemporaryDirectory() as folder, Operator(api, Path(folder)).working():
        try:
            yield api
        finally:
            api.shutdown()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
