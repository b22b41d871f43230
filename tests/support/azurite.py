"""Azure's own emulator, where the environment names its program: `make test-azure` installs it and does so."""

import base64
import contextlib
import hashlib
import hmac
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.support.servers import free_port, wait_for

PROGRAM = "HEADSTART_TEST_AZURITE"
_CONTAINER = "tests"
# Published by Microsoft, the same in every emulator.
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def others() -> list[str]:
    """Stores that the contract suite is to run on besides its own."""
    return ["az"] if os.environ.get(PROGRAM) else []


@contextlib.contextmanager
def azurite() -> Iterator[str]:
    """Start the emulator and point the environment at it; gives the URI of a container."""
    port = free_port()
    command = [os.environ[PROGRAM], "--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--blobPort"]
    process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(port, process)
        _make_container(address)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AZURE_STORAGE_USE_EMULATOR", "true")
            patch.setenv("AZURITE_BLOB_STORAGE_URL", address)
            yield f"az://{_CONTAINER}"
    finally:
        process.terminate()
        process.wait(10)


def _make_container(address: str) -> None:
    path = f"/{_ACCOUNT}/{_CONTAINER}"
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    headers = {"x-ms-date": date, "x-ms-version": "2021-12-02"}
    said = "".join(f"{name}:{value}\n" for name, value in headers.items())
    signed = f"PUT{chr(10) * 12}{said}/{_ACCOUNT}{path}\nrestype:container"
    proof = base64.b64encode(hmac.new(base64.b64decode(_KEY), signed.encode(), hashlib.sha256).digest()).decode()
    headers |= {"Authorization": f"SharedKey {_ACCOUNT}:{proof}", "Content-Length": "0"}
    asked = urllib.request.Request(f"{address}{path}?restype=container", method="PUT", headers=headers)  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        assert answer.status == 201
