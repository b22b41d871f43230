"""Kubeflow's output artifacts for results that are no steps': a check, and the account of a scoring."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headstart.digest import canonical_json
from headstart.report import scored
from headstart.schedules.triggers import Check
from headstart.scoring import Scores


def fill(artifacts: Sequence[Any], result: Check | Scores) -> None:
    """Give each artifact what it can show of a result.

    Args:
        artifacts: KFP's Metrics, HTML, Markdown, or artifacts with metadata.
        result: What is to be shown.
    """
    for artifact in artifacts:
        if artifact.schema_title == "system.Metrics" and isinstance(result, Scores):
            artifact.log_metric("rows", result.rows)
            for label, rows in result.labels.items():  # which may be called like one of the others
                artifact.log_metric(f"label {label}", rows)
            if result.drift is not None:
                artifact.log_metric("drift_p", min(each.adjusted for each in result.drift.shifts))
            if result.shadow is not None:
                artifact.log_metric("shadow_disagreement", result.shadow.share.value)
        elif artifact.schema_title == "system.HTML" and isinstance(result, Scores):
            Path(artifact.path).write_text(scored.render(result), encoding="utf-8")
        elif artifact.schema_title == "system.Markdown":
            Path(artifact.path).write_text(markdown(result), encoding="utf-8")
        else:
            artifact.metadata.update({"digest": result.digest, "summary": result.summary()} | _where(result))
            Path(artifact.path).write_bytes(canonical_json(result.said()))


def markdown(result: Check | Scores) -> str:
    """A result as the UI shows it."""
    if isinstance(result, Check):
        lines = result.reasons or result.waiting
        title = "# Due" if result.is_due else "# Nothing to do"
        return "\n".join([title, "", *(f"- {_plain(each)}" for each in lines)])
    rows = [f"| {_plain(label)} | {rows} |" for label, rows in result.labels.items()]
    title = f"# {result.rows} rows by {result.model} version {result.version}"
    notes = [f"{_plain(note)}\n" for note in result.notes()]
    return "\n".join([title, "", *notes, f"Answers: `{result.out}`", "", "| label | rows |", "| --- | ---: |", *rows])


def _where(result: Check | Scores) -> dict[str, str]:
    if isinstance(result, Check):
        return {"name": result.name}
    return {"model": f"{result.model}@{result.version}", "uri": result.out, "rows": str(result.rows)}


def _plain(text: str) -> str:
    """Text of others, which must mark nothing up."""
    return "".join(f"&#{ord(mark)};" if mark in "<>&|`*_[]#\\\n" else mark for mark in text)
