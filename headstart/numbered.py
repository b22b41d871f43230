"""Numbered records in a folder of a store, ``<folder>/00000001.json`` and so on, of which the newest counts."""

import re

from headstart.store import Store


def key(folder: str, number: int) -> str:
    """Where a record is."""
    return f"{folder}/{number:08d}.json"


def newest(store: Store, folder: str) -> int:
    """The number of the newest record, 0 where there is none; what else lies in the folder does not count."""
    names = (info.key.removeprefix(f"{folder}/") for info in store.list(f"{folder}/"))
    return max((int(name[:8]) for name in names if re.fullmatch(r"[0-9]{8}\.json", name)), default=0)
