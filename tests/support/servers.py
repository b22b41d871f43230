"""Real servers for tests, each a process of its own."""

import contextlib
import os
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_COMMAND = Path(__file__).parents[2] / ".venv-servers" / "bin" / "ministack"
_START_SECONDS = 30.0
OTHER = "HEADSTART_TEST_S3"


@dataclass(frozen=True)
class S3Server:
    """An S3 server at an address on this machine."""

    endpoint: str

    def make_bucket(self) -> str:
        """A new bucket, as a URI."""
        from headstart.adapters.s3 import file_system

        name = f"bucket-{uuid.uuid4().hex[:12]}"
        file_system().call_s3("create_bucket", Bucket=name)
        return f"s3://{name}"


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    """Start ministack on a free port and point the AWS environment at it; or use the server that the environment names.

    ``make test-rgw`` names a Ceph RGW: all tests of stores and registries then run on that.
    """
    if os.environ.get(OTHER):
        yield S3Server(os.environ[OTHER])
        return
    assert _COMMAND.exists(), "no S3 server is installed: run the tests by `make test`, which installs it"
    port = free_port()
    environment = os.environ | {"GATEWAY_PORT": str(port)}
    process = subprocess.Popen([_COMMAND], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
            patch.setenv("AWS_ACCESS_KEY_ID", "test")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            yield S3Server(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when something answers at a port of this machine, which a process is to serve."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at once"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("the server did not answer")


@contextlib.contextmanager
def rclone(folder: Path) -> Iterator[str]:
    """The address of `rclone serve s3` over a folder: it takes ``If-None-Match`` and overwrites all the same."""
    program = _COMMAND.parent / "rclone"
    assert program.exists(), "rclone is not installed: run the tests by `make test`, which installs it"
    port = free_port()
    command = [program, "serve", "s3", "--auth-key", "test,test", "--addr", f"127.0.0.1:{port}", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
