"""What is read from a workspace and a registry, and with how many requests."""

import uuid
from datetime import datetime

from headstart import status
from headstart.blobs import Blobs
from headstart.monitoring import runs
from headstart.monitoring.families import Sample, text
from headstart.monitoring.models import Models
from headstart.monitoring.runs import Runs
from headstart.progress import Silent
from headstart.registry import Registry
from headstart.spec import Spec
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.wrapped_store import LoggedStore


def of(samples: list[Sample], name: str) -> dict[tuple[str, ...], float]:
    return {each.labels: each.value for each in samples if each.name == name}


def work(store: MemoryStore, name: str) -> None:
    spec = Spec.parse(f"{{name: {name}, data: a.csv}}")
    with status.kept(store, spec, Silent(), whole=True) as keeper:
        keeper.finished("fine_tune", "done", 30.8, reused=False)
        keeper.decided(False)


def test_a_run_is_told_with_its_steps_and_its_decision() -> None:
    store = MemoryStore()
    work(store, "tickets")
    counted = {"due": True, "checked": "2026-11-27T02:00:00+00:00", "retrainings": {"labels/kept": 2}}
    status.update(store, "tickets", lambda old: counted)
    found = Runs(store).samples()
    assert text(found)
    assert of(found, "headstart_run_state") == {
        ("tickets", "running"): 0,
        ("tickets", "succeeded"): 1,
        ("tickets", "failed"): 0,
        ("tickets", "stopped"): 0,
    }
    assert of(found, "headstart_step_seconds") == {("tickets", "fine_tune"): 30.8}
    assert of(found, "headstart_gate_promoted") == {("tickets",): 0}
    assert of(found, "headstart_retrain_due") == {("tickets",): 1}
    assert of(found, "headstart_retrain_checked_timestamp_seconds") == {("tickets",): 1795744800}
    assert of(found, "headstart_retrainings_total") == {("tickets", "labels", "kept"): 2}


def test_what_did_not_change_is_not_read_again() -> None:
    store = LoggedStore(MemoryStore())
    for number in range(40):
        work(store.inner, f"model-{number}")  # type: ignore[arg-type]
    watched = Runs(store)
    assert len(watched.samples()) > 40
    assert len(store.log) == 41
    store.log.clear()
    watched.samples()
    assert store.log == [("list", "status/")]
    work(store.inner, "model-7")  # type: ignore[arg-type]
    store.log.clear()
    watched.samples()
    assert store.log == [("list", "status/"), ("get", "status/model-7.json")]


def test_of_very_many_models_the_newest_are_told_and_the_others_counted() -> None:
    store = LoggedStore(MemoryStore())
    for number in range(runs.MODELS + 3):
        store.inner.put(f"status/model-{number}.json", status.Status(name=f"model-{number}").model_dump_json().encode())
    found = Runs(store).samples()
    assert of(found, "headstart_exporter_models_left_out") == {("workspace",): 3}
    assert len(store.done("get")) == runs.MODELS


def test_a_model_is_told_with_what_its_aliases_point_at() -> None:
    registry, source = Registry(f"memory://{uuid.uuid4().hex}"), Blobs(MemoryStore())
    registry.publish(draft(source), source, "one")
    second = registry.publish(draft(source), source, "two")
    registry.move("intents", "champion", 2, "better")
    found = Models(registry).samples()
    assert text(found)
    stands = ("intents", "champion")
    assert of(found, "headstart_model_versions") == {("intents",): 2}
    assert of(found, "headstart_alias_version") == {stands: 2}
    assert of(found, "headstart_alias_moves_total") == {stands: 1}
    assert of(found, "headstart_alias_score") == {(*stands, "macro_f1"): 0.9}
    (published,) = of(found, "headstart_alias_published_timestamp_seconds").values()
    (moved,) = of(found, "headstart_alias_moved_timestamp_seconds").values()
    assert published == datetime.fromisoformat(second.created).timestamp() <= moved


def test_of_a_registry_whose_aliases_stay_only_the_catalog_is_read_again() -> None:
    registry, source = Registry(f"memory://{uuid.uuid4().hex}"), Blobs(MemoryStore())
    for name in ("intents", "topics", "urgency"):
        registry.publish(draft(source, name=name), source, "one")
        registry.move(name, "champion", 1, "first")
    store = LoggedStore(registry.store)
    registry.store = store
    watched = Models(registry)
    first = watched.samples()
    store.log.clear()
    registry.catalog()
    catalog = len(store.log)
    store.log.clear()
    assert watched.samples() == first
    assert len(store.log) == catalog
    registry.publish(draft(source, name="topics"), source, "two")
    registry.move("topics", "champion", 2, "better")
    assert of(watched.samples(), "headstart_alias_version")["topics", "champion"] == 2
