"""Running pipelines with kfp's own local runner, in a process of its own: it takes over logging and print."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_CODE = """
import json, sys
from kfp import local
from headstart import pipelines
local.init(local.SubprocessRunner(use_venv=False), pipeline_root="outputs")
made = getattr(pipelines, sys.argv[1])(**json.loads(sys.argv[2]))
print("OUTPUT", made.outputs.get("Output", made.outputs))
"""


def run_locally(
    pipeline: str, folder: Path, environment: dict[str, str] | None = None, **parameters: Any
) -> subprocess.CompletedProcess[str]:
    """Run a pipeline whole; what it leaves is under ``outputs`` in the folder."""
    return subprocess.run(
        [sys.executable, "-c", _CODE, pipeline, json.dumps(parameters)],
        cwd=folder,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def kill_when(there: Path, pattern: str, pipeline: str, folder: Path, **parameters: Any) -> None:
    """Run a pipeline and kill it with all its processes as soon as a file of a pattern is below a folder.

    What runs in Ray's own processes ends when Ray sees its driver die.
    """
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE, pipeline, json.dumps(parameters)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not any(there.glob(pattern)):
            assert process.poll() is None, f"the pipeline ended before there was {pattern}"
            time.sleep(0.02)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def output_of(result: subprocess.CompletedProcess[str]) -> str:
    """What a pipeline that succeeded gives."""
    assert result.returncode == 0, said(result)
    return next(line for line in result.stdout.splitlines() if line.startswith("OUTPUT ")).removeprefix("OUTPUT ")


def said(result: subprocess.CompletedProcess[str]) -> str:
    """The end of what a run has printed."""
    return result.stdout[-4000:] + result.stderr[-4000:]


def steps_of(folder: Path, pipeline: str) -> list[str]:
    """The tasks that the only run in a folder has started."""
    (run,) = (folder / "outputs").glob(f"{pipeline}-*")
    return sorted(path.name for path in run.iterdir() if path.is_dir())


def artifacts(folder: Path, pipeline: str, step: str) -> dict[str, Any]:
    """The artifacts of a task of the only run in a folder, by name."""
    (path,) = (folder / "outputs").glob(f"{pipeline}-*/{step}/executor_output.json")
    found: dict[str, Any] = json.loads(path.read_text())["artifacts"]
    return {name: each["artifacts"][0] for name, each in found.items()}
