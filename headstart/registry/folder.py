"""A version as a plain folder in the registry itself, for those who know no registry: KServe, ``from_pretrained``."""

from concurrent.futures import ThreadPoolExecutor

from headstart.errors import IntegrityError
from headstart.registry.record import Version
from headstart.store import Store

_AT_ONCE = 8


def lay_out(store: Store, version: Version) -> str:
    """Put a version's files under their own names, by copies inside the store; gives the folder's URI.

    What is there is left. The folder can be deleted and laid out again: the version does not depend on it.

    Raises:
        IntegrityError: A blob is missing.
    """
    folder = folder_of(version.name, version.version)

    def place(path: str, blob: str, size: int) -> None:
        key = f"{folder}/{path}"
        there = store.stat(key)
        if (there is None or there.size != size) and not store.copy(blob, key):
            where = f"{store.uri}/{blob}"
            raise IntegrityError("integrity/digest", "the bytes are gone.", remedy="Restore them.", where=where)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda file: place(file.path, file.blob, file.size), version.files))
    return f"{store.uri}/{folder}"


def folder_of(name: str, number: int) -> str:
    """What the keys of a version's plain folder begin with, but for the last slash."""
    return f"serve/{name}/{number:08d}"
