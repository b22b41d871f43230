"""Aliases: a log of moves of which the newest counts, and no move is lost or made twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError, UsageError
from headstart.registry import log
from headstart.registry.aliases import current, history, move, names
from headstart.store import Store
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.quick_folder import quick_folder
from tests.support.wrapped_store import InterruptedStore


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, folder: Path) -> Store:
    return MemoryStore() if request.param == "memory" else LocalStore(folder / "registry")


def point(store: Store, version: int, decision: str = "", alias: str = "champion", name: str = "intents") -> int:
    return move(store, name, alias, version, f"better, said {decision}", decision).sequence


def test_an_alias_that_never_moved_points_nowhere(store: Store) -> None:
    assert current(store, "intents", "champion") is None
    assert list(history(store, "intents", "champion")) == []
    assert names(store, "intents") == []


def test_the_newest_move_counts_and_the_log_keeps_them_all(store: Store) -> None:
    versions = [1, 2, 1, 3, 5, 4, 6, 7, 8, 9, 10, 2]
    for version in versions:
        point(store, version)
    newest = current(store, "intents", "champion")
    assert newest is not None
    assert newest.version == 2
    moves = list(history(store, "intents", "champion"))
    assert [each.version for each in moves] == versions[::-1]
    assert [each.sequence for each in moves] == list(range(len(versions), 0, -1))


def test_a_move_says_who_when_and_why(store: Store) -> None:
    made = move(store, "intents", "champion", 3, "better", "d" * 64)
    assert (made.alias, made.version, made.reason, made.decision, made.format) == (
        "champion",
        3,
        "better",
        "d" * 64,
        1,
    )
    assert made.by
    assert made.at.endswith("+00:00")
    assert current(store, "intents", "champion") == made


def test_aliases_whose_names_begin_alike_do_not_mix(store: Store) -> None:
    for version, alias in enumerate(["champion", "champion-2", "champio", "c"], 1):
        point(store, version, alias=alias)
    assert names(store, "intents") == ["c", "champio", "champion", "champion-2"]
    assert [each.version for each in history(store, "intents", "champion")] == [1]
    assert [each.version for each in history(store, "intents", "c")] == [4]


def test_models_whose_names_begin_alike_do_not_mix(store: Store) -> None:
    point(store, 1, name="intents")
    point(store, 2, name="intents-2")
    assert [each.version for each in history(store, "intents", "champion")] == [1]
    assert names(store, "intent") == []


def test_the_same_decision_moves_it_once(store: Store) -> None:
    assert point(store, 3, "decision") == point(store, 3, "decision") == 1
    assert len(list(history(store, "intents", "champion"))) == 1


def test_moves_by_hand_are_all_made(store: Store) -> None:
    assert [point(store, 3), point(store, 3)] == [1, 2]


def test_another_decision_for_the_same_version_is_another_move(store: Store) -> None:
    assert [point(store, 3, "one"), point(store, 3, "other")] == [1, 2]


def test_a_decision_that_is_carried_out_again_does_not_undo_a_later_one(store: Store) -> None:
    # A run that was killed after its move and is started again, when another run has promoted a better model.
    point(store, 1, "older")
    point(store, 2, "newer")
    point(store, 1, "older")
    newest = current(store, "intents", "champion")
    assert newest is not None
    assert newest.version == 2


def test_who_loses_the_race_moves_after_the_winner() -> None:
    plain = MemoryStore()
    store = InterruptedStore(plain, "create", "models/", lambda: point(plain, 7))
    assert point(store, 8) == 2
    assert [each.version for each in history(plain, "intents", "champion")] == [8, 7]


def test_many_movers_at_once_lose_no_move(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        sequences = list(pool.map(lambda version: point(store, version, f"decision {version}"), range(1, 33)))
    assert sorted(sequences) == list(range(1, 33))
    assert sorted(each.version for each in history(store, "intents", "champion")) == list(range(1, 33))


def test_a_reader_sees_the_old_or_the_new_version_and_never_none(store: Store) -> None:
    point(store, 1)
    with ThreadPoolExecutor(2) as pool:
        moving = pool.submit(lambda: [point(store, version) for version in range(2, 40)])
        seen = [0]
        while not moving.done():
            newest = current(store, "intents", "champion")
            assert newest is not None
            seen.append(newest.version)
        assert moving.result() == list(range(2, 40))
    assert seen == sorted(seen)


def test_after_too_many_lost_races_the_mover_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unlucky(MemoryStore):
        def create(self, key: str, data: bytes) -> bool:
            return False

    monkeypatch.setattr(log, "ATTEMPTS", 5)
    with pytest.raises(HeadstartError) as caught:
        point(Unlucky(), 1)
    assert (caught.value.code, caught.value.where) == ("registry/contended", "intents@champion")


@pytest.mark.parametrize("record", [b"", b"{", b"{}", b"[]", b"\xff"])
def test_a_damaged_move_is_not_believed(store: Store, record: bytes) -> None:
    point(store, 1)
    store.put("models/intents/aliases/champion/99999997.json", record)
    for read in (lambda: current(store, "intents", "champion"), lambda: point(store, 2)):
        with pytest.raises(IntegrityError) as caught:
            read()
        assert caught.value.where.endswith("models/intents/aliases/champion/99999997.json")


def test_a_move_of_a_newer_format_is_refused(store: Store) -> None:
    made = move(store, "intents", "champion", 1, "", "")
    newer = made.model_dump(mode="json") | {"format": 2, "sequence": 2}
    store.put("models/intents/aliases/champion/99999997.json", canonical_json(newer))
    with pytest.raises(IntegrityError, match="newer Headstart"):
        current(store, "intents", "champion")


def test_a_stray_object_among_the_moves_is_no_move(store: Store) -> None:
    point(store, 1)
    store.put("models/intents/aliases/champion/.DS_Store", b"stray")
    newest = current(store, "intents", "champion")
    assert newest is not None
    assert newest.version == 1


@pytest.mark.parametrize("name", ["", "..", "../x", "A", "a/b", "\u0430", "a\n", "x" * 64])
def test_a_name_that_is_no_safe_name_is_refused(store: Store, name: str) -> None:
    for wrong in (
        lambda: point(store, 1, alias=name),
        lambda: point(store, 1, name=name),
        lambda: current(store, name, "champion"),
        lambda: current(store, "intents", name),
        lambda: names(store, name),
    ):
        with pytest.raises(UsageError):
            wrong()
    assert list(store.list("")) == []


def test_a_user_without_a_name_can_move_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # A container that runs under a number of its own, as OpenShift has it, has no entry in /etc/passwd.
    def unknown(uid: int) -> object:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert move(store, "intents", "champion", 1, "", "").by
