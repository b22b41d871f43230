"""Changes of what versions there are and where aliases point, each of which may happen while another does."""

from collections.abc import Iterable

from headstart.blobs import Blobs
from headstart.errors import IntegrityError
from headstart.registry import aliases, catalog, marks, references
from headstart.registry.aliases import AliasMove
from headstart.store import Store


def delete(store: Store, name: str, versions: Iterable[int], reason: str) -> None:
    """Delete versions.

    Raises:
        UsageError: There is no such version, or an alias points at one.
    """
    wanted = set(versions)
    for number in wanted:
        references.record(store, name, number)
    with catalog.changing(store, name):
        marks.delete(store, name, wanted, reason)


def restore(store: Store, name: str, version: int, reason: str) -> None:
    """Take the deletion of a version back.

    Raises:
        UsageError: There is no such version.
        IntegrityError: A collector has taken its files.
    """
    record, blobs = references.record(store, name, version), Blobs(store)
    with catalog.changing(store, name):
        marks.restore(store, name, [version], reason)
        lost = next((file for file in record.files if not blobs.holds(file)), None)
        if lost is not None:
            marks.delete(store, name, [version], "its files are gone")
    if lost is not None:
        remedy = "Publish the model again."
        raise IntegrityError("integrity/digest", "the bytes are gone.", remedy=remedy, where=f"{store.uri}/{lost.blob}")


def move(store: Store, name: str, alias: str, version: int, reason: str, decision: str) -> AliasMove:
    """Point an alias at a version that is not deleted, also where it is deleted at the same time.

    Raises:
        HeadstartError: Others kept moving the alias first.
    """
    with catalog.changing(store, name):
        made = aliases.move(store, name, alias, version, reason, decision)
        if version in marks.deleted(store, name):  # who deleted it may have looked before the move
            marks.restore(store, name, [version], f"{alias} was moved to it at the same time")
    return made
