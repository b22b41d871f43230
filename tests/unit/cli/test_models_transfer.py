"""headstart models diff, export and import."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import save

from headstart.blobs import Blobs
from headstart.cli import main
from headstart.evaluation.estimate import Estimate
from headstart.registry import Registry
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.unprivileged import open_folder, unprivileged


@pytest.fixture
def registry(tmp_path: Path) -> str:
    """Two versions: the second has another head, another strategy and a better figure."""
    source, registry = Blobs(MemoryStore()), Registry(tmp_path / "registry")
    backbone = save({"layer": torch.ones(2, 2)})
    for number, strategy in enumerate(("head", "lp-ft"), 1):
        head = save({"weight": torch.ones(3) * number, "\x1b[31mbias": torch.ones(number)})
        made = draft(source, {"model-1.safetensors": backbone, "model-2.safetensors": head})
        lineage = made.lineage.model_copy(update={"strategy": strategy, "spec": {"tune": {"strategy": strategy}}})
        metrics = {"macro_f1": Estimate(value=0.8 + number / 20, low=0.8, high=0.95)}
        registry.publish(made.model_copy(update={"lineage": lineage, "metrics": metrics}), source, f"tx{number}")
    registry.move("intents", "champion", 2, "better")
    return registry.uri


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["models", *arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_a_difference_is_said_part_by_part(registry: str) -> None:
    said = run("diff", "intents@1", "intents@champion", "--registry", registry).stdout
    for line in (
        "intents@1 to intents@2, judged on the same test rows",
        "  macro_f1  0.850 [0.800, 0.950] to 0.900 [0.800, 0.950]  +0.050, the intervals overlap",
        "Data: the same",
        "  strategy  head to lp-ft",
        "  tune.strategy  head to lp-ft",
        "Tensors: 2 differ, 0 are equal, and those in model-1.safetensors",
        "  weight  F32 [3]  changed by 100.00% of its norm",
        "  \\x1b[31mbias  F32 [1] to F32 [2]",
    ):
        assert line in said.splitlines()
    assert "\x1b" not in said


def test_a_difference_as_json_has_the_numbers(registry: str) -> None:
    said = json.loads(run("diff", "intents@1", "intents@2", "--registry", registry, "--json").stdout)
    assert said["metrics"][0]["difference"] == pytest.approx(0.05)
    assert said["spec"] == [{"key": "tune.strategy", "before": "head", "after": "lp-ft"}]
    assert {each["name"]: each["change"] for each in said["tensors"]["changed"]} == {
        "weight": 1.0,
        "\x1b[31mbias": None,
    }


def test_without_the_engine_the_rest_is_compared(registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.delitem(sys.modules, "headstart.tensors", raising=False)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    said = run("diff", "intents@1", "intents@2", "--registry", registry).stdout
    assert "Tensors: not compared, which takes headstart[engine]" in said
    assert "tune.strategy  head to lp-ft" in said


def test_what_is_not_there_cannot_be_compared(registry: str) -> None:
    assert "[registry/not-found]" in run("diff", "intents@1", "intents@7", "--registry", registry, code=2).stderr


@pytest.mark.parametrize("place", ["copy", "copy.tar"])
def test_models_go_out_and_come_in(registry: str, tmp_path: Path, place: str) -> None:
    there, here = str(tmp_path / place), str(tmp_path / "here")
    assert "2 versions and 1 entries" in run("export", there, "--registry", registry).stdout
    said = json.loads(run("import", there, "--registry", here, "--json").stdout)
    assert said == {"versions": ["intents@1", "intents@2"], "entries": 1, "there": 0}
    assert Registry(here).aliases("intents") == {"champion": 2}
    assert "2 versions were there" in run("import", there, "--registry", here).stdout


def test_aliases_may_stay_behind(registry: str, tmp_path: Path) -> None:
    here = str(tmp_path / "here")
    run("import", registry, "--registry", here, "--model", "intents", "--no-aliases")
    assert Registry(here).aliases("intents") == {}


@pytest.mark.parametrize(
    ("source", "code"),
    [("none.tar", "registry/bad-archive"), ("none", "registry/not-found"), ("ftp://x", "store/bad-uri")],
)
def test_a_source_that_is_none_is_told(tmp_path: Path, source: str, code: str) -> None:
    place = source if "://" in source else str(tmp_path / source)
    assert f"[{code}]" in run("import", place, "--registry", str(tmp_path / "here"), code=2).stderr
    assert Registry(tmp_path / "here").models() == []


@pytest.mark.parametrize("name", ["models.tar.gz", "models.tgz", "models.zip"])
def test_an_archive_of_a_kind_that_is_not_written_is_no_folder_of_that_name(
    registry: str, tmp_path: Path, name: str
) -> None:
    result = run("export", str(tmp_path / name), "--registry", registry, code=2)
    assert "Name a file that ends in .tar" in result.stderr
    assert not (tmp_path / name).exists()


def test_an_archive_that_may_not_be_read_is_named_itself(registry: str) -> None:
    with open_folder() as folder:
        archive = folder / "models.tar"
        archive.write_bytes(b"")
        archive.chmod(0)
        with unprivileged():
            stderr = run("import", str(archive), "--registry", registry, code=2).stderr
        assert f"{archive}: Permission denied" in stderr
