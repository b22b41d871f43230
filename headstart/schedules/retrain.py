"""Retraining: look whether there is a reason, do the whole job if there is, and write down what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from headstart import events, runs, status, steps
from headstart.compute import Compute, InlineCompute
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.progress import Progress, Silent
from headstart.registry import Registry
from headstart.registry.record import version_key
from headstart.runs import Run
from headstart.schedules import fingerprint, history, labels, lease
from headstart.schedules.fingerprint import Fingerprint
from headstart.schedules.triggers import ASKED, Check, Retraining, decide
from headstart.scoring.receipts import last_scoring
from headstart.spec import Spec
from headstart.workspace import Workspace


@dataclass(frozen=True)
class Retrained:
    """What a retraining came to: the check, and where that found a reason, the run and its record."""

    check: Check
    run: Run | None = None
    record: Retraining | None = None


def retrain(
    spec: Spec, force: bool = False, progress: Progress | None = None, compute: Compute | None = None
) -> Retrained:
    """Do the whole job if there is a reason to, one process at a time; else leave a receipt and be done.

    Killed anywhere and called again, it goes on where it stopped.

    Args:
        spec: What to do, and when to do it again.
        force: Do it without a reason.
        progress: Hears of each step; by default nobody does.
        compute: Where work runs; by default Ray, on the cluster that RAY_ADDRESS names or on this machine.

    Raises:
        HeadstartError: Another process is at it, or something that the user can mend.
    """
    workspace = Workspace.open(spec.workspace)
    with lease.hold(workspace.store, f"retrain/{spec.name}") as held:
        found = check(spec, force)
        if not found.is_due:
            return Retrained(found)
        made = runs.run(spec, progress, compute)
        held.require()
        record = history.record(workspace, found, made.dataset.digest, made.decision, made.version)
    return Retrained(found, made, record)


def check(spec: Spec, force: bool = False) -> Check:
    """Whether a retraining is due; the answer is left in the workspace.

    Raises:
        HeadstartError: The export, a backbone or the scorings cannot be found or read.
    """
    workspace = Workspace.open(spec.workspace)
    with status.kept(workspace.store, spec, Silent()):
        return _check(spec, force, workspace)


def _check(spec: Spec, force: bool, workspace: Workspace) -> Check:
    last, now, at = history.last(workspace, spec.name), fingerprint.take(spec), datetime.now(UTC)
    changed, stands = _changed(spec, last, now, workspace), _stands(spec, last)
    reasons, waiting = decide(spec.retrain, last, now, changed, stands, at, _drifted(spec, last))
    found = Check(
        name=spec.name,
        at=at.isoformat(timespec="seconds"),
        after=last.number if last else 0,
        fingerprint=now,
        reasons=reasons or ((ASKED,) if force else ()),
        waiting=() if force else waiting,
    )
    history.checked(workspace, found)
    return found


def _changed(spec: Spec, last: Retraining | None, now: Fingerprint, workspace: Workspace) -> int:
    """How many labels differ from those of the last retraining; only a new export is imported to tell."""
    if last is None or now.data == last.fingerprint.data:
        return 0
    today = steps.import_labels(spec, Context(workspace, InlineCompute(), events=events.configured(spec)))
    if not workspace.has(Dataset, last.dataset):
        return today.reconciliation.rows
    return labels.changed(workspace.load(Dataset, last.dataset), today, workspace)


def _drifted(spec: Spec, last: Retraining | None) -> str:
    """In what way texts have drifted since the last retraining, as a scoring says; empty where they have not."""
    if last is None or spec.retrain.drift is None:
        return ""
    since = datetime.fromisoformat(last.at).timestamp()
    scores = last_scoring(spec.retrain.drift, spec.name, since)
    found = scores.drift if scores else None
    return found.summary() if found and found.is_found else ""


def _stands(spec: Spec, last: Retraining | None) -> bool:
    if last is None:
        return False
    name, _, number = last.version.partition("@")
    return Registry(spec.registry.uri).store.stat(version_key(name, int(number))) is not None
