"""A training that never ends by itself, in a process of its own: ``python -m tests.support.interrupted_training FOLDER``.

Once a worker works it prints ``working``; on Ctrl-C it prints ``interrupted``, and whether the next Ctrl-C would be one
for Python again.
"""

import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any

from headstart.adapters.ray_compute import RayCompute
from headstart.compute import Peers, TrainJob
from headstart.spec import ComputeSpec


def endless(config: Mapping[str, Any], peers: Peers) -> None:
    peers.progress(0, 1, "working")
    threading.Event().wait()


def main(folder: str) -> None:
    with RayCompute() as compute:
        try:
            compute.train(
                TrainJob(endless, {}, "endless", folder, ComputeSpec()),
                lambda done, total, note: print(note, flush=True),
            )
        except KeyboardInterrupt:
            print("interrupted", signal.getsignal(signal.SIGINT) is signal.default_int_handler, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
