"""Telling people how a retraining on a schedule ended, and how often it failed in a row."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from headstart import status
from headstart.adapters import webhook
from headstart.digest import canonical_json
from headstart.errors import HeadstartError
from headstart.origin import run_id
from headstart.schedules import history
from headstart.spec import Spec
from headstart.workspace import Workspace

URL = "HEADSTART_NOTIFY_URL"

_STOOD = {"running": "left no word of its end", "succeeded": "succeeded", "failed": "failed", "stopped": "was stopped"}


def ended(spec: Spec, succeeded: bool, error: str) -> str:
    """Count an ending, and put it into words.

    The number of failures in a row is kept in the workspace, as ``retrains/<name>/failures.json``; a success ends it.

    Args:
        spec: What was to be done.
        succeeded: Whether it was.
        error: If not, why.
    """
    workspace = Workspace.open(spec.workspace)
    key = f"retrains/{spec.name}/failures.json"
    failures = 0 if succeeded else _failures(workspace, key) + 1
    workspace.store.put(key, canonical_json({"in_a_row": failures}))
    if not succeeded:
        again = f", {failures} times in a row" if failures > 1 else ""
        return f"{spec.name}: the retraining failed{again}. {error}".rstrip()
    check, last = history.newest_check(workspace, spec.name), history.last(workspace, spec.name)
    if check is None or not check.is_due or last is None or last.number <= check.after:
        return f"{spec.name}: {check.summary() if check else 'done'}."
    standing = f"now {spec.registry.alias}" if last.promoted else f"not {spec.registry.alias}"
    return f"{spec.name}: {last.version}, {standing}. Retrained because {'; '.join(last.reasons)}."


def newest(spec: Spec) -> str:
    """How the newest work on a spec stands: Kubeflow's word for a failure names neither a step of ours nor a cause."""
    found = status.parse(spec.name, Workspace.open(spec.workspace).store.get(status.key(spec.name)))
    if found.run != run_id(spec):
        return ""
    cause = f" with {found.error}" if found.error else ""
    return f"The newest work ({found.step or 'no step yet'}, {found.seen}) {_STOOD[found.state]}{cause}."


@contextlib.contextmanager
def telling(spec: Spec) -> Iterator[None]:
    """Within, a retraining is told of as a pipeline's is, however it ends; only where the environment names a webhook.

    One that left the work to another process is not told of.
    """
    if not _url():
        yield
        return
    try:
        yield
    except Exception as error:
        if getattr(error, "code", "") != "retrain/locked":
            with contextlib.suppress(HeadstartError):  # of a workspace that cannot be reached: the cause counts more
                send(ended(spec, False, str(error)))
        raise
    send(ended(spec, True, ""))


def unread(spec: Path, error: HeadstartError) -> None:
    """Tell that a retraining could not even begin, for its spec cannot be read; only where there is a webhook."""
    if _url():
        send(f"{spec}: the retraining failed. {error}")


def send(message: str) -> None:
    """Write a message to the log, and send it to the webhook that the environment names, if it does.

    It goes where hooks of the registry may go (:mod:`headstart.adapters.webhook`). What goes wrong on the way is said
    in the log and fails nothing. The webhook's address is a secret: no more than its host is said.
    """
    sys.stderr.write(f"{message}\n")
    url = _url()
    if not url:
        return
    try:
        webhook.post(url, json.dumps({"text": message}).encode(), {})
    except (webhook.Undelivered, ValueError) as error:
        sys.stderr.write(f"Nobody was told, by {URL}: {error}.\n")


def _url() -> str:
    return os.environ.get(URL, "").strip()


def _failures(workspace: Workspace, key: str) -> int:
    try:
        return int(json.loads(workspace.store.get(key) or b"")["in_a_row"])
    except (ValueError, LookupError, TypeError):
        return 0
