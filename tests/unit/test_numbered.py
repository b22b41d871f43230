"""Numbered records: the newest counts, and nothing else that lies beside them."""

from headstart import numbered
from headstart.stores.memory import MemoryStore


def test_the_newest_is_the_one_with_the_highest_number() -> None:
    store = MemoryStore()
    assert numbered.newest(store, "names/a") == 0
    for number in (1, 10, 2):
        store.put(numbered.key("names/a", number), b"")
    assert numbered.newest(store, "names/a") == 10


def test_what_lies_beside_the_records_does_not_count() -> None:
    store = MemoryStore()
    for key in ("names/a/checked.json", "names/a/00000009.beat", "names/a/b/00000009.json", "names/ab/00000009.json"):
        store.put(key, b"")
    assert numbered.newest(store, "names/a") == 0
