"""Kubeflow's output artifacts, filled with what each can show of a step's result."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.backbone import Backbones
from headstart.dataset import Dataset
from headstart.digest import canonical_json
from headstart.evaluation.decision import Decision
from headstart.evaluation.verdict import Verdict
from headstart.evidence import Evidence
from headstart.head import Head
from headstart.model import Model
from headstart.registry import Version
from headstart.registry.record import version_key
from headstart.report import imported, page, verdict
from headstart.spec import SPLITS, Spec
from headstart.values import Value
from headstart.workspace import Workspace


def fill(artifact: Any, spec: Spec, result: Value, given: Mapping[str, Any]) -> None:
    """Fill an artifact of any of KFP's types.

    Args:
        artifact: A Metrics, ClassificationMetrics, HTML, Markdown, Dataset, Model or plain artifact.
        spec: The run's spec.
        result: What the step made.
        given: What the step was given, by name.
    """
    kind = artifact.schema_title
    if kind == "system.Metrics":
        for name, number in figures(result).items():
            artifact.log_metric(name, number)
    elif kind == "system.ClassificationMetrics" and isinstance(result, Decision):
        artifact.log_confusion_matrix([each.label for each in result.labels], [list(row) for row in result.confusion])
        if result.roc:
            points = result.roc.points
            artifact.log_roc_curve(
                [each.false_positive_rate for each in points],
                [each.true_positive_rate for each in points],
                [each.threshold for each in points],
            )
    elif kind == "system.HTML" and isinstance(result, Dataset):
        # Published as well, for the rejected records lie beside the page that names them.
        _write(artifact, imported.publish(result, Workspace.open(spec.workspace), spec.name).encode())
    elif kind == "system.Markdown" and isinstance(result, Verdict):
        _write(artifact, verdict.markdown(result).encode())
    elif kind == "system.HTML" and isinstance(result, Version):
        _write(artifact, page.render(Evidence(spec, **given), result).encode())
    else:
        artifact.metadata.update(_described(spec, result))
        _write(artifact, canonical_json(result.said()))


def figures(result: Value) -> dict[str, float]:
    """The numbers of a result that are worth comparing between runs."""
    if isinstance(result, Dataset):
        account = result.reconciliation
        return {
            "records": account.records,
            "rows": account.rows,
            "merged": account.merged,
            "rejected": account.rejected_records,
        }
    if isinstance(result, Verdict):
        return {each.name: each.score.value for each in (*result.controls, *result.probes, result.head)}
    if isinstance(result, Head):
        return {
            result.metric: result.chosen.score,
            "log_loss": result.chosen.log_loss,
            "layer": result.chosen.view.top,
            "tried": len(result.tried),
        }
    if isinstance(result, Model) and result.history:
        best = result.history[result.kept_epoch - 1]
        known = {"validation_score": best.score, "validation_log_loss": best.log_loss, "epoch": result.kept_epoch}
        return known | ({"training_seconds": result.spent.seconds} if result.spent else {})
    if isinstance(result, Decision):
        chosen = result.scored(result.candidate_name).scores
        return {name: estimate.value for name, estimate in chosen.items()} | {
            "promote": float(result.promote),
            "test_rows": result.test_rows,
            **({"roc_auc": result.roc.area} if result.roc else {}),
        }
    return {}


def _described(spec: Spec, result: Value) -> dict[str, Any]:
    """What an artifact's card shows."""
    said: dict[str, Any] = {"digest": result.digest, "summary": result.summary(), "workspace": spec.workspace}
    if isinstance(result, Dataset):
        said |= {
            "name": spec.name,
            "task": result.task,
            "labels": str(len(result.labels)),
            "rows": ", ".join(f"{split} {result.rows(split)}" for split in SPLITS),
            "content": result.content,
        }
    if isinstance(result, Model):
        said |= {
            "name": spec.name,
            "strategy": result.strategy,
            "backbone": result.source,
            "licence": result.licence,
        }
    if isinstance(result, Backbones):
        said["backbones"] = ", ".join(candidate.source for candidate in result.candidates)
        said["licences"] = ", ".join(candidate.licence for candidate in result.candidates)
    if isinstance(result, Version):
        said |= {
            "name": result.name,
            "version": str(result.version),
            "registry": spec.registry.uri,
            "licence": result.lineage.licence,
            "framework": "headstart",
            "uri": f"{spec.registry.uri.rstrip('/')}/{version_key(result.name, result.version)}",
            "backbone": result.lineage.backbone_source,
            "strategy": result.lineage.strategy,
            "dataset": result.lineage.dataset,
            "metrics": ", ".join(f"{name} {each}" for name, each in result.metrics.items()),
        }
    return said


def _write(artifact: Any, data: bytes) -> None:
    # An artifact without a file is never found again by Kubeflow's cache.
    Path(artifact.path).write_bytes(data)
