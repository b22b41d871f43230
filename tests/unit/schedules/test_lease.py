"""The lock: one holder at a time, and none for ever."""

import os
import threading
from pathlib import Path

import pytest

from headstart.errors import HeadstartError
from headstart.schedules import lease
from headstart.store import Store
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.wrapped_store import InterruptedStore


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else LocalStore(tmp_path)


def test_a_second_one_is_refused_and_told_since_when(store: Store) -> None:
    with (
        lease.hold(store, "a"),
        pytest.raises(HeadstartError, match="has been at it since 20") as refused,
        lease.hold(store, "a"),
    ):
        pass
    assert refused.value.code == "retrain/locked"
    assert "the lock ends in 1" in refused.value.remedy


def test_locks_of_other_names_are_other_locks(store: Store) -> None:
    with lease.hold(store, "a"), lease.hold(store, "b"):
        pass


def test_a_lock_that_was_given_back_is_free_at_once(store: Store) -> None:
    for number in (1, 2, 3):
        with lease.hold(store, "a") as held:
            assert held.number == number
    assert len([info for info in store.list("locks/a/") if info.key.endswith(".json")]) == 1


def test_an_error_inside_gives_the_lock_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), lease.hold(store, "a"):
        _ = 1 / 0
    with lease.hold(store, "a"):
        pass


def _age(folder: Path, seconds: float) -> None:
    """Make all that a holder has touched older."""
    for path in (folder / "locks").rglob("*"):
        if path.is_file():
            seen = path.stat()
            os.utime(path, (seen.st_atime - seconds, seen.st_mtime - seconds))


def test_who_shows_no_life_for_longer_than_the_lease_loses_the_lock_and_knows_it(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with lease.hold(store, "a", seconds=60) as frozen:
        _age(tmp_path, 59)
        with pytest.raises(HeadstartError, match="at it since"), lease.hold(store, "a", seconds=60):
            pass
        frozen.require()
        _age(tmp_path, 2)
        with lease.hold(store, "a", seconds=60) as other:
            other.require()
            with pytest.raises(HeadstartError, match="took over"):
                frozen.require()


def test_a_lock_of_a_time_to_come_is_nobodys_for_the_clock_was_set_back(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with lease.hold(store, "a", seconds=60) as frozen:
        _age(tmp_path, -1e8)
        with lease.hold(store, "a", seconds=60), pytest.raises(HeadstartError, match="took over"):
            frozen.require()


def test_who_has_touched_the_lock_since_the_clock_was_set_back_keeps_it(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with lease.hold(store, "a", seconds=60) as held:
        _age(tmp_path, -1e8)
        held.touch()
        with pytest.raises(HeadstartError, match="at it since"), lease.hold(store, "a", seconds=60):
            pass


def test_a_sign_of_life_keeps_the_lock(tmp_path: Path) -> None:
    with lease.hold(LocalStore(tmp_path), "a", seconds=60) as held:
        _age(tmp_path, 100)
        held.touch()
        with pytest.raises(HeadstartError, match="at it since"), lease.hold(LocalStore(tmp_path), "a", seconds=60):
            pass


def test_a_holder_shows_life_by_itself(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with lease.hold(store, "a", seconds=0.2) as held:
        shown = threading.Event()
        while not shown.wait(0.01):
            if store.stat("locks/a/00000001.beat"):
                shown.set()
        held.require()


def test_of_two_that_come_at_once_one_gets_it() -> None:
    plain = MemoryStore()
    rivals = []

    def rival() -> None:
        context = lease.hold(plain, "a")
        context.__enter__()
        rivals.append(context)

    store = InterruptedStore(plain, "create", "locks/", rival)
    with pytest.raises(HeadstartError, match="at it since"), lease.hold(store, "a"):
        pass
    rivals[0].__exit__(None, None, None)


def test_a_latecomer_cannot_take_a_number_that_was_held_and_forgotten() -> None:
    plain = MemoryStore()
    rivals = []

    def rival() -> None:
        with lease.hold(plain, "a"):
            pass
        context = lease.hold(plain, "a")
        context.__enter__()
        rivals.append(context)

    # It saw no holder; before it takes number 1, that is held and given back, and number 2 is held.
    store = InterruptedStore(plain, "create", "locks/", rival)
    with pytest.raises(HeadstartError, match="at it since"), lease.hold(store, "a"):
        pass
    rivals[0].__exit__(None, None, None)
