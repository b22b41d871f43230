"""What Kubeflow components call that are no steps: each takes and gives what travels between pods."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headstart import logs
from headstart.evaluation.decision import Decision
from headstart.origin import run_id
from headstart.registry import Version
from headstart.report import receipts
from headstart.schedules import history, notices
from headstart.schedules.triggers import Check
from headstart.spec import Spec
from headstart.wording import worded
from headstart.workspace import Workspace


@worded()
def check_retrain(spec: str, force: bool, digest: str, show: Sequence[Any]) -> bool:
    """Whether a retraining is due; the check's digest goes to the file ``digest``.

    Raises:
        HeadstartError: The export or a backbone cannot be found or read.
    """
    from headstart.schedules.retrain import check

    found = check(Spec.parse(spec), force)
    _tell(found.summary(), run_id(Spec.parse(spec)))
    receipts.fill(show, found)
    Path(digest).write_text(found.digest)
    return found.is_due


@worded()
def record_retraining(spec: str, check: str, dataset: str, decision: str, version: str) -> str:
    """Write down that a retraining was done; gives its version as name@number.

    Raises:
        IntegrityError: A value that a digest names is missing or damaged.
    """
    workspace = Workspace.open(Spec.parse(spec).workspace)
    return history.record(
        workspace,
        workspace.load(Check, check),
        dataset,
        workspace.load(Decision, decision),
        workspace.load(Version, version),
    ).version


@worded()
def batch_score(model: str, source: str, registry: str, out: str, text: str, shadow: str, show: Sequence[Any]) -> str:
    """Answer every text of a source; gives where the answers are.

    Raises:
        HeadstartError: Whatever :func:`headstart.scoring.score` raises.
    """
    from headstart.adapters.ray_compute import RayCompute
    from headstart.scoring import score

    with RayCompute(worker_output=True) as compute:
        scores = score(model, source, out, registry, compute, text, shadow=shadow)
    for line in (scores.summary(), *scores.notes()):
        _tell(line)
    receipts.fill(show, scores)
    return scores.out


@worded()
def notify(spec: str, status: Any) -> str:
    """Tell how a pipeline ended; gives the message.

    Args:
        spec: The spec as JSON.
        status: KFP's ``PipelineTaskFinalStatus``.
    """
    parsed, succeeded = Spec.parse(spec), status.state == "SUCCEEDED"
    error = "" if succeeded else f"{status.error_message or ''} {notices.newest(parsed)}".strip()
    message = notices.ended(parsed, succeeded, error)
    notices.send(message)
    return message


def _tell(message: str, run: str = "") -> None:
    """Standard error is a pod's log."""
    sys.stderr.write(f"{logs.line(message, run) if logs.as_json() else message}\n")
