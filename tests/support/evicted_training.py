"""The drill's training, waiting at its first look at the run until it is told to end.

``python -m tests.support.evicted_training FOLDER`` makes the file ``waiting`` in the folder once it waits.
"""

import sys
import threading
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from headstart import drill
from headstart.compute import Peers


class Waiting(drill._Mortal):
    def is_leaving(self) -> bool:
        if self.rank != 0:
            return False
        (self._folder / "waiting").touch()
        while not self._peers.is_leaving():
            threading.Event().wait(0.05)
        return True


def worker(config: Mapping[str, Any], peers: Peers) -> None:
    with patch.object(drill, "_Mortal", Waiting):
        drill.worker(config, peers)


if __name__ == "__main__":
    drill.main(sys.argv[1], worker)
