"""A real Ray cluster of one node on this machine, with its dashboard, the Jobs API and a token."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.servers import free_port

_BIN = Path(sys.executable).parent
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Head:
    """The cluster: the address of its dashboard, the port of its node's agent, its token, and the process that keeps it."""

    address: str
    agent: int
    token: str
    process: "subprocess.Popen[bytes]"

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the API as somebody who is no client of ours."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}{path}", data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def kill(self) -> None:
        """End the head node as the loss of its machine does."""
        with contextlib.suppress(psutil.NoSuchProcess):
            mine = psutil.Process(self.process.pid)
            for process in [mine, *mine.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self.process.wait()


@contextlib.contextmanager
def ray_head() -> Iterator[Head]:
    """Start it; for as long as the block lasts the environment has its token."""
    folder = Path(tempfile.mkdtemp(prefix="hs-ray-"))  # sockets want a short path
    token, dashboard, agent = secrets.token_hex(32), free_port(), free_port()
    options = {
        "port": free_port(),
        "dashboard-host": "127.0.0.1",
        "dashboard-port": dashboard,
        "dashboard-agent-listen-port": agent,
        "ray-client-server-port": free_port(),
        "num-cpus": 2,
        "object-store-memory": 100_000_000,
        "temp-dir": folder,
    }
    command = [str(_BIN / "ray"), "start", "--head", "--block", "--disable-usage-stats"]
    environment = os.environ | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": token,
        "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}",  # as in an image that has headstart
        "HEADSTART_ALLOW_PRIVATE_HOSTS": "localhost",
    }
    with (folder / "head.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    head = Head(f"http://127.0.0.1:{dashboard}", agent, token, process)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RAY_AUTH_TOKEN", token)
            _wait(head, folder / "head.log")
            yield head
    finally:
        head.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(head: Head, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert head.process.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            head.ask("GET", "/api/version")
            return
        time.sleep(0.2)
    raise AssertionError(f"Ray did not answer\n{log.read_text()}")
