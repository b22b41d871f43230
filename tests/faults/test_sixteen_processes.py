"""Sixteen processes publish and move an alias at once, a thousand times: nothing is lost, nothing is there twice."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.blobs import Blobs
from headstart.registry import Registry, references
from headstart.stores.memory import MemoryStore
from tests.support.drafts import bytes_of, draft
from tests.support.quick_folder import quick_folder

PROCESSES, ROUNDS = 16, 63


@pytest.fixture
def place() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


def work(place: Path, who: int) -> list[tuple[int, int]]:
    """The number of each version that a process published, and of the move that it made to it."""
    registry, source = Registry(place), Blobs(MemoryStore())
    done = []
    for number in range(ROUNDS):
        tx = f"tx-{who}-{number}"
        version = registry.publish(draft(source, {"model": tx.encode()}), source, tx).version
        done.append((version, registry.move("intents", "champion", version, tx).sequence))
    return done


@pytest.mark.slow
def test_a_thousand_rounds_of_sixteen_processes(place: Path) -> None:
    Registry(place).prepare()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        done = pool.starmap(work, [(place, who) for who in range(PROCESSES)])
    total = PROCESSES * ROUNDS
    assert total > 1000
    assert sorted(version for each in done for version, _ in each) == list(range(1, total + 1))
    assert sorted(sequence for each in done for _, sequence in each) == list(range(1, total + 1))
    registry = Registry(place)
    for who, each in enumerate(done):
        for number, (version, _) in enumerate(each):
            record = references.record(registry.store, "intents", version)
            assert record.tx == f"tx-{who}-{number}"
            assert bytes_of(registry.store, record) == {"model": record.tx.encode()}
    moves = {move.sequence: (move.version, move.reason) for move in registry.history("intents", "champion")}
    assert moves == {
        sequence: (version, f"tx-{who}-{number}")
        for who, each in enumerate(done)
        for number, (version, sequence) in enumerate(each)
    }
    assert registry.catalog()["intents"].versions == list(range(1, total + 1))
