"""Jobs on this machine when things go wrong: nothing runs twice, and what is told of them is true."""

import json
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

import headstart as hs
from headstart.cache import cache_folder
from headstart.client import Handle
from headstart.errors import JobError
from headstart.jobs import State
from headstart.jobs.kept import Kept
from tests.support.commands import HEADSTART, headstart_until, write_spec
from tests.support.jobs import handed_over_at_once, slow_export, spec_in
from tests.support.small_disk import SIZE, small_disk

STEP = "import_labels"


@pytest.fixture(autouse=True)
def _reach_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_ALLOW_PRIVATE_HOSTS", "localhost")


def test_twenty_submissions_at_once_start_each_work_once(tmp_path: Path, tiny_export: Path) -> None:
    specs = [spec_in(tmp_path, tiny_export, f"messages-{number}") for number in range(4)]
    ids = handed_over_at_once(hs.Client, specs, STEP)
    assert len(ids) == 4
    for id_ in ids:
        hs.Client().wait(id_, timeout=120)
        lines = list(hs.Client().logs(id_))
        assert sum(line.startswith("✓") for line in lines) == 1, lines
    assert {job.id for job in hs.Client().list()} >= ids


def test_a_client_killed_while_it_waits_leaves_its_job_to_the_next(tmp_path: Path) -> None:
    with slow_export(tmp_path) as export:
        path = write_spec(tmp_path, spec_in(tmp_path, export.url).to_json())
        lines, status = headstart_until(
            "run", str(path), "--on", "local", folder=tmp_path, last=lambda line: " on local" in line
        )
        assert status == -signal.SIGKILL
        assert export.asked.wait(60)
        with hs.Client() as client:
            handle = client.submit(hs.Spec.load(path))
            assert handle.state is State.RUNNING
            assert lines[-1].startswith(f"{handle.id} is ")
            assert handle.cancel().state is State.CANCELLED


def test_ctrl_c_leaves_the_job_running_and_says_how_to_end_it(tmp_path: Path) -> None:
    with slow_export(tmp_path) as export:
        path = write_spec(tmp_path, spec_in(tmp_path, export.url).to_json())
        command = [*HEADSTART, "run", str(path), "--on", "local"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        assert process.stderr is not None
        id_ = process.stderr.readline().split()[0]
        assert export.asked.wait(60)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
        assert process.returncode == 130
        assert f"headstart jobs cancel {id_} --on local" in said
        with hs.Client() as client:
            assert client.get(id_).state is State.RUNNING
            client.cancel(id_)


def test_what_was_cancelled_is_resumed_as_the_next_job(tmp_path: Path) -> None:
    with slow_export(tmp_path) as export, hs.Client() as client:
        first = client.submit(spec_in(tmp_path, export.url), STEP)
        assert export.asked.wait(60)
        first.cancel()
        with pytest.raises(JobError) as caught:
            first.wait(60)
        assert caught.value.code == "job/failed"
        assert "it was cancelled" in caught.value.problem
        assert f"headstart jobs resume {first.id} --on local" in caught.value.remedy
        export.go.set()
        second = client.resume(first.id)
        assert (first.id[-2:], second.id[-2:], first.id[:-1]) == ("-1", "-2", second.id[:-1])
        assert second.wait(60).state is State.SUCCEEDED
        assert set(second.result().digests) == {STEP}


def test_a_job_whose_processes_are_killed_has_failed(tmp_path: Path) -> None:
    with slow_export(tmp_path) as export, hs.Client() as client:
        handle = client.submit(spec_in(tmp_path, export.url), STEP)
        assert export.asked.wait(60)
        keeper, command = _processes(handle)
        os.kill(keeper, signal.SIGKILL)
        assert client.get(handle.id).state is State.RUNNING, "the command goes on without its keeper"
        os.kill(command, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(command)] if psutil.pid_exists(command) else [], timeout=60)
        found = handle.refresh()
        assert (found.state, found.reason) == (State.FAILED, "Died")
        assert client.cancel(handle.id).state is State.FAILED


def test_a_process_that_was_given_a_dead_jobs_number_is_not_taken_for_it(tmp_path: Path) -> None:
    with slow_export(tmp_path) as export, hs.Client() as client:
        handle = client.submit(spec_in(tmp_path, export.url), STEP)
        assert export.asked.wait(60)
        handle.cancel()
        folder = cache_folder() / "jobs" / handle.id
        (folder / "ended.json").unlink()
        (folder / "cancelled").unlink()
        other = f'[{os.getpid()}, "another birth"]'
        (folder / "process.json").write_text(f'{{"keeper": {other}, "command": {other}, "started": ""}}')
        assert client.cancel(handle.id).state is State.FAILED  # and this process is not ended


def test_a_full_disk_under_the_workspace_fails_the_job_and_is_told(tmp_path: Path, tiny_export: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, hs.Client() as client:
        (disk / "filler").write_bytes(b"x" * (SIZE // 2))
        spec = spec_in(disk, tiny_export)
        handle = client.submit(spec, STEP)
        with pytest.raises(JobError) as caught:
            handle.wait(60)
        assert caught.value.code == "job/failed"
        assert "No space left on device" in caught.value.problem
        assert handle.refresh().state is State.FAILED
        assert Kept(spec.workspace, handle.id).result() is None


def _processes(handle: Handle) -> tuple[int, int]:
    said = json.loads((cache_folder() / "jobs" / handle.id / "process.json").read_text())
    return said["keeper"][0], said["command"][0]


def test_a_machine_on_which_no_process_starts_says_so(
    tmp_path: Path, tiny_export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keeper.py").write_text("raise SystemExit(1)\n")
    monkeypatch.setattr("headstart.jobs.keeper.__file__", str(tmp_path / "keeper.py"))
    spec = spec_in(tmp_path, tiny_export)
    with hs.Client() as client, pytest.raises(JobError) as caught:
        client.submit(spec, STEP)
    assert caught.value.code == "job/refused"
    monkeypatch.undo()
    with hs.Client() as client:
        assert client.submit(spec, STEP).cancel().state.is_final  # the next attempt is not in its way
