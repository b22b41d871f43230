"""SIGTERM, by which Kubernetes and Docker stop a container: the command ends itself and all that it has started."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil

from tests.support.commands import HEADSTART
from tests.support.inline import spec_for


def test_a_terminated_run_ends_with_status_143_and_its_ray_cluster_with_it(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    (tmp_path / "spec.json").write_text(spec_for(tmp_path, tiny_backbone, tiny_export).to_json())
    with subprocess.Popen(
        [*HEADSTART, "run", "spec.json"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert any(line.startswith("✓ assess_transfer") for line in process.stderr)
        started = psutil.Process(process.pid).children(recursive=True)
        names = {each.name() for each in started}
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
        assert process.wait() == 143, said
    assert "Stopped. Run it again" in said
    assert "raylet" in names
    _, alive = psutil.wait_procs(started, timeout=60)
    assert not alive


def test_tasks_that_are_ended_before_any_training_end_with_what_ended_them() -> None:
    code = """
        from headstart.adapters.ray_compute import RayCompute
        from headstart.ending import Terminated

        def stop(done, total, note):
            raise Terminated

        with RayCompute() as compute:
            try:
                compute.map(lambda item, shared: item, [1], None, stop)
            except Terminated:
                print("ended")
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert ended.stdout == "ended\n", ended.stderr
