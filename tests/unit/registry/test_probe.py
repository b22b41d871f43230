"""The probe: a store that cannot be trusted with several writers is refused by name."""

import threading
from pathlib import Path

import pytest

from headstart.errors import StoreError
from headstart.registry.probe import ROUNDS, WRITERS, probe
from headstart.store import Store
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore


class Overwriting(MemoryStore):
    """Ignores the condition, as rclone and Google's S3 interface do: everybody is told to have won."""

    def create(self, key: str, data: bytes) -> bool:
        self.put(key, data)
        return True


class CheckThenWrite(MemoryStore):
    """Looks whether the object is there, and then writes: writers that meet all win."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self._meeting = threading.Barrier(WRITERS)

    def create(self, key: str, data: bytes) -> bool:
        there = self.get(key) is not None
        self._meeting.wait(30)
        if not there:
            self.put(key, data)
        return not there


class Refusing(MemoryStore):
    """Refuses every conditional write: nobody wins."""

    def create(self, key: str, data: bytes) -> bool:
        return False


class LatelyWrong(MemoryStore):
    """Keeps its promise at first."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.writes = 0

    def create(self, key: str, data: bytes) -> bool:
        with self._lock:
            self.writes += 1
            late = self.writes > (ROUNDS - 1) * WRITERS
        if late:
            self.put(key, data)
        return late or super().create(key, data)


def test_a_store_with_atomic_creates_passes_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    stores: list[Store] = [MemoryStore(), LocalStore(tmp_path)]
    for store in stores:
        assert probe(store) == {"writers": WRITERS, "rounds": ROUNDS}
        assert list(store.list("")) == []


@pytest.mark.parametrize("kind", [Overwriting, CheckThenWrite, Refusing, LatelyWrong])
def test_a_store_that_lies_is_refused_by_name(kind: type[MemoryStore]) -> None:
    store = kind("memory://liar")
    with pytest.raises(StoreError) as caught:
        probe(store)
    assert caught.value.code == "store/unsupported"
    assert caught.value.where == "memory://liar"
    assert f"of {WRITERS} concurrent conditional writes" in caught.value.problem


def test_a_store_that_lies_keeps_nothing_of_the_probe() -> None:
    store = Overwriting()
    with pytest.raises(StoreError):
        probe(store)
    assert list(store.list("")) == []


def test_a_store_that_lies_to_writers_one_after_the_other_is_honest() -> None:
    # Why the probe is concurrent: a sequence of writes does not find this one out.
    class Polite(CheckThenWrite):
        def create(self, key: str, data: bytes) -> bool:
            self._meeting = threading.Barrier(1)
            return super().create(key, data)

    store = Polite("memory://")
    assert [store.create("key", str(number).encode()) for number in range(WRITERS)].count(True) == 1


def test_a_store_that_fails_is_not_called_a_liar_and_keeps_nothing_of_the_probe() -> None:
    class Failing(MemoryStore):
        def create(self, key: str, data: bytes) -> bool:
            if super().create(key, data):
                return True
            raise StoreError("store/unreachable", "gone.", remedy="x.", where=self.uri)

    store = Failing()
    with pytest.raises(StoreError) as caught:
        probe(store)
    assert caught.value.code == "store/unreachable"
    assert list(store.list("")) == []
