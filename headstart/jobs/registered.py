"""What came of a job that left no result of its own, as runs of a pipeline do: from the version that it registered."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from headstart.digest import sha256, verify
from headstart.jobs.job import Job
from headstart.registry import Registry, Version
from headstart.spec import Spec
from headstart.store import Store, open_store
from headstart.workspace import record_key

_LOOKED_AT = 50  # of a model's versions, the newest


def said(job: Job, spec: Spec) -> Mapping[str, Any] | None:
    """The result of a job that has succeeded, as JSON data, or None where the registry has no version of its spec.

    It is the version whose lineage names the job's run. Where there is none, as the run found that nothing was left to
    do, it is the newest of the same spec that was there when the job had ended.

    Raises:
        IntegrityError: A record is damaged.
        StoreError: The registry or the workspace cannot be read.
    """
    version = _version(job, spec)
    workspace = open_store(spec.workspace)
    verdict = version and _record(workspace, "verdict", version.lineage.verdict)
    decision = version and _record(workspace, "decision", version.lineage.decision)
    if version is None or verdict is None or decision is None:
        return None
    lineage = version.lineage
    return {
        "digests": {
            "assess_transfer": lineage.verdict,
            "search_heads": lineage.head,
            "evaluate": lineage.decision,
            "register": version.digest,
        },
        "verdict": verdict,
        "decision": decision,
        "version": {"name": version.name, "version": version.version, "registry": spec.registry.uri},
        "report": "",
    }


def _version(job: Job, spec: Spec) -> Version | None:
    registry = Registry(spec.registry.uri)
    newest = islice(reversed(registry.versions(spec.name)), _LOOKED_AT)
    same = [each for each in (registry.get(spec.name, number) for number in newest) if each.lineage.spec == spec.said()]
    made = [each for each in same if job.reference and job.reference in each.lineage.runs.values()]
    before = [each for each in same if not job.finished or each.created[:19] <= job.finished[:19]]  # both are UTC
    return next(iter([*made, *before]), None)


def _record(workspace: Store, kind: str, digest: str) -> Mapping[str, Any] | None:
    key = record_key(kind, digest)
    data = workspace.get(key)
    if data is None:
        return None
    verify(sha256(data), digest, f"{workspace.uri}/{key}")
    found: Mapping[str, Any] = json.loads(data)
    return found
