"""Verifying a whole registry finds each kind of damage, names its place, and changes nothing."""

import json
import uuid
from collections.abc import Callable

import pytest

from headstart.blobs import Blobs
from headstart.digest import canonical_json
from headstart.registry import Registry, catalog
from headstart.registry.log import entry_name
from headstart.store import Store
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, draft

RECORD = "models/intents/versions/00000001.json"
BLOB = Blobs(MemoryStore()).add_bytes(CONTENTS["model.safetensors"], "x").blob


@pytest.fixture
def registry() -> Registry:
    registry, source = Registry(f"memory://{uuid.uuid4().hex}"), Blobs(MemoryStore())
    for number in range(1, 4):
        registry.publish(draft(source, {**CONTENTS, "head": str(number).encode()}), source, f"tx{number}")
    registry.move("intents", "champion", 1, "")
    registry.move("intents", "champion", 2, "")
    registry.tag("intents", 2, "release")
    registry.tag("intents", 3, "release")
    registry.folder("intents@2")
    catalog.snapshot(registry.store)
    return registry


def test_what_is_as_it_was_published_has_no_findings(registry: Registry) -> None:
    told: list[int] = []
    result = registry.verify(told.append)
    assert result.findings == ()
    assert (result.models, result.versions, result.blobs) == (1, 3, 3 + 3 + 4)
    assert sum(told) == result.bytes


def put(key: str, change: Callable[[bytes], bytes]) -> Callable[[Store], None]:
    return lambda store: store.put(key, change(store.get(key) or b""))


def dropped(key: str) -> Callable[[Store], None]:
    return lambda store: store.delete(key)


DAMAGE: list[tuple[str, Callable[[Store], None], str]] = [
    (BLOB, put(BLOB, lambda data: data[:-1] + b"x"), "sha256 is"),
    (BLOB, put(BLOB, lambda data: data[:-1]), "sha256 is"),
    (BLOB, dropped(BLOB), "the bytes are gone"),
    (RECORD, put(RECORD, lambda data: data[:-1]), "not a record"),
    (RECORD, put(RECORD, lambda data: canonical_json(json.loads(data) | {"format": 2})), "it is of format 2"),
    (RECORD, put(RECORD, lambda data: data.replace(b'"version":1', b'"version":9')), "it is of intents version 9"),
    ("serve/intents/00000002/head", put("serve/intents/00000002/head", lambda data: b"x"), "sha256 is"),
    ("models/intents/aliases/champion/", dropped(f"models/intents/aliases/champion/{entry_name(1)}"), "is missing"),
    (
        f"models/intents/aliases/champion/{entry_name(2)}",
        put(f"models/intents/aliases/champion/{entry_name(2)}", lambda data: b"{"),
        "not a record",
    ),
    (
        "models/intents/aliases/champion/",
        put(f"models/intents/aliases/champion/{entry_name(2)}", lambda data: data.replace(b'sion":2', b'sion":7')),
        "leads to version 7",
    ),
    ("models/intents/marks/", dropped(f"models/intents/marks/{entry_name(1)}"), "is missing"),
    (
        "models/intents/index/",
        put(f"models/intents/index/{entry_name(9)}", lambda data: b'{"format":1,"upto":9,"numbers":[[1,2],[9,9]]}'),
        "not what a listing shows",
    ),
    (
        "catalog/",
        put(f"catalog/snapshots/{entry_name(2)}", lambda data: b'{"format":1,"sequence":2,"models":{}}'),
        "not what the models say",
    ),
]


@pytest.mark.parametrize(("where", "damage", "problem"), DAMAGE)
def test_damage_is_found_and_its_place_is_named(
    registry: Registry, where: str, damage: Callable[[Store], None], problem: str
) -> None:
    damage(registry.store)
    before = {info.key: registry.store.get(info.key) for info in registry.store.list("")}
    findings = [each for each in registry.verify().findings if each.where.endswith(where)]
    assert findings
    assert problem in findings[0].problem
    assert findings[0].remedy
    assert {info.key: registry.store.get(info.key) for info in registry.store.list("")} == before


def test_the_files_of_a_deleted_version_may_be_gone(registry: Registry) -> None:
    registry.delete("intents", [3], "")
    registry.collect(0, apply=True)
    assert registry.verify().findings == ()
