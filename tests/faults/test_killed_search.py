"""A search that is killed goes on with the trials that it had not finished."""

import os
import signal
import subprocess
from pathlib import Path

from tests.support.commands import HEADSTART, headstart
from tests.support.inline import spec_for


def _finished(folder: Path) -> dict[str, int]:
    """The trials that are kept, each with the time it was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("work/search/*/*.json")}


def test_trials_that_a_killed_search_had_finished_are_not_tried_again(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    settings = {"trials": 200, "heads": ["ridge", "centroid", "linear", "mlp"]}
    spec = spec_for(tmp_path, tiny_backbone, tiny_export, search=settings, tune={"strategy": "head"})
    (tmp_path / "spec.json").write_text(spec.to_json())
    process = subprocess.Popen(
        [*HEADSTART, "run", "spec.json"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not _finished(tmp_path):
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    before = _finished(tmp_path)
    done = headstart("run", "spec.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    after = _finished(tmp_path)
    assert before.items() <= after.items()
    assert len(after) > len(before)
