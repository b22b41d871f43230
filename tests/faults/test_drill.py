"""The drill: real workers and drivers, killed with SIGKILL, and the weights that come of it."""

import json
from pathlib import Path

from tests.support.commands import headstart


def test_a_training_whose_worker_or_driver_is_killed_ends_in_the_same_weights_to_the_bit(tmp_path: Path) -> None:
    done = headstart("drill", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    undisturbed, *killed = result["outcomes"]
    assert undisturbed["repeated"] == 0
    assert [each["victim"] for each in killed] == ["worker", "driver"]
    for each in killed:
        assert 0 < each["repeated"] < undisturbed["steps"] / 2, "it began anew, or was not killed"
        assert (each["steps"], each["weights"]) == (undisturbed["steps"], undisturbed["weights"])
