"""The transfer pipeline: its graph, and that it does for real what ``headstart run`` does."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("kfp")

from headstart.evaluation.verdict import Verdict
from headstart.head import Head
from headstart.pipelines import compile_all
from headstart.registry import Registry
from headstart.runs import run
from headstart.spec import Spec
from headstart.steps import STEPS
from headstart.workspace import Workspace
from tests.support.inline import spec_for


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    (path,) = compile_all(tmp_path_factory.mktemp("compiled"))
    graph: dict[str, Any] = next(yaml.safe_load_all(path.read_text()))
    return graph


def test_the_pipeline_takes_a_spec_and_gives_the_versions_digest(graph: dict[str, Any]) -> None:
    assert graph["root"]["inputDefinitions"]["parameters"].keys() == {"spec"}
    assert graph["root"]["inputDefinitions"]["parameters"]["spec"]["parameterType"] == "STRING"
    assert graph["root"]["outputDefinitions"]["parameters"].keys() == {"Output"}
    assert "spec" in graph["pipelineInfo"]["description"]


def test_the_steps_hang_together_by_the_values_they_pass_on(graph: dict[str, Any]) -> None:
    tasks = graph["root"]["dag"]["tasks"]
    assert {name.replace("-", "_") for name in tasks} == set(STEPS)
    needs = {name: set(task.get("dependentTasks", ())) for name, task in tasks.items()}
    assert needs == {
        "import-labels": set(),
        "fetch-backbone": set(),
        "assess-transfer": {"import-labels", "fetch-backbone"},
        "search-heads": {"import-labels", "fetch-backbone", "assess-transfer"},
        "fine-tune": {"import-labels", "fetch-backbone", "search-heads"},
        "evaluate": {"import-labels", "fetch-backbone", "search-heads", "fine-tune"},
        "register": {"import-labels", "fetch-backbone", "assess-transfer", "search-heads", "fine-tune", "evaluate"},
    }


def test_kubeflow_caches_no_step_that_reads_what_the_spec_only_names(graph: dict[str, Any]) -> None:
    cached = {name for name, task in graph["root"]["dag"]["tasks"].items() if task["cachingOptions"].get("enableCache")}
    assert cached == {"assess-transfer", "search-heads", "fine-tune", "evaluate"}


def run_locally(spec: Spec, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the pipeline with kfp's own runner in a process of its own: it takes over logging and print."""
    code = (
        "import sys; from kfp import local; from headstart.pipelines import transfer;"
        "local.init(local.SubprocessRunner(use_venv=False), pipeline_root='outputs');"
        "print('DIGEST', transfer(spec=sys.argv[1]).output)"
    )
    return subprocess.run(
        [sys.executable, "-c", code, spec.to_json()],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )


def artifacts(folder: Path, step: str) -> dict[str, Any]:
    (path,) = folder.glob(f"outputs/transfer-*/{step}/executor_output.json")
    found: dict[str, Any] = json.loads(path.read_text())["artifacts"]
    return {name: each["artifacts"][0] for name, each in found.items()}


def test_the_pipeline_ends_in_the_same_values_as_the_command_line(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    ran = run(spec_for(tmp_path / "command-line", tiny_backbone, tiny_export))
    spec = spec_for(tmp_path / "kubeflow", tiny_backbone, tiny_export)
    result = run_locally(spec, tmp_path)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]

    version = Registry(spec.registry.uri).resolve("messages@champion")
    assert f"DIGEST {version.digest}" in result.stdout
    assert [file.sha256 for file in version.files] == [file.sha256 for file in ran.version.files]
    assert version.metrics == ran.version.metrics
    for name in ("dataset", "backbone", "model"):
        assert getattr(version.lineage, name) == getattr(ran.version.lineage, name), name
    # The records of these two say how long things took.
    workspace = Workspace.open(spec.workspace)
    assert workspace.load(Head, version.lineage.head).identity == ran.head.identity
    assert workspace.load(Verdict, version.lineage.verdict).identity == ran.verdict.identity

    (imported,) = tmp_path.glob("outputs/transfer-*/import-labels/report")
    assert "It adds up" in imported.read_text()
    shown = artifacts(tmp_path, "evaluate")
    candidate = ran.decision.scored(ran.decision.candidate_name)
    assert shown["metrics"]["metadata"]["macro_f1"] == candidate.scores["macro_f1"].value
    rows = shown["confusion"]["metadata"]["confusionMatrix"]["rows"]
    assert [row["row"] for row in rows] == [list(row) for row in ran.decision.confusion]
    (report,) = tmp_path.glob("outputs/transfer-*/register/report")
    assert "messages, version 1" in report.read_text()
    assert artifacts(tmp_path, "register")["version"]["metadata"]["name"] == "messages"
