"""The record of how the newest work on a model stands."""

import time

import pytest

from headstart import status
from headstart.errors import DataError, StoreError
from headstart.progress import Progress, Silent
from headstart.spec import Spec
from headstart.status import Status
from headstart.stores.memory import MemoryStore
from tests.support.wrapped_store import WrappedStore

SPEC = Spec.parse("{name: tickets, data: a.csv}")


def read(store: MemoryStore) -> Status:
    return status.parse("tickets", store.get("status/tickets.json"))


def work(store: MemoryStore, told: Progress | None = None) -> None:
    with status.kept(store, SPEC, told or Silent(), whole=True) as keeper:
        keeper.started("search_heads")
        keeper.finished("search_heads", "linear", 9.9, reused=False)
        keeper.decided(True)
        keeper.published(3)


def test_a_run_that_works_is_seen_working() -> None:
    store = MemoryStore()
    with status.kept(store, SPEC, Silent()) as keeper:
        keeper.started("search_heads")
        found = read(store)
    assert (found.state, found.step) == ("running", "search_heads")
    assert found.run.startswith("tickets-")
    assert found.started <= found.seen


def test_a_run_that_ended_well_says_what_came_of_it() -> None:
    store = MemoryStore()
    work(store)
    found = read(store)
    assert (found.state, found.promoted, found.version) == ("succeeded", True, 3)
    assert found.succeeded == found.seen
    assert found.steps["search_heads"].seconds == 9.9


def test_a_failure_leaves_its_code_and_when_it_last_went_well() -> None:
    store = MemoryStore()
    work(store)
    before = read(store).succeeded
    with pytest.raises(DataError), status.kept(store, SPEC, Silent(), whole=True):
        raise DataError("data/not-found", "no export.", remedy="Make one.")
    found = read(store)
    assert (found.state, found.error, found.succeeded) == ("failed", "data/not-found", before)
    work(store)
    assert read(store).error == ""


@pytest.mark.parametrize(
    ("raised", "state", "error"),
    [(KeyboardInterrupt, "stopped", ""), (ZeroDivisionError, "failed", "ZeroDivisionError")],
)
def test_what_ends_a_run_otherwise_is_told_too(raised: type[BaseException], state: str, error: str) -> None:
    store = MemoryStore()
    with pytest.raises(raised), status.kept(store, SPEC, Silent()):
        raise raised
    assert (read(store).state, read(store).error) == (state, error)


def test_steps_in_pods_of_their_own_add_up() -> None:
    store = MemoryStore()
    for step in ("import_labels", "fetch_backbone"):
        with status.kept(store, SPEC, Silent()) as keeper:
            keeper.finished(step, "done", 1.0, reused=False)
    assert list(read(store).steps) == ["fetch_backbone", "import_labels"]
    assert read(store).succeeded == ""


def test_a_long_step_gives_a_sign_of_life_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock = MemoryStore(), [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    written: list[str] = []
    monkeypatch.setattr(store, "put", lambda key, data: written.append(key))
    with status.kept(store, SPEC, Silent()) as keeper:
        keeper.started("fine_tune")
        at_first = len(written)
        for _ in range(100):
            clock[0] += 1.0
            keeper.advanced("fine_tune", 1, 2, "")
        assert len(written) == at_first + 1


def test_a_job_tells_how_long_it_was_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    store.put("jobs/tickets-1/spec.json", b"{}")
    monkeypatch.setenv("HEADSTART_JOB_ID", "tickets-1")
    submitted = store.stat("jobs/tickets-1/spec.json")
    assert submitted is not None
    monkeypatch.setattr(time, "time", lambda: submitted.modified + 42)
    work(store)
    assert (read(store).job, read(store).queued) == ("tickets-1", 42)


def test_a_store_that_takes_no_record_stops_no_run() -> None:
    class Refusing(WrappedStore):
        def put(self, key: str, data: bytes) -> None:
            raise StoreError("store/unreachable", "no.", remedy="x.")

    work(Refusing(MemoryStore()))  # type: ignore[arg-type]


def test_a_damaged_record_is_written_anew() -> None:
    store = MemoryStore()
    store.put("status/tickets.json", b"{")
    work(store)
    assert read(store).state == "succeeded"
