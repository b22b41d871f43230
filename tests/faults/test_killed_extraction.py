"""Extractions that die by SIGKILL, or race: what is stored is right, and only what was not finished is done again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.features import Features, extraction, features, upkeep
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.rows import Told, rows_of

TEXTS = [text for text, _ in tiny.texts(80)]
SHARDS = 8


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "_LEAST_ROWS", len(TEXTS) // SHARDS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny.save_backbone(tmp_path / "model")
    return tmp_path


def _opened(folder: Path) -> tuple[Context, Backbone]:
    on = Context(Workspace.open(str(folder / "work")), InlineCompute())
    return on, ingest(locate(str(folder / "model")), on.workspace)


def _extract(folder: Path, told: Told) -> Features:
    on, backbone = _opened(folder)
    return features(rows_of(TEXTS), backbone, on, told)


def _rows_held(folder: Path) -> int:
    return sum(each.rows for each in upkeep.holdings(Workspace.open(str(folder / "work"))))


def _start(folder: Path, kill_at: int = 0) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.test_killed_extraction", str(folder), str(kill_at)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("finished", [0, 3])
def test_a_killed_extraction_goes_on_where_it_stopped_and_loses_one_shard(folder: Path, finished: int) -> None:
    with _start(folder, kill_at=finished + 1) as process:
        assert process.wait() == -signal.SIGKILL
    held = _rows_held(folder)
    assert (held == 0) == (finished == 0)
    assert len(list((folder / "work/features").rglob("*.arrow"))) == finished, "all but the shard at work is kept"
    after = _extract(folder, told := Told())
    assert set(told.rows) == {len(TEXTS) - held}
    continued = [after.layer(layer) for layer in range(3)]
    (folder / "work").rename(folder / "killed")
    undisturbed = _extract(folder, Told())
    for layer in range(3):
        np.testing.assert_allclose(continued[layer], undisturbed.layer(layer), atol=1e-3)


def test_two_processes_that_extract_the_same_rows_leave_a_right_store(folder: Path) -> None:
    _opened(folder)
    with _start(folder) as one, _start(folder) as other:
        assert (one.wait(), other.wait()) == (0, 0)
    found = _extract(folder, told := Told())
    assert told.rows == []
    assert told.notes == []
    assert _rows_held(folder) == len(TEXTS)
    raced = found.layer(2)
    (folder / "work").rename(folder / "raced")
    np.testing.assert_allclose(_extract(folder, Told()).layer(2), raced, atol=1e-3)


def _main(folder: str, kill_at: str) -> None:
    left = int(kill_at)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event == "os.rename" and str(arguments[1]).endswith(".arrow"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    extraction._LEAST_ROWS = len(TEXTS) // SHARDS
    _extract(Path(folder), Told())


if __name__ == "__main__":
    _main(*sys.argv[1:])
