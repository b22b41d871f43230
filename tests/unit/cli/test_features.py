"""headstart features show and prune."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headstart.backbone import ingest
from headstart.backbone_source import locate
from headstart.cli import main
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.features import features
from headstart.workspace import Workspace
from tests.support.rows import rows_of


@pytest.fixture
def workspace(tmp_path: Path, tiny_backbone: Path) -> str:
    on = Context(Workspace.open(str(tmp_path / "work")), InlineCompute())
    features(rows_of(["my parcel", "a refund"]), ingest(locate(str(tiny_backbone)), on.workspace), on)
    return on.workspace.uri


def _features(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["features", *arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_what_is_stored_is_shown_with_its_size(workspace: str) -> None:
    (line,) = _features("show", "--workspace", workspace).stdout.splitlines()
    assert line.startswith("tiny-bert0 (")
    assert "2 rows, layers 0-2, mean pooling, 0.0 MB, used 20" in line
    (held,) = json.loads(_features("show", "--workspace", workspace, "--json").stdout)
    assert (held["rows"], held["layers"], held["poolings"]) == (2, [0, 1, 2], ["mean"])
    assert held["bytes"] > 0


def test_pruning_says_what_it_removed(workspace: str) -> None:
    assert "used within 30 days" in _features("prune", "--workspace", workspace, "--keep-days", "30").stdout
    assert _features("prune", "--workspace", workspace, "--keep-days", "0").stdout.startswith("Removed tiny-bert0 (")
    assert _features("show", "--workspace", workspace).stdout == f"No features in {workspace}.\n"
    assert json.loads(_features("show", "--workspace", workspace, "--json").stdout) == []


def test_pruning_by_name_answers_in_json(workspace: str) -> None:
    removed = json.loads(_features("prune", "--workspace", workspace, "--backbone", "tiny-bert0", "--json").stdout)
    assert [each["backbone"] for each in removed] == ["tiny-bert0"]


@pytest.mark.parametrize(
    "wrong", [[], ["--keep-days", "1", "--backbone", "a"], ["--backbone", "a"], ["--keep-days", "-1"]]
)
def test_pruning_wants_one_rule_that_makes_sense(workspace: str, wrong: list[str]) -> None:
    _features("prune", "--workspace", workspace, *wrong, code=2)
    assert len(json.loads(_features("show", "--workspace", workspace, "--json").stdout)) == 1
