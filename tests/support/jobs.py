"""Jobs for tests: real and quick, or real and as slow as a test wants them."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from headstart.client import Client
from headstart.jobs import Job, Runner, State
from headstart.spec import Spec
from tests.support import tiny
from tests.support.web import Handler, site

_SECONDS = 120.0


def spec_in(folder: Path, source: Path | str, name: str = "messages") -> Spec:
    """A spec whose first step imports the texts of :mod:`tests.support.tiny`."""
    said = {
        "name": name,
        "data": str(source),
        "workspace": str(folder / "work"),
        "registry": {"uri": str(folder / "registry")},
    }
    return Spec.model_validate(said)


@dataclass(frozen=True)
class Slow:
    """An export that is not sent whole before ``go`` is set. ``asked`` is set once somebody waits for it."""

    url: str
    asked: threading.Event
    go: threading.Event


@contextlib.contextmanager
def slow_export(folder: Path) -> Iterator[Slow]:
    """A web site with an export, so that a step is in the middle of its work for as long as a test likes."""
    data = tiny.save_export(folder / "slow.csv").read_bytes()
    asked, go = threading.Event(), threading.Event()

    def page(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[:1])
        handler.wfile.flush()
        asked.set()
        go.wait(_SECONDS)
        with contextlib.suppress(OSError):  # whoever asked may have been ended
            handler.wfile.write(data[1:])
        handler.close_connection = True

    with site({"/slow.csv": page}) as here:
        try:
            yield Slow(f"{here.url}/slow.csv", asked, go)
        finally:
            go.set()


def handed_over_at_once(client: Callable[[], Client], specs: Sequence[Spec], step: str, clients: int = 20) -> set[str]:
    """The ids of the jobs that clients get who hand the specs over in turn, all at the same moment."""
    together, ids = threading.Barrier(clients), []

    def submit(spec: Spec) -> None:
        mine = client()
        together.wait()
        ids.append(mine.submit(spec, step).id)

    threads = [threading.Thread(target=submit, args=(specs[each % len(specs)],)) for each in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == clients  # none of them raised
    return set(ids)


def ended(runner: Runner, job: str) -> Job:
    """The job once it has ended."""
    deadline = time.monotonic() + _SECONDS
    while not (found := runner.get(job)).state.is_final:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def started(runner: Runner, job: str) -> Job:
    """The job once it runs."""
    deadline = time.monotonic() + _SECONDS
    while (found := runner.get(job)).state is State.QUEUED:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found
