"""Who tells hooks and dies by SIGKILL, at any point: no move is lost to a hook, and the same one has the same id."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.adapters.hosts import ALLOW
from headstart.blobs import Blobs
from headstart.registry import Registry
from headstart.registry.hooks import Hook
from headstart.registry.outbox import deliver_all
from headstart.registry.policy import Policy
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.quick_folder import quick_folder
from tests.support.web import Site, site, status

ROOT = Path(__file__).parents[2]
MOVER = """
import os, signal, sys
from headstart.registry import Registry
from headstart.registry.hooks import Hook
from headstart.registry.policy import Policy
from tests.support.wrapped_store import WrappedStore

class Killing(WrappedStore):
    left = int(sys.argv[3])
    def around(self, operation, key, call):
        print(operation, key, flush=True)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call()

registry = Registry(sys.argv[1], Policy(hooks=(Hook(events=("promote",), url=sys.argv[2], secret="DEPLOY_SECRET"),)))
registry.store = Killing(registry.store)
registry.move("intents", "champion", 1, "better", sys.argv[4])
"""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv(ALLOW, "localhost")
    monkeypatch.setenv("DEPLOY_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    with site({"/deploy": status(200)}) as here:
        yield here


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


def move(registry: Registry, url: str, kill_at: int, decision: str) -> tuple[bool, list[str]]:
    """Move the alias in a process that is killed before its n-th operation on the store; says whether it was."""
    done = subprocess.run(
        [sys.executable, "-c", MOVER, registry.uri, url, str(kill_at), decision],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0, done.stdout.splitlines()


def test_no_move_is_lost_to_a_hook_wherever_the_mover_dies(folder: Path, receiver: Site) -> None:
    hook = Hook(events=("promote",), url=f"{receiver.url}/deploy", secret="DEPLOY_SECRET")
    killed, point, told_twice, told_late = True, 0, 0, 0
    while killed:
        point += 1
        registry = Registry(folder / str(point), Policy())
        source = Blobs(MemoryStore())
        registry.publish(draft(source), source, "tx")
        receiver.bodies.clear()
        killed, done = move(registry, hook.url, point, "decision")
        told_by_mover = len(receiver.bodies)
        deliver_all(registry.store, [hook])
        moves = registry.history("intents", "champion")
        told = [json.loads(body)["data"] for body in receiver.bodies]
        assert len({each["id"] for each in told}) == len(moves), f"killed before {done[-1]}"
        assert all(each["decision"] == "decision" for each in told)
        told_twice += len(told) > len(moves)
        told_late += bool(moves) and not told_by_mover
        deliver_all(registry.store, [hook])
        assert len(receiver.bodies) == len(told)  # and then no more
    assert told_twice == 1  # between the answer and the note that it was taken
    assert told_late >= 1  # between the move and the telling
