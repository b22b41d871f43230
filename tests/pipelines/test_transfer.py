"""The transfer pipeline does for real what ``headstart run`` does."""

from pathlib import Path

import pytest

pytest.importorskip("kfp")

from headstart.evaluation.verdict import Verdict
from headstart.head import Head
from headstart.registry import Registry
from headstart.runs import run
from headstart.workspace import Workspace
from tests.support.inline import made_of, spec_for
from tests.support.kubeflow_runs import artifacts, run_locally, said


def test_the_pipeline_ends_in_the_same_values_as_the_command_line(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    ran = run(spec_for(tmp_path / "command-line", tiny_backbone, tiny_export))
    spec = spec_for(tmp_path / "kubeflow", tiny_backbone, tiny_export)
    result = run_locally("transfer", tmp_path, spec=spec.to_json())
    assert result.returncode == 0, said(result)

    version = Registry(spec.registry.uri).resolve("messages@champion")
    assert f"'version': '{version.digest}'" in result.stdout
    assert made_of(version) == made_of(ran.version)
    assert version.metrics == ran.version.metrics
    for name in ("dataset", "backbone", "model"):
        assert getattr(version.lineage, name) == getattr(ran.version.lineage, name), name
    # The records of these two say how long things took.
    workspace = Workspace.open(spec.workspace)
    assert workspace.load(Head, version.lineage.head).identity == ran.head.identity
    assert workspace.load(Verdict, version.lineage.verdict).identity == ran.verdict.identity

    (imported,) = tmp_path.glob("outputs/transfer-*/import-labels/report")
    assert "It adds up" in imported.read_text()
    shown = artifacts(tmp_path, "transfer", "evaluate")
    candidate = ran.decision.scored(ran.decision.candidate_name)
    assert shown["metrics"]["metadata"]["macro_f1"] == candidate.scores["macro_f1"].value
    rows = shown["confusion"]["metadata"]["confusionMatrix"]["rows"]
    assert [row["row"] for row in rows] == [list(row) for row in ran.decision.confusion]
    (report,) = tmp_path.glob("outputs/transfer-*/register/report")
    assert "messages, version 1" in report.read_text()
    assert artifacts(tmp_path, "transfer", "register")["version"]["metadata"]["name"] == "messages"
