"""The provenance of a version: an in-toto Statement v1 with a SLSA Provenance v1 predicate.

It is stored beside the version's record, in a form that tools outside Headstart read. Everything in it comes from the
record, so it can be made at any time, and two who make it write the same.

Formats: https://in-toto.io/Statement/v1 and https://slsa.dev/provenance/v1.
"""

import json
import re
from typing import Any

from headstart.digest import canonical_json, sha256
from headstart.errors import IntegrityError
from headstart.registry.record import Version, check_name, version_key
from headstart.store import Store

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:headstart:run:1"
_BUILDER = "urn:headstart:builder"


def provenance_key(name: str, number: int) -> str:
    """Where a version's provenance is."""
    return f"models/{check_name(name)}/provenance/{number:08d}.json"


def statement(version: Version, record: bytes) -> dict[str, Any]:
    """The statement about a version.

    Args:
        version: The version.
        record: Its record's bytes, which are a subject as each of its files is.
    """
    lineage = version.lineage
    files = [{"name": file.path, "digest": {"sha256": file.sha256}} for file in version.files]
    key = version_key(version.name, version.version)
    return {
        "_type": STATEMENT,
        "subject": [*files, {"name": key, "digest": {"sha256": sha256(record)}}],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"spec": dict(lineage.spec)},
                "internalParameters": {"code": lineage.code, "strategy": lineage.strategy},
                "resolvedDependencies": _dependencies(version),
            },
            "runDetails": {
                "builder": {"id": _BUILDER, "version": {"headstart": lineage.headstart}},
                "metadata": {"invocationId": version.tx, "finishedOn": version.created},
                "byproducts": [
                    {"name": kind, "digest": {"sha256": digest}}
                    for kind, digest in (
                        ("verdict", lineage.verdict),
                        ("head", lineage.head),
                        ("model", lineage.model),
                        ("decision", lineage.decision),
                    )
                ],
            },
        },
    }


def attach(store: Store, version: Version) -> bytes:
    """Store the provenance of a version beside it, unless it is there; gives what is there then."""
    key = provenance_key(version.name, version.version)
    made = canonical_json(statement(version, record_bytes(store, version)))
    return made if store.create(key, made) else store.get(key) or made


def read(store: Store, version: Version) -> dict[str, Any] | None:
    """The stored provenance, or None where there is none.

    Raises:
        IntegrityError: It is damaged, or is not about this version.
    """
    key = provenance_key(version.name, version.version)
    data = store.get(key)
    if data is None:
        return None
    try:
        said = json.loads(data)
        subjects = {each["name"]: each["digest"]["sha256"] for each in said["subject"]}
    except (ValueError, LookupError, TypeError):
        subjects = {}
    named = {file.path: file.sha256 for file in version.files}
    record = {version_key(version.name, version.version): sha256(record_bytes(store, version))}
    if subjects != named | record:
        problem = "it is not the provenance of this version's files and record."
        remedy = "Restore it from a copy; do not trust what it says."
        raise IntegrityError("integrity/record", problem, remedy=remedy, where=f"{store.uri}/{key}")
    return dict(said)


def record_bytes(store: Store, version: Version) -> bytes:
    """The bytes of a version's record.

    Raises:
        IntegrityError: The record is gone, or is another one than ``version`` by now.
    """
    key = version_key(version.name, version.version)
    data = store.get(key) or b""
    try:
        same = Version.model_validate_json(data) == version
    except ValueError:
        same = False
    if not same:
        problem, remedy = "the record changed or is gone while it was used.", "Try again; restore it from a copy."
        raise IntegrityError("integrity/record", problem, remedy=remedy, where=f"{store.uri}/{key}")
    return data


def _dependencies(version: Version) -> list[dict[str, Any]]:
    """What went in, each with its digest; what an old record does not know is left out."""
    lineage = version.lineage
    revision = f"@{lineage.backbone_revision}" if lineage.backbone_revision else ""
    found: list[dict[str, Any]] = [
        {
            "name": "dataset",
            "digest": {"sha256": lineage.dataset},
            "annotations": {"rows": dict(lineage.rows), "sources": list(lineage.sources)},
        },
        {"name": "split-passport", "digest": {"sha256": lineage.passport}},
    ]
    if lineage.backbone:
        annotations = {"source": f"{lineage.backbone_source}{revision}", "licence": lineage.licence}
        found.append({"name": "backbone", "digest": {"sha256": lineage.backbone}, "annotations": annotations})
    code: dict[str, Any] = {"name": "headstart", "uri": f"pkg:pypi/headstart@{lineage.headstart}"}
    if re.fullmatch(r"[0-9a-f]{40}", lineage.commit):  # a digest is one of what was there: not of a changed clone
        code["digest"] = {"gitCommit": lineage.commit}
    found.append(code)
    if lineage.image:
        image: dict[str, Any] = {"name": "image", "uri": lineage.image}
        digest = re.search(r"@sha256:([0-9a-f]{64})$", lineage.image)
        if digest:
            image["digest"] = {"sha256": digest[1]}
        found.append(image)
    return found
