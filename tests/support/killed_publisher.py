"""Publishers in processes of their own, which a SIGKILL ends at a chosen point of their work.

One process imports what a publisher needs and then forks one for every attempt, so that an attempt costs
milliseconds. Run as a program, this module is that process: it reads one :class:`Attempt` a line from
standard input, as JSON, and answers with one :class:`Ending`.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from headstart.blobs import Blobs
from headstart.registry import Registry, catalog
from headstart.store import Store, open_store
from tests.support.drafts import CONTENTS, draft
from tests.support.wrapped_store import WrappedStore

R = TypeVar("R")
_FILE_OPERATIONS = {"open", "os.link", "os.rename", "os.mkdir", "os.remove"}


@dataclass(frozen=True)
class Attempt:
    """A publication to try, and after which of the store's operations it is to be killed; never, if 0.

    With ``inside``, it is the n-th file operation *within* the registry's folder, right before it is done.
    """

    registry: str
    source: str
    tx: str
    kill_at: int = 0
    inside: bool = False


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: what it had done by then, and whether it was killed."""

    killed: bool
    done: tuple[str, ...]


class _Killing(WrappedStore):
    """Ends the process after its n-th operation, and writes down each one before that."""

    def __init__(self, inner: Store, kill_at: int, log: Callable[[str], None]) -> None:
        super().__init__(inner)
        self._left = kill_at
        self._log = log

    def around(self, operation: str, key: str, call: Callable[[], R]) -> R:
        result = call()
        self._log(f"{operation} {key}")
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def _kill_before_file_operation(count: int, folder: str) -> None:
    left = count

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _FILE_OPERATIONS and any(str(each).startswith(folder) for each in arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _publish(attempt: Attempt, log: Callable[[str], None]) -> None:
    source = Blobs(open_store(attempt.source))
    brought = draft(source, CONTENTS)
    registry = Registry(attempt.registry)
    if attempt.inside:
        _kill_before_file_operation(attempt.kill_at, registry.uri)
    catalog.SHARE = 1.0  # it writes the catalog's snapshot too, which is left to chance otherwise
    registry.store = _Killing(registry.store, 0 if attempt.inside else attempt.kill_at, log)
    registry.publish(brought, source, attempt.tx)


def _try(attempt: Attempt) -> Ending:
    """Publish in a child of this process."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            _publish(attempt, lambda line: os.write(write, line.encode() + b"\n") and None)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as stream:
        done = tuple(stream.read().splitlines())
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the publisher failed with {code} after {done}")
    return Ending(code != 0, done)


class Publishers:
    """Sends attempts to the process that forks publishers."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def attempt(self, attempt: Attempt) -> Ending:
        """How the attempt ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(attempt)) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Ending(answer["killed"], tuple(answer["done"]))


@contextlib.contextmanager
def publishers() -> Iterator[Publishers]:
    """The process that forks publishers, with this process's environment."""
    command = [sys.executable, "-m", "tests.support.killed_publisher"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        yield Publishers(process)


def _main() -> None:
    with contextlib.suppress(ImportError):
        import botocore.session  # noqa: F401 (imported before the forks, and by none of them)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asdict(_try(Attempt(**json.loads(line))))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
