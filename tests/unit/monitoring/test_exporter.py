"""The exporter, over HTTP and printed."""

import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from headstart import status
from headstart.cli import main
from headstart.errors import StoreError, UsageError
from headstart.monitoring.exporter import Exporter, Server
from headstart.monitoring.families import Sample
from headstart.progress import Silent
from headstart.spec import Spec
from headstart.stores.local import LocalStore


class Counting:
    """A source that can be read so often, and then fails."""

    def __init__(self, times: int) -> None:
        self.left = times

    def samples(self) -> list[Sample]:
        if not self.left:
            raise StoreError("store/unreachable", "no answer.", remedy="Look at it.")
        self.left -= 1
        return [Sample("headstart_model_versions", ("tickets",), 7)]


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    with Server(Exporter(request.param), 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 (of this machine)
        return str(answer.read().decode())


def values(said: str) -> dict[str, float]:
    return {
        sample.name + "".join(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }


@pytest.mark.parametrize("address", [{"registry": Counting(1), "workspace": Counting(0)}], indirect=True)
def test_it_serves_what_it_could_read_says_what_it_could_not_and_reads_no_more_often_than_needed(address: str) -> None:
    first = values(read(f"{address}/metrics"))
    assert first["headstart_model_versionstickets"] == 7
    assert first["headstart_exporter_upregistry"] == 1
    assert first["headstart_exporter_upworkspace"] == 0
    assert values(read(f"{address}/metrics?again")) == first  # a second read would fail


@pytest.mark.parametrize("address", [{"registry": Counting(0)}], indirect=True)
def test_its_health_does_not_depend_on_the_stores(address: str) -> None:
    assert read(f"{address}/healthz") == "ok\n"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        read(f"{address}/else")


@pytest.mark.parametrize("address", [{"registry": Counting(1)}], indirect=True)
def test_a_port_that_is_taken_is_said(address: str) -> None:
    with pytest.raises(UsageError, match="cannot be listened on"):
        Server(Exporter({}), int(address.rpartition(":")[2]))


def test_the_command_prints_them_once(tmp_path: Path) -> None:
    spec = Spec.parse("{name: tickets, data: a.csv}")
    with status.kept(LocalStore(tmp_path / "work"), spec, Silent(), whole=True):
        pass
    places = ["--workspace", str(tmp_path / "work"), "--registry", str(tmp_path / "registry")]
    done = CliRunner().invoke(main, ["metrics", *places], catch_exceptions=False)
    assert done.exit_code == 0
    assert values(done.stdout)["headstart_run_stateticketssucceeded"] == 1
    assert values(done.stdout)["headstart_exporter_upregistry"] == 1


def test_the_command_asks_for_something_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADSTART_REGISTRY", raising=False)
    done = CliRunner().invoke(main, ["metrics"])
    assert done.exit_code == 2
    assert "Give --workspace URI" in done.stderr


def test_the_command_serves_until_it_is_stopped_which_is_no_failure(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "headstart", "metrics", "--workspace", str(tmp_path), "--listen", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = process.stderr.readline().removeprefix("Metrics: ").strip()
        assert values(read(address))["headstart_exporter_upworkspace"] == 1
        process.terminate()
        assert process.wait(30) == 0
