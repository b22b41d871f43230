"""``registry.json``: that there is a registry here, of a format that this Headstart reads."""

from headstart.digest import canonical_json
from headstart.errors import IntegrityError, UsageError
from headstart.registry import probe
from headstart.registry.record import FORMAT, format_of
from headstart.store import Store

_KEY = "registry.json"


def is_there(store: Store) -> bool:
    """Whether a registry was made here."""
    return store.stat(_KEY) is not None


def require(store: Store) -> None:
    """Nothing, if there is a registry here that this Headstart reads.

    Raises:
        UsageError: There is none.
        IntegrityError: It is of another format.
    """
    data = store.get(_KEY)
    if data is None:
        remedy = "Check the place; a first version makes a registry."
        raise UsageError("registry/not-found", "there is no registry here.", remedy=remedy, where=store.uri)
    _check(store, data)


def prepare(store: Store) -> None:
    """Make a registry if there is none, once the store has shown that it can be one.

    Raises:
        StoreError: The store cannot be trusted with commits.
        IntegrityError: There is a registry of another format.
    """
    data = store.get(_KEY)
    if data is None:
        store.create(_KEY, canonical_json({"format": FORMAT, "probe": probe.probe(store)}))
        data = store.get(_KEY) or b""
    _check(store, data)


def _check(store: Store, data: bytes) -> None:
    if format_of(data) != FORMAT:
        remedy = "Use a newer Headstart, or another registry URI."
        problem = f"no registry of format {FORMAT}."
        raise IntegrityError("integrity/record", problem, remedy=remedy, where=f"{store.uri}/{_KEY}")
