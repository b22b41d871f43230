"""Provenance: in-toto and SLSA as their own packages read them, about this version and no other."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

from headstart.blobs import Blobs
from headstart.digest import canonical_json, sha256
from headstart.errors import IntegrityError
from headstart.registry import Registry, Version, provenance
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, draft

RECORD = "models/intents/versions/00000001.json"
STATED = "models/intents/provenance/00000001.json"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


def published(registry: Registry, tx: str = "tx", **lineage: object) -> Version:
    source = Blobs(MemoryStore())
    made = draft(source)
    made = made.model_copy(update={"lineage": made.lineage.model_copy(update=lineage)})
    return registry.publish(made, source, tx)


def stated(registry: Registry, number: int = 1) -> Any:
    return json.loads(registry.store.get(f"models/intents/provenance/{number:08d}.json") or b"")


def test_every_version_has_a_statement_beside_it_that_in_toto_reads(registry: Registry) -> None:
    published(registry)
    statement = Statement.copy_from_pb(json_format.ParseDict(stated(registry), statement_pb2.Statement()))
    statement.validate()
    assert statement.pb.type == "https://in-toto.io/Statement/v1"
    assert statement.pb.predicate_type == "https://slsa.dev/provenance/v1"


def test_the_predicate_is_one_that_slsa_defines(registry: Registry) -> None:
    published(registry, commit="0" * 40, image="registry.example/headstart@sha256:" + "1" * 64, runs={"ray": "r"})
    read = json_format.ParseDict(stated(registry)["predicate"], provenance_pb2.Provenance())  # refuses unknown fields
    assert read.run_details.metadata.invocation_id == "tx"
    assert read.run_details.metadata.HasField("finished_on")
    assert read.build_definition.build_type == provenance.BUILD_TYPE
    assert read.run_details.builder.id


def test_the_subjects_are_every_file_and_the_record(registry: Registry) -> None:
    published(registry)
    subjects = {each["name"]: each["digest"]["sha256"] for each in stated(registry)["subject"]}
    record = sha256(registry.store.get(RECORD) or b"")
    assert subjects == {path: sha256(data) for path, data in CONTENTS.items()} | {RECORD: record}


def test_the_dependencies_are_data_backbone_code_and_image_with_their_digests(registry: Registry) -> None:
    image = "registry.example/headstart@sha256:" + "1" * 64
    published(registry, commit="0" * 40, image=image, sources=("tickets.json (label-studio)",))
    build = stated(registry)["predicate"]["buildDefinition"]
    found = {each["name"]: each for each in build["resolvedDependencies"]}
    assert found["dataset"]["digest"] == {"sha256": "d" * 64}
    assert found["dataset"]["annotations"]["sources"] == ["tickets.json (label-studio)"]
    assert found["split-passport"]["digest"] == {"sha256": "e" * 64}
    assert found["backbone"]["digest"] == {"sha256": "b" * 64}
    assert found["backbone"]["annotations"] == {"source": "org/tiny@main", "licence": "mit"}
    assert found["headstart"]["digest"] == {"gitCommit": "0" * 40}
    assert found["image"] == {"name": "image", "uri": image, "digest": {"sha256": "1" * 64}}
    assert build["externalParameters"] == {"spec": {"name": "intents"}}


def test_a_changed_clone_is_not_said_to_be_its_commit(registry: Registry) -> None:
    published(registry, commit="0" * 40 + "-dirty", image="headstart:latest")
    found = {each["name"]: each for each in stated(registry)["predicate"]["buildDefinition"]["resolvedDependencies"]}
    assert "digest" not in found["headstart"]
    assert "digest" not in found["image"]


def test_an_old_record_without_the_newer_fields_can_be_read_and_stated(registry: Registry) -> None:
    version = published(registry)
    said = version.said()
    for field in ("sources", "commit", "image", "runs"):
        del said["lineage"][field]
    registry.store.put(RECORD, canonical_json(said))
    registry.store.delete(STATED)
    old = registry.get("intents", 1)
    provenance.attach(registry.store, old)
    read = provenance.read(registry.store, old)
    assert read is not None
    assert read["subject"][-1]["digest"]["sha256"] == sha256(canonical_json(said))


def test_who_publishes_again_writes_the_statement_that_a_crash_left_out(registry: Registry) -> None:
    published(registry)
    before = registry.store.get(STATED)
    registry.store.delete(STATED)
    published(registry)
    assert registry.store.get(STATED) == before


def test_a_statement_never_changes(registry: Registry) -> None:
    version = published(registry)
    before = registry.store.get(STATED)
    registry.store.put(STATED, (before or b"") + b" ")
    assert provenance.attach(registry.store, version) == (before or b"") + b" "


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b'{"subject": []}', b'{"subject": [{"name": 1}]}'])
def test_a_damaged_statement_is_not_believed(registry: Registry, damage: bytes) -> None:
    version = published(registry)
    registry.store.put(STATED, damage)
    with pytest.raises(IntegrityError) as caught:
        provenance.read(registry.store, version)
    assert caught.value.where.endswith(STATED)


def test_the_statement_of_another_version_is_not_believed(registry: Registry) -> None:
    published(registry)
    other = published(registry, "other")
    registry.store.put("models/intents/provenance/00000002.json", registry.store.get(STATED) or b"")
    with pytest.raises(IntegrityError):
        provenance.read(registry.store, other)


def test_a_version_without_a_statement_has_none(registry: Registry) -> None:
    version = published(registry)
    registry.store.delete(STATED)
    assert provenance.read(registry.store, version) is None
