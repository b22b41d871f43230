"""Banking77 on its published split, with real MiniLM: the whole job."""

import json
from pathlib import Path

from headstart import examples
from headstart.registry import Registry
from tests.support.commands import headstart


def test_banking77_reaches_what_is_expected_and_is_not_done_twice(tmp_path: Path, banking77: Path) -> None:
    spec = Path(examples.__file__).parent / "banking77.yaml"
    settings = {
        "data.source.train": banking77 / "train.csv",
        "data.source.test": banking77 / "test.csv",
        "workspace": tmp_path / "work",
        "registry.uri": tmp_path / "registry",
    }
    arguments = [
        "run",
        str(spec),
        "--json",
        *(word for key, value in settings.items() for word in ("--set", f"{key}={value}")),
    ]

    done = headstart(*arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    scores = {each["name"]: each["scores"]["accuracy"]["value"] for each in result["decision"]["contenders"]}
    assert result["decision"]["test_rows"] == 3080
    assert scores["frozen backbone and head"] >= 0.92
    assert scores["tuned model"] >= 0.93
    assert result["verdict"]["answer"] in ("head-is-enough", "fine-tune")
    assert Registry(tmp_path / "registry").aliases("banking77") == {"champion": 1}

    again = headstart(*arguments, folder=tmp_path)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["reused"]
    assert json.loads(again.stdout)["decision"] == result["decision"]
