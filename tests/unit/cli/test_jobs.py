"""headstart run --on and headstart jobs: what people and programs read, and how the commands end."""

import contextlib
import json
import os
import pty
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import headstart as hs
from headstart.cli import main
from headstart.jobs.result import read
from tests.support.commands import HEADSTART, write_spec
from tests.support.jobs import spec_in
from tests.support.servers import free_port


def headstart(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def lines(result: Result) -> Sequence[str]:
    return result.stdout.splitlines()


def on_a_terminal(*arguments: str) -> str:
    """What a command that ends has written to a terminal."""
    ours, its = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        subprocess.run([*HEADSTART, *arguments], stdout=its, env=os.environ | {"TERM": "xterm"}, check=True)
        os.close(its)
        said = b""
        with contextlib.suppress(OSError):  # the end, on a terminal
            while piece := terminal.read(1 << 16):
                said += piece
    return said.decode()


@pytest.fixture
def failed(tmp_path: Path) -> str:
    """The id of a job that has failed: its labels are not there."""
    path = write_spec(tmp_path, spec_in(tmp_path, "missing.csv").to_json())
    result = headstart("run", str(path), "--on", "local")
    assert result.exit_code == 2, result.output
    return next(line.split()[0] for line in result.stderr.splitlines() if line.endswith(" on local"))


def test_a_job_that_fails_ends_the_command_with_its_status_and_says_how_to_go_on(failed: str) -> None:
    shown = headstart("jobs", "show", failed, "--json")
    assert shown.exit_code == 0
    said = json.loads(shown.stdout)
    assert (said["id"], said["state"], said["exit_status"], said["name"]) == (failed, "failed", 2, "messages")
    listed = json.loads(headstart("jobs", "list", "--json").stdout)
    assert said in listed

    logs = headstart("jobs", "logs", failed)
    assert logs.exit_code == 0
    assert "error [data/not-found]" in logs.stdout
    followed = headstart("jobs", "logs", failed, "--follow")
    assert followed.exit_code == 2
    assert lines(followed) == lines(logs)
    assert f"{failed} failed: its command ended with status 2" in followed.stderr
    assert f"headstart jobs resume {failed} --on local" in followed.stderr

    assert "state      failed" in lines(headstart("jobs", "show", failed))
    assert lines(headstart("jobs", "show", failed, "--watch")) == [
        f"{failed}  failed  its command ended with status 2."
    ]
    live = on_a_terminal("jobs", "show", failed, "--watch")
    assert failed in live
    assert "error [data/not-found]" in live
    assert "state      failed" in lines(headstart("jobs", "cancel", failed))

    resumed = headstart("jobs", "resume", failed, "--json")
    assert json.loads(resumed.stdout)["id"] == f"{failed[:-1]}2"
    with hs.Client() as client, pytest.raises(hs.HeadstartError) as caught:
        client.wait(f"{failed[:-1]}2", timeout=60)
    assert caught.value.code == "job/failed"
    assert "[data/not-found]" in caught.value.problem


def test_a_job_that_nobody_knows_is_wrong_use() -> None:
    for command in ("show", "logs", "cancel", "resume"):
        result = headstart("jobs", command, "nothing-00000000-1")
        assert result.exit_code == 2
        assert "error [job/not-found] there is no job 'nothing-00000000-1'" in result.stderr


def test_the_place_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("HEADSTART_ON", "ray")
    monkeypatch.setenv("HEADSTART_ADDRESS", address)
    result = headstart("jobs", "list")
    assert result.exit_code == 1
    assert f"error [job/unreachable] {address}" in result.stderr


def test_a_run_without_on_cannot_be_left_alone(tmp_path: Path) -> None:
    path = write_spec(tmp_path, "name: a\ndata: b.csv\n")
    result = headstart("run", str(path), "--detach")
    assert result.exit_code == 2
    assert "--on local" in result.stderr


def test_a_spec_with_files_of_this_machine_is_refused_for_a_cluster_elsewhere(tmp_path: Path) -> None:
    path = write_spec(tmp_path, "name: a\ndata: s3://labels/b.csv\n")
    result = headstart("run", str(path), "--on", "ray", "--address", "http://ray.example.com:8265")
    assert result.exit_code == 2
    assert "error [spec/invalid-value] a: workspace is " in result.stderr
    assert "s3://bucket/prefix" in result.stderr


def test_the_result_of_a_whole_job_has_its_figures() -> None:
    figure = {"value": 0.9, "low": 0.8, "high": 1.0}
    said = {
        "digests": {"register": "0" * 64},
        "verdict": {"answer": "fine-tune", "reason": "it gains"},
        "decision": {
            "promote": True,
            "reason": "better",
            "candidate_name": "tuned model",
            "test_rows": 40,
            "contenders": [{"name": "tuned model", "scores": {"macro_f1": figure}, "gain": None}],
        },
        "version": {"name": "messages", "version": 3, "registry": "s3://models"},
        "report": "s3://work/runs/messages/report.html",
    }
    result = read("messages-0000000a-1", said, "s3://work")
    assert result.outcome is not None
    assert result.outcome.version.version == 3
    assert str(result.outcome.decision.scores["tuned model"]["macro_f1"]) == "0.900 [0.800, 1.000]"
    with pytest.raises(hs.HeadstartError) as caught:
        read("messages-0000000a-1", said | {"version": 3}, "s3://work")
    assert caught.value.code == "integrity/record"


@pytest.mark.parametrize("option", ["--address", "--namespace"])
def test_a_place_that_is_half_said_does_not_mean_here(option: str, tmp_path: Path) -> None:
    path = write_spec(tmp_path, spec_in(tmp_path, "missing.csv").to_json())
    ended = headstart("run", str(path), option, "http://ray:8265")
    assert ended.exit_code == 2
    assert f"{option}: what runs here goes nowhere.\n  Say where, with --on: local, ray" in ended.stderr
