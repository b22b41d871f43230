"""SIGTERM, as an evicted pod gets it: the training keeps what it did, and goes on from there."""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_training_that_is_told_to_end_keeps_a_checkpoint_and_no_step_is_done_twice(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("nobody")
    with subprocess.Popen([sys.executable, "-m", "tests.support.evicted_training", str(tmp_path)], cwd=ROOT) as driver:
        while not (tmp_path / "waiting").exists():
            assert driver.poll() is None
            time.sleep(0.1)
        driver.terminate()
        assert driver.wait() == 128 + 15
    done = Counter((tmp_path / "steps").read_text().split())
    assert 0 < len(done) < 20

    subprocess.run([sys.executable, "-m", "headstart.drill", str(tmp_path)], cwd=ROOT, check=True)
    steps = Counter((tmp_path / "steps").read_text().split())
    assert len(steps) == 48
    assert set(steps.values()) == {1}
    assert (tmp_path / "weights.safetensors").exists()
