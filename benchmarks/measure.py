"""Running a command, and the most memory that it and its descendants held at once."""

import contextlib
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PERIOD_SECONDS = 5.0  # a sample of many processes costs tenths of a second, which the command would feel


@dataclass(frozen=True)
class Measured:
    """What a command printed on standard output, how long it took, and the peak of its memory.

    ``peak_bytes`` is proportional set size (memory that processes share is counted once), summed over the
    command's process and all that descend from it, sampled every five seconds.
    """

    output: str
    seconds: float
    peak_bytes: int


def measure(command: Sequence[str], folder: Path) -> Measured:
    """Run a command to its end, in a folder.

    Raises:
        SystemExit: It failed; its standard error is shown.
    """
    output, errors = folder / "stdout", folder / "stderr"
    started = time.perf_counter()
    with output.open("w") as out, errors.open("w") as err:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _held(process.pid))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_PERIOD_SECONDS)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors.read_text()}")
    return Measured(output.read_text(), seconds, peak)


def _held(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(map(_proportional, family))


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
