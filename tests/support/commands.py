"""Running the command line as a user does: a process of its own, in a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

HEADSTART = [sys.executable, "-m", "headstart"]


def headstart(
    *arguments: str, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*HEADSTART, *arguments],
        cwd=folder,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def hear_ctrl_c() -> None:
    """To be run in a new process: where a shell started the tests in the background, it would not hear Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def headstart_until(
    *arguments: str, folder: Path, last: Callable[[str], bool], ending: signal.Signals = signal.SIGKILL
) -> tuple[list[str], int]:
    """Run a command and send it a signal at the first line of its display that ``last`` accepts.

    Returns:
        The lines up to then, and the exit status (negative where the signal ended it).
    """
    process = subprocess.Popen(
        [*HEADSTART, *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line.rstrip())
        if last(line):
            process.send_signal(ending)
            break
    process.stderr.read()  # what it says while it ends
    process.stderr.close()
    return lines, process.wait()


def write_spec(folder: Path, text: str) -> Path:
    """A spec file in a folder."""
    path = folder / "spec.yaml"
    path.write_text(text)
    return path
