"""A retraining that is killed: its lock ends by itself, and the next one goes on where it stopped."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from headstart.compute import InlineCompute
from headstart.errors import HeadstartError
from headstart.registry import Registry
from headstart.schedules import lease
from headstart.schedules.retrain import retrain
from headstart.spec import Spec
from headstart.stores.local import LocalStore
from tests.support.inline import Recorder, spec_for

ROOT = Path(__file__).parents[2]
# The lock of a killed process ends in a second, so that the test need not wait for two minutes.
KILLED = """
import sys
from headstart.compute import InlineCompute
from headstart.schedules import lease, retrain
from headstart.spec import Spec
lease.hold.__wrapped__.__defaults__ = (1.0,)
class Told:
    def started(self, step): print("started", step, flush=True)
    def advanced(self, *told): pass
    def finished(self, *told): pass
retrain.retrain(Spec.parse(sys.argv[1]), False, Told(), InlineCompute())
"""


def _killed_in(step: str, spec: Spec) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, spec.to_json()], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.split() == ["started", step]:
            process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def _is_free(store: LocalStore) -> bool:
    try:
        with lease.hold(store, "retrain/messages", seconds=1.0):
            return True
    except HeadstartError:
        return False


def test_a_killed_retraining_frees_its_lock_and_is_finished_by_the_next(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    spec = spec_for(tmp_path, tiny_backbone, tiny_export, tune={"strategy": "head"})
    _killed_in("evaluate", spec)
    store = LocalStore(Path(spec.workspace))
    assert store.stat("locks/retrain/messages/00000001.json")
    assert store.stat("locks/retrain/messages/00000001.done") is None

    deadline, recorder = time.monotonic() + 60, Recorder()
    while not _is_free(store):
        assert time.monotonic() < deadline
    made = retrain(spec, progress=recorder, compute=InlineCompute())
    assert made.record is not None
    assert made.record.number == 1
    assert recorder.made == ["evaluate", "register"]
    assert Registry(spec.registry.uri).versions("messages") == [1]
