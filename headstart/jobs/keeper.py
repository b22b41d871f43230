"""The process that keeps one job of this machine: starts its command, passes the wish to end on, notes how it ended.

Run by its path, so that it takes no time and hardly any memory: it must not import Headstart. Its arguments are the
folder of the job, the descriptor of the lock that whoever hands over holds, and the command.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

GRACE_SECONDS = 20.0
"""How long a command may take to keep what it has when it is told to end."""


def born(pid: int) -> str:
    """What tells a process from an earlier one with its number; empty where there is none, or it has ended.

    On Linux it is the boot and the clock tick at which it began, elsewhere what ``ps`` says.
    """
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"
        return ""
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split(maxsplit=1)  # noqa: S603
    return "" if len(said) < 2 or said[0].startswith("Z") else said[1].strip()


def write(path: Path, said: Mapping[str, object]) -> None:
    """Write JSON data so that no reader sees a half of it."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(said))
    half.replace(path)


def main(folder: Path, lock: int, command: list[str]) -> None:
    """Keep the job to its end."""
    if os.fork():
        os._exit(0)  # whoever handed over need not wait for us
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with (folder / "log").open("ab") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)  # noqa: S603

    def end(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough, and the grace does not begin again
        signal.signal(signal.SIGALRM, lambda number, frame: child.kill())
        signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
        child.terminate()

    signal.signal(signal.SIGTERM, end)
    processes = {"keeper": [os.getpid(), born(os.getpid())], "command": [child.pid, born(child.pid)]}
    write(folder / "process.json", processes | {"started": _now()})
    os.close(lock)
    status = child.wait()
    with contextlib.suppress(ProcessLookupError, PermissionError):  # what the command left behind ends with it
        os.killpg(child.pid, signal.SIGKILL)
    write(folder / "ended.json", {"status": status, "finished": _now()})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
