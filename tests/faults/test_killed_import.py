"""An import that is killed, wherever, leaves nothing that a later one trips over, and no half a dataset."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headstart import steps
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.spec import SPLITS, Spec
from headstart.workspace import Workspace
from tests.support import exports

_OPERATIONS = {"open", "os.link", "os.rename", "os.mkdir", "os.remove"}


def _import(folder: Path) -> Dataset:
    data = {"source": str(folder / "rows.csv"), "split": {"group_by": None}}
    spec = Spec.model_validate({"name": "messages", "data": data, "backbones": ["./model"]})
    return steps.import_labels(spec, Context(Workspace.open(str(folder / "work")), InlineCompute()))


def _killed_at(folder: Path, operation: int) -> bool:
    """Import in a process that is killed right before its n-th operation on a file of the workspace."""
    command = [sys.executable, "-m", "tests.faults.test_killed_import", str(folder), str(operation)]
    status = subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode
    assert status in (0, -signal.SIGKILL)
    return status != 0


def _rows(dataset: Dataset, workspace: Workspace) -> list[str]:
    return [text for split in SPLITS for text in dataset.table(workspace, split)["text"].to_pylist()]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """What an import that nobody disturbs makes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    exports.csv_file(folder / "rows.csv", exports.maps(exports.lines()))
    return _import(folder)


@pytest.mark.parametrize("operation", [1, 2, 5, 9, 14, 20, 27, 35])
def test_what_follows_a_killed_import_is_what_an_undisturbed_one_makes(
    tmp_path: Path, undisturbed: Dataset, operation: int
) -> None:
    exports.csv_file(tmp_path / "rows.csv", exports.maps(exports.lines()))
    was_killed = _killed_at(tmp_path, operation)
    assert was_killed or operation > 20
    workspace = Workspace.open(str(tmp_path / "work"))
    for info in workspace.store.list("values/dataset/"):  # what stands there is whole
        found = workspace.load(Dataset, Path(info.key).stem)
        assert sorted(_rows(found, workspace)) == sorted(text for text, _ in exports.lines())
    after = _import(tmp_path)
    assert after.content == undisturbed.content
    assert sorted(_rows(after, workspace)) == sorted(text for text, _ in exports.lines())


def _main(folder: str, operation: str) -> None:
    left = int(operation)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _OPERATIONS and any(str(each).startswith(f"{folder}/work") for each in arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    _import(Path(folder))


if __name__ == "__main__":
    _main(*sys.argv[1:])
