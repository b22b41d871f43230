"""What a workspace remembers of a name's retrainings: a log of those that were done, and the last time it was looked.

Layout, in the workspace::

    retrains/<name>/00000001.json     a retraining
    retrains/<name>/checked.json      the receipt of the last check, also where it found nothing to do
"""

import functools
from datetime import UTC, datetime

from pydantic import ValidationError

from headstart import numbered, status
from headstart.digest import canonical_json
from headstart.errors import IntegrityError
from headstart.evaluation.decision import Decision
from headstart.registry import Version
from headstart.schedules.triggers import Check, Retraining, kind_of
from headstart.status import Status
from headstart.workspace import Workspace


def last(workspace: Workspace, name: str) -> Retraining | None:
    """The newest retraining of a name, if there was one.

    Raises:
        IntegrityError: Its record is damaged.
    """
    number = numbered.newest(workspace.store, _folder(name))
    return _read(workspace, numbered.key(_folder(name), number)) if number else None


def checked(workspace: Workspace, check: Check) -> None:
    """Leave the receipt of a check."""
    workspace.save(check)
    status.update(workspace.store, check.name, lambda old: {"checked": check.at, "due": check.is_due})
    workspace.store.put(f"{_folder(check.name)}/checked.json", canonical_json(check.said()))


def newest_check(workspace: Workspace, name: str) -> Check | None:
    """The last check of a name, if there was one that can be read."""
    try:
        return Check.model_validate_json(workspace.store.get(f"{_folder(name)}/checked.json") or b"")
    except ValidationError:
        return None


def record(workspace: Workspace, check: Check, dataset: str, decision: Decision, version: Version) -> Retraining:
    """Write down that a retraining was done; done twice, it stands there once.

    Args:
        workspace: Where the log is.
        check: What made it due.
        dataset: The digest of the dataset that it learned from.
        decision: What the gate said.
        version: What was published.
    """
    number = check.after
    while True:
        number += 1
        made = Retraining(
            number=number,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            fingerprint=check.fingerprint,
            reasons=check.reasons,
            dataset=dataset,
            decision=decision.digest,
            version=f"{version.name}@{version.version}",
            promoted=decision.promote,
        )
        key = numbered.key(_folder(check.name), number)
        if workspace.store.create(key, canonical_json(made.model_dump(mode="json"))):
            status.update(workspace.store, check.name, functools.partial(_counted, made))
            return made
        there = _read(workspace, key)
        if (there.fingerprint, there.decision) == (made.fingerprint, made.decision):
            return there


def _counted(made: Retraining, old: Status) -> dict[str, object]:
    kind = f"{kind_of(made.reasons[0])}/{'promoted' if made.promoted else 'kept'}"
    counts = {**old.retrainings, kind: old.retrainings.get(kind, 0) + 1}
    return {"due": False, "retrained": made.at, "retrainings": counts}


def _read(workspace: Workspace, key: str) -> Retraining:
    try:
        return Retraining.model_validate_json(workspace.store.get(key) or b"")
    except ValidationError:
        remedy = "Delete it; the job is then done anew."
        raise IntegrityError(
            "integrity/record", "not a record of a retraining.", remedy=remedy, where=f"{workspace.uri}/{key}"
        ) from None


def _folder(name: str) -> str:
    return f"retrains/{name}"
